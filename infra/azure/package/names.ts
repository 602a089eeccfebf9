/** What each function app's own resources are called; each place that names one says it with these. */
import {
  type Code,
  concat,
  expression,
  hash,
  parameter,
  quoted,
  resourceId,
  resourceIdInGroup,
} from "./expressions.ts";

export const IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities";
export const ROLE = "Microsoft.Authorization/roleDefinitions";
export const SITE = "Microsoft.Web/sites";
export const STORAGE = "Microsoft.Storage/storageAccounts";
export const CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers";
export const QUEUE = "Microsoft.ServiceBus/namespaces/queues";
export const VAULT_SECRET = "Microsoft.KeyVault/vaults/secrets";

export const IDENTITY_VERSION = "2023-01-31";
export const ROLE_VERSION = "2022-04-01";
export const STORAGE_VERSION = "2023-05-01";
export const WEB_VERSION = "2024-04-01";

/** The container that a function app takes its code from. */
export const CODE = "code";
/** Where Event Grid puts what it could not deliver. */
export const LETTERS = "event-dead-letters";

export interface AppNames {
  readonly identity: Code;
  readonly plan: Code;
  /** Of the whole world: part of the host name. */
  readonly site: Code;
  /** Of the whole world, 24 letters at most. */
  readonly storage: Code;
}

/** @param service  "lifeguard" */
export const namesOf = (service: string, app: string): AppNames => ({
  identity: quoted(`${service}-${app}`),
  plan: quoted(`${service}-${app}`),
  site: concat(quoted(`${service}-${app}-`), hash()),
  storage: concat("'lg'", hash(quoted(app))),
});

/** A custom role's name is a GUID; of the same deployment it is always the same. */
export const roleGuid = (role: string): Code =>
  `guid(subscription().id, ${parameter("resourceGroupName")}, ${quoted(role)})`;
export const roleId = (role: string): Code => `subscriptionResourceId(${quoted(ROLE)}, ${roleGuid(role)})`;

export const identityId = (service: string, app: string): Code =>
  resourceIdInGroup(IDENTITY, namesOf(service, app).identity);
export const principalOf = (service: string, app: string): Code =>
  `reference(${identityId(service, app)}, '${IDENTITY_VERSION}').principalId`;

export const siteId = (service: string, app: string): Code => resourceId(SITE, namesOf(service, app).site);
export const vaultName: Code = `last(split(${parameter("keyVaultId")}, '/'))`;

export interface Grant {
  /** Makes its name, together with the role: one grant of each. */
  readonly to: string;
  readonly role: string;
  readonly principal: Code;
  /** Resource id; absent: all of the deployment's own scope. */
  readonly on?: Code;
  readonly condition?: Code;
  readonly dependsOn?: readonly Code[];
}

/** A role assignment. */
export const grant = ({ to, role, principal, on, condition, dependsOn = [] }: Grant) => ({
  type: "Microsoft.Authorization/roleAssignments",
  apiVersion: ROLE_VERSION,
  name: expression(
    `guid(${[on ?? "subscription().id", quoted(role), quoted(to), parameter("resourceGroupName")].join(", ")})`,
  ),
  ...(on ? { scope: expression(on) } : {}),
  ...(condition ? { condition: expression(condition) } : {}),
  dependsOn: dependsOn.map(expression),
  properties: {
    roleDefinitionId: expression(roleId(role)),
    principalId: expression(principal),
    // Said, so that Azure does not look for an identity that is only seconds old.
    principalType: "ServicePrincipal",
  },
});

/** The id of a grant on a resource, for what must come after it. */
export function assignmentId({ scope = "", name }: { readonly scope?: string; readonly name: string }): Code {
  const code = (text: string) => text.slice(1, -1);
  return `extensionResourceId(${code(scope)}, 'Microsoft.Authorization/roleAssignments', ${code(name)})`;
}
