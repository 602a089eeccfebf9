/**
 * The one ARM template, of a subscription: the resource group, roles, identities, what they may do where, and, as nested
 * deployments, everything inside the group and the rights on the secrets of a Key Vault that is not ours.
 */
import { appResources } from "./app.ts";
import { type Code, concat, expression, parameter, quoted, resourceId } from "./expressions.ts";
import {
  grant,
  IDENTITY,
  IDENTITY_VERSION,
  namesOf,
  principalOf,
  ROLE,
  ROLE_VERSION,
  roleGuid,
  roleId,
  siteId,
  VAULT_SECRET,
  vaultName,
} from "./names.ts";
import { nestedDeployment, nestedId, RESOURCES_VERSION, SCHEMAS, type Template } from "./nested.ts";
import type { ArmResource, AzureService, FunctionApp, Parameter } from "./service.ts";
import { subscriptionResources } from "./subscriptions.ts";

const GROUP = "Microsoft.Resources/resourceGroups";
const VAULT_GROUP = `split(${parameter("keyVaultId")}, '/')[4]`;

export function templateOf(service: AzureService): Template {
  const { apps, permissions, shared, name } = service;
  const calling = apps.filter((app) => actionsOf(service, app).length > 0);
  const nested = nestedNames(service);
  const inner = (which: string): Code => nestedId(which, parameter("resourceGroupName"));
  return {
    $schema: `${SCHEMAS}/2018-05-01/subscriptionDeploymentTemplate.json#`,
    contentVersion: "1.0.0.0",
    parameters: Object.fromEntries(Object.entries(shared.parameters).map(([key, one]) => [key, typed(one)])),
    resources: [
      resourceGroup(service),
      ...calling.map((app) =>
        role(service, app.name, { description: app.description, actions: actionsOf(service, app), dataActions: [] }),
      ),
      ...Object.entries(permissions.duties).map(([duty, one]) => role(service, duty, one)),
      identities(service),
      ...calling.map((app) =>
        grant({
          to: app.name,
          role: app.name,
          principal: principalOf(name, app.name),
          dependsOn: [roleId(app.name), inner(nested.identities)],
        }),
      ),
      secrets(service),
      everything(service),
    ],
    outputs: Object.fromEntries(
      [...Object.entries(shared.outputs), ["apps", { type: "object" }] as const].map(([key, { type }]) => [
        key,
        {
          type,
          value: expression(`reference(${inner(nested.everything)}, '${RESOURCES_VERSION}').outputs.${key}.value`),
        },
      ]),
    ),
  };
}

const nestedNames = ({ name, stage }: AzureService) => ({
  identities: `${name}-${stage}-identities`,
  secrets: `${name}-${stage}-secrets`,
  everything: `${name}-${stage}-service`,
});

const actionsOf = ({ permissions }: AzureService, { name }: FunctionApp) => permissions.apps[name] ?? [];

/** Settings come from the environment, so as text; an empty one that must be given has no default. */
function typed({ defaultValue, ...declared }: Parameter) {
  if (defaultValue === "" && (declared.minLength ?? 0) > 0) return declared;
  const text = String(defaultValue);
  if (declared.type === "int") return { ...declared, defaultValue: Number(text) };
  return { ...declared, defaultValue: declared.type === "bool" ? text === "true" : text };
}

const resourceGroup = ({ name, stage }: AzureService): ArmResource => ({
  type: GROUP,
  apiVersion: RESOURCES_VERSION,
  name: expression(parameter("resourceGroupName")),
  location: expression(parameter("location")),
  tags: { service: name, stage },
});

interface Rights {
  readonly description: string;
  readonly actions: readonly string[];
  readonly dataActions: readonly string[];
}

function role({ name, stage }: AzureService, what: string, { description, actions, dataActions }: Rights): ArmResource {
  return {
    type: ROLE,
    apiVersion: ROLE_VERSION,
    name: expression(roleGuid(what)),
    properties: {
      // Unique in the whole tenant, which may have several such deployments.
      roleName: expression(
        concat(
          quoted(`${name} ${stage} ${what} `),
          `uniqueString(subscription().id, ${parameter("resourceGroupName")})`,
        ),
      ),
      description,
      type: "CustomRole",
      permissions: [{ actions, notActions: [], dataActions, notDataActions: [] }],
      assignableScopes: [expression("subscription().id")],
    },
  };
}

const identities = (service: AzureService): ArmResource =>
  nestedDeployment(nestedNames(service).identities, {
    group: parameter("resourceGroupName"),
    parameters: ["location"],
    declared: service.shared.parameters,
    dependsOn: [`subscriptionResourceId(${quoted(GROUP)}, ${parameter("resourceGroupName")})`],
    resources: service.apps.map(({ name }) => ({
      type: IDENTITY,
      apiVersion: IDENTITY_VERSION,
      name: expression(namesOf(service.name, name).identity),
      location: expression(parameter("location")),
      tags: { function: name, stage: service.stage },
    })),
  });

/** Before the apps: a reference that could not be read is looked at again only hours later. */
function secrets(service: AzureService): ArmResource {
  const read = service.apps.flatMap((app) => Object.values(app.secrets).map((from) => ({ app, from })));
  return nestedDeployment(nestedNames(service).secrets, {
    group: VAULT_GROUP,
    parameters: ["resourceGroupName", "keyVaultId", ...new Set(read.map(({ from }) => from))],
    declared: service.shared.parameters,
    dependsOn: [nestedId(nestedNames(service).identities, parameter("resourceGroupName")), roleId("secret")],
    resources: read.map(({ app, from }) =>
      grant({
        to: app.name,
        role: "secret",
        principal: principalOf(service.name, app.name),
        // A name even where none is given: Azure works it out before it looks at the condition.
        on: resourceId(VAULT_SECRET, vaultName, `if(empty(${parameter(from)}), 'none', ${parameter(from)})`),
        condition: `not(empty(${parameter(from)}))`,
      }),
    ),
  });
}

function everything(service: AzureService): ArmResource {
  const { shared, apps, permissions, name } = service;
  const { identities: first, secrets: second, everything: own } = nestedNames(service);
  const sites = apps.map((app) => `${quoted(app.name)}, ${siteId(name, app.name)}`);
  return nestedDeployment(own, {
    group: parameter("resourceGroupName"),
    parameters: Object.keys(shared.parameters),
    declared: shared.parameters,
    variables: shared.variables,
    dependsOn: [
      nestedId(first, parameter("resourceGroupName")),
      nestedId(second, VAULT_GROUP),
      ...Object.keys(permissions.duties).map(roleId),
    ],
    resources: [
      ...shared.resources,
      ...apps.flatMap((app) => [...appResources(service, app), ...subscriptionResources(service, app)]),
    ],
    outputs: { ...shared.outputs, apps: { type: "object", value: expression(`createObject(${sites.join(", ")})`) } },
  });
}
