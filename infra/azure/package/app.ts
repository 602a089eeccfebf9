/** One function app as ARM resources of the service's group: storage, plan, site, and what its identity may do with data. */
import { appSettings } from "./app-settings.ts";
import { type Code, concat, expression, parameter, quoted, resourceId, variable } from "./expressions.ts";
import {
  assignmentId,
  CODE,
  CONTAINER,
  grant,
  identityId,
  namesOf,
  principalOf,
  QUEUE,
  SITE,
  STORAGE,
  STORAGE_VERSION,
  WEB_VERSION,
} from "./names.ts";
import { type ArmResource, type AzureService, type FunctionApp, queuesOf } from "./service.ts";

const PLAN = "Microsoft.Web/serverfarms";
const BLOBS = "Microsoft.Storage/storageAccounts/blobServices";
const POLICY = "Microsoft.Web/sites/basicPublishingCredentialsPolicies";

export const appResources = (service: AzureService, app: FunctionApp): readonly ArmResource[] => [
  ...storage(service, app),
  ...grants(service, app),
  plan(service, app),
  site(service, app),
  ...["scm", "ftp"].map((way) => noPasswords(service, app, way)),
];

/**
 * Every app has an account of its own: who could write another app's code or keys would be that app. The host alone asks
 * for rights on the whole account.
 */
function storage({ name }: AzureService, app: FunctionApp): readonly ArmResource[] {
  const account = namesOf(name, app.name).storage;
  const inside = { apiVersion: STORAGE_VERSION };
  return [
    {
      type: STORAGE,
      ...inside,
      name: expression(account),
      location: expression(parameter("location")),
      kind: "StorageV2",
      sku: { name: "Standard_LRS" },
      properties: {
        allowBlobPublicAccess: false,
        allowSharedKeyAccess: false,
        defaultToOAuthAuthentication: true,
        minimumTlsVersion: "TLS1_2",
        supportsHttpsTrafficOnly: true,
      },
    },
    {
      type: BLOBS,
      ...inside,
      name: expression(concat(account, "'/default'")),
      dependsOn: [expression(resourceId(STORAGE, account))],
      properties: {},
    },
    {
      type: CONTAINER,
      ...inside,
      name: expression(concat(account, quoted(`/default/${CODE}`))),
      dependsOn: [expression(resourceId(BLOBS, account, "'default'"))],
      properties: { publicAccess: "None" },
    },
  ];
}

function grants({ name }: AzureService, app: FunctionApp): readonly ArmResource[] {
  const principal = principalOf(name, app.name);
  const queue = (queueName: string) => resourceId(QUEUE, variable("busName"), quoted(queueName));
  const on = (role: string, resource: Code) =>
    grant({ to: app.name, role, principal, on: resource, dependsOn: [resource] });
  return [
    on("host", resourceId(STORAGE, namesOf(name, app.name).storage)),
    on("telemetry", resourceId("Microsoft.Insights/components", quoted(name))),
    ...app.sends.map((to) => on("sender", queue(to))),
    ...queuesOf(app).map((from) => on("receiver", queue(from))),
  ];
}

/** Flex Consumption: one app to a plan, nothing to pay while nothing happens. */
const plan = ({ name }: AzureService, app: FunctionApp): ArmResource => ({
  type: PLAN,
  apiVersion: WEB_VERSION,
  name: expression(namesOf(name, app.name).plan),
  location: expression(parameter("location")),
  kind: "functionapp",
  sku: { tier: "FlexConsumption", name: "FC1" },
  properties: { reserved: true },
});

function site(service: AzureService, app: FunctionApp): ArmResource {
  const names = namesOf(service.name, app.name);
  const identity = identityId(service.name, app.name);
  return {
    type: SITE,
    apiVersion: WEB_VERSION,
    name: expression(names.site),
    location: expression(parameter("location")),
    kind: "functionapp,linux",
    tags: { function: app.name, stage: service.stage },
    identity: { type: "UserAssigned", userAssignedIdentities: { [expression(identity)]: {} } },
    dependsOn: [
      resourceId(PLAN, names.plan),
      resourceId(CONTAINER, names.storage, "'default'", quoted(CODE)),
      resourceId("Microsoft.Insights/components", quoted(service.name)),
      resourceId("Microsoft.ServiceBus/namespaces", variable("busName")),
      // The host starts with what it may do: rights that come later would first be seen as errors.
      ...grants(service, app).map(assignmentId),
    ].map(expression),
    properties: {
      serverFarmId: expression(resourceId(PLAN, names.plan)),
      httpsOnly: true,
      keyVaultReferenceIdentity: expression(identity),
      virtualNetworkSubnetId: expression(orNull("subnetId")),
      functionAppConfig: {
        deployment: { storage: codeStorage(names.storage, identity) },
        runtime: { name: "node", version: expression(parameter("nodeVersion")) },
        scaleAndConcurrency: {
          instanceMemoryMB: service.memoryMegabytes,
          maximumInstanceCount: expression(parameter("maximumInstances")),
          ...(app.alwaysReady ? { alwaysReady: alwaysReady(app.name) } : {}),
        },
      },
      siteConfig: { minTlsVersion: "1.2", ftpsState: "Disabled", appSettings: appSettings(service, app) },
    },
  };
}

const alwaysReady = (name: string): string =>
  expression(
    `if(greater(${parameter("alwaysReadyInstances")}, 0), createArray(createObject('name', ${quoted(`function:${name}`)}, ` +
      `'instanceCount', ${parameter("alwaysReadyInstances")})), createArray())`,
  );

/** A parameter that may be left empty. */
const orNull = (name: string): Code => `if(empty(${parameter(name)}), json('null'), ${parameter(name)})`;

const codeStorage = (account: Code, identity: Code) => ({
  type: "blobContainer",
  value: expression(
    concat(`reference(${resourceId(STORAGE, account)}, '${STORAGE_VERSION}').primaryEndpoints.blob`, quoted(CODE)),
  ),
  authentication: { type: "UserAssignedIdentity", userAssignedIdentityResourceId: expression(identity) },
});

/** Code is brought with an Entra token only. */
function noPasswords({ name }: AzureService, app: FunctionApp, way: string): ArmResource {
  const { site: siteName } = namesOf(name, app.name);
  return {
    type: POLICY,
    apiVersion: WEB_VERSION,
    name: expression(concat(siteName, quoted(`/${way}`))),
    dependsOn: [expression(resourceId(SITE, siteName))],
    properties: { allow: false },
  };
}
