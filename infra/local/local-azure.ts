/** The local cloud on Azure: management and workload API, Azure, simulated machines and our function apps, wired like a real deployment. */
import { randomUUID } from "node:crypto";
import type { Timing } from "./azure/place.ts";
import { type LocalAzure, startAzure } from "./azure/server.ts";
import { SEND } from "./azure/service-bus.ts";
import type { Clock } from "./clock.ts";
import { startCluster } from "./cluster/cluster.ts";
import { type AzureDeployment, type DeployedApp, readAzureDeployment } from "./host/azure/deployment.ts";
import { type AzureHost, startAzureHost } from "./host/azure/host.ts";
import { type FunctionDoor, openFunctionDoor } from "./host/azure/http-trigger.ts";
import {
  COLD_START_SECONDS,
  DEFINITION,
  type LocalBase,
  type LocalCloudOptions,
  type Reach,
  ROLES,
  readAuditSettings,
  roleUser,
  type Side,
  startSide,
  straight,
  trustedAuthority,
  userOf,
} from "./local-cloud.ts";
import { createAll, ROOT, readManifests } from "./manifests.ts";
import type { Authority } from "./tls.ts";

export interface LocalAzureCloud extends LocalBase {
  readonly azure: LocalAzure;
  readonly host: AzureHost;
}

export interface LocalAzureOptions extends Omit<LocalCloudOptions, "real" | "timing"> {
  readonly timing?: Partial<Timing>;
  /** That are there; default: the local Azure's own. */
  readonly resourceGroups?: readonly string[];
  /** A management cluster that is there already, with another deployment's webhook, which forwards; absent: one of its own. */
  readonly beside?: Beside;
}

export interface Beside {
  readonly management: Side;
  /** Where the other deployment forwards to, and what it shows there. */
  readonly door: FunctionDoor;
  readonly auditToken: string;
}

export const SHARED_ROLES = "rbac/management-cluster.yaml";
export const AZURE_ROLES = "rbac/management-cluster-azure.yaml";
export const AZURE_WORKLOAD_ROLES = ["rbac/workload-cluster.yaml", "rbac/workload-cluster-azure.yaml"];

interface Wiring {
  readonly azure: LocalAzure;
  /** Where functions find Azure. */
  readonly endpoints: { readonly arm: string; readonly serviceBus: string };
  readonly management: Side;
  readonly auditToken: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Client ids, by function app. */
  readonly identities: ReadonlyMap<string, string>;
}

/** Each app has an identity of its own, which may do what its roles say. */
function createIdentities({ cloud }: LocalAzure, { apps }: AzureDeployment): ReadonlyMap<string, string> {
  return new Map(
    apps.map(({ name, actions, sends }) => {
      const { clientId } = cloud.directory.register({ name: `lifeguard:${name}` });
      cloud.roles.grant(clientId, [...actions, ...(sends.length > 0 ? [SEND] : [])]);
      return [name, clientId];
    }),
  );
}

/** What Key Vault has under the names that the template gives. */
function secretsOf({ secrets }: DeployedApp, { management, auditToken }: Wiring, name: string): Record<string, string> {
  const kubeconfig = () => management.kubeconfig(userOf(name), [userOf(name)]);
  const values = Object.keys(secrets).map((setting) => {
    if (setting === "LIFEGUARD_KUBECONFIG") return [setting, kubeconfig()];
    return [setting, setting === "LIFEGUARD_AUDIT_TOKENS" ? auditToken : ""];
  });
  return Object.fromEntries(values);
}

/** What the platform and the deploying shell give an app beside its own variables. */
const environmentFor =
  (wiring: Wiring) =>
  (app: DeployedApp): Readonly<Record<string, string>> => ({
    ...wiring.azure.identityEnvironment,
    AZURE_CLIENT_ID: wiring.identities.get(app.name) ?? "",
    WEBSITE_SITE_NAME: app.name,
    LIFEGUARD_SUBSCRIPTION_ID: wiring.azure.cloud.subscriptionId,
    LIFEGUARD_ARM_ENDPOINT: wiring.endpoints.arm,
    LIFEGUARD_SERVICE_BUS: wiring.endpoints.serviceBus,
    LIFEGUARD_OWN_USERS: ROLES.map(roleUser).join(","),
    ...secretsOf(app, wiring, app.name),
    ...wiring.settings,
  });

interface Way extends Reach {
  readonly clock: Clock;
  readonly authority: Authority;
}

async function startManagement(way: Way, door: FunctionDoor, token: string): Promise<Side> {
  const audit = { url: `${door.url}/api/audit`, token, caPem: way.authority.caPem, ...readAuditSettings() };
  const management = await startSide("management", { ...way, audit });
  await createAll(management.client, readManifests(DEFINITION, SHARED_ROLES));
  return management;
}

export async function startLocalAzure(options: LocalAzureOptions): Promise<LocalAzureCloud> {
  const { clock, onProblem, timing, resourceGroups, settings = {}, chaos, beside } = options;
  const authority = await trustedAuthority();
  const way: Way = { clock, authority, through: chaos?.through ?? straight };
  const azure = await startAzure({
    clock,
    authority,
    ...(timing && { timing }),
    ...(resourceGroups && { resourceGroups }),
  });
  const door = beside?.door ?? (await openFunctionDoor({ clock, authority }));
  const auditToken = beside?.auditToken ?? randomUUID();
  const management = beside?.management ?? (await startManagement(way, door, auditToken));
  await createAll(management.client, readManifests(AZURE_ROLES));
  const workload = await startSide(beside ? "edge" : "workload", way);
  await createAll(workload.client, readManifests(...AZURE_WORKLOAD_ROLES));
  const deployment = readAzureDeployment({ root: ROOT, environment: settings });
  const identities = createIdentities(azure, deployment);
  // Not the endpoint of managed identities: it is on the function's own machine, with no wire in between.
  const endpoints = {
    arm: await way.through("arm", azure.endpoint),
    serviceBus: await way.through("servicebus", azure.serviceBusEndpoint),
  };
  const host = await startAzureHost({
    clock,
    root: ROOT,
    deployment,
    cloud: azure.cloud,
    environmentOf: environmentFor({ azure, endpoints, management, auditToken, settings, identities }),
    switches: { scheduledEvents: true },
    coldStartSeconds: COLD_START_SECONDS,
    door,
  });
  chaos?.crash(host, deployment.apps);
  const cluster = await startCluster({ clock, kubeconfig: workload.admin, options: { onProblem } });
  const stop = async () => {
    await host.stop();
    // Its proxies lead to the other deployment's servers too.
    if (!beside) await chaos?.stop();
    await cluster.close();
    for (const server of [...(beside ? [] : [management]), workload, azure]) await server.close();
  };
  return { clock, management, workload, azure, cluster, host, real: false, auditToken, stop };
}
