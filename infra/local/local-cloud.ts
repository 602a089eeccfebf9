/** The local cloud: management and workload API, AWS, simulated machines and our functions, wired like a real deployment. */
import { randomUUID } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { z } from "zod";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { type LocalAws, startAws } from "./aws/server.ts";
import type { Chaos } from "./chaos/chaos.ts";
import type { Clock } from "./clock.ts";
import { type LocalCluster, startCluster } from "./cluster/cluster.ts";
import { readDeployment } from "./host/deployment.ts";
import { type Host, startHost } from "./host/host.ts";
import { collectNamespaces } from "./kubernetes/namespaces.ts";
import type { RealServer } from "./kubernetes/real-api.ts";
import { type LocalKubernetes, startKubernetes } from "./kubernetes/start.ts";
import { createAll, ROOT, readManifests } from "./manifests.ts";
import { type Authority, createAuthority } from "./tls.ts";

/** An API server with a client that may do everything; `admin` is its kubeconfig. */
export interface Side extends LocalKubernetes {
  readonly admin: string;
  readonly client: KubernetesClient;
}

/** What is there whatever the cloud. */
export interface LocalBase {
  readonly clock: Clock;
  readonly management: Side;
  readonly workload: Side;
  readonly cluster: LocalCluster;
  readonly host: Host;
  /** On real API servers: no roles, no StatefulSets, no volumes. */
  readonly real: boolean;
  /** What the audit webhook shows to the function `audit-received`. */
  readonly auditToken: string;
  stop(): Promise<void>;
}

export interface LocalCloud extends LocalBase {
  readonly aws: LocalAws;
}

/** Two bare API servers, fresh for each cloud; the first one's audit webhook leads to this port and shows this token. */
export interface RealServers {
  readonly management: RealServer;
  readonly workload: RealServer;
  readonly audit: { readonly port: number; readonly token: string };
}

export interface LocalCloudOptions {
  readonly clock: Clock;
  /** Told of every controller's write that failed for another reason than a lost race. */
  readonly onProblem: (message: string) => void;
  readonly timing?: { readonly bootSeconds?: number };
  /** Of the shell that deploys: LIFEGUARD_WATCH_FILTER and its like. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What stands between the functions and every server; default: nothing. */
  readonly chaos?: Pick<Chaos, "through" | "crash" | "stop">;
  /** Instead of the embedded API; these servers know no roles. */
  readonly real?: RealServers;
}

/** The Kubernetes roles of infra/kubernetes/rbac; their users and groups are named alike. */
export const ROLES = [
  "termination-recorder",
  "drain-continued",
  "overdue-swept",
  "pool-continued",
  "scheduled-event-emitted",
] as const;
export const roleUser = (role: string): string => `lifeguard:${role}`;
/** Whom a function enters the management cluster as. */
export const userOf = (functionName: string): string =>
  roleUser(ROLES.find((role) => role === functionName) ?? ROLES[0]);

/** Our own SDKs run in this process: it learns to trust what NODE_EXTRA_CA_CERTS names for one that is about to start. */
export async function trustedAuthority(): Promise<Authority> {
  const authority = await createAuthority();
  setDefaultCACertificates([...getCACertificates("default"), authority.caPem]);
  return authority;
}

/** The way of the functions to a server. */
export type Reach = Pick<Chaos, "through">;
export const straight: Reach["through"] = (_, url) => Promise.resolve(url);

export async function startSide(
  name: string,
  { through, ...parts }: Pick<Parameters<typeof startKubernetes>[0], "clock" | "authority" | "audit" | "real"> & Reach,
): Promise<Side> {
  const kubernetes = await startKubernetes({ ...parts, name, authorize: "rbac" });
  const url = await through(name, kubernetes.url);
  const admin = kubernetes.kubeconfig("admin");
  const called = { name: `the ${name} cluster`, origin: "the local cloud" };
  const client = connect(() => Promise.resolve(admin), called).client(undefined);
  const stop = parts.real ? () => {} : collectNamespaces(kubernetes.api);
  const close = () => {
    stop();
    return kubernetes.close();
  };
  const kubeconfig: Side["kubeconfig"] = (user, groups) => kubernetes.kubeconfig(user, groups, url);
  return { ...kubernetes, kubeconfig, admin, client, close };
}

export const DEFINITION = "crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml";
export const MANAGEMENT_ROLES = ["rbac/management-cluster.yaml", "rbac/management-cluster-aws.yaml"];
export const WORKLOAD_ROLES = ["rbac/workload-cluster.yaml", "rbac/workload-cluster-aws.yaml"];
const auditRule = z.looseObject({ level: z.enum(["None", "Metadata", "Request", "RequestResponse"]) });
const auditPolicy = z.looseObject({ rules: z.array(auditRule) });

/** The shipped policy, and the webhook settings that the file beside it advises. */
export const readAuditSettings = () => ({
  policy: auditPolicy.parse(readManifests("audit-policy.yaml")[0]),
  batchMaxWaitSeconds: 1,
  initialBackoffSeconds: 1,
});

export const COLD_START_SECONDS = 0.3;
const AUDIT_TOKEN = "lifeguard/audit-token";

/** Each function enters the management cluster as itself. */
const kubeconfigSecret = (name: string) => `lifeguard/kubeconfig/${name}`;

/** What Lambda gives a function, and where this deployment keeps its secrets. */
const environmentFor =
  (aws: Pick<LocalAws, "cloud" | "endpoint">, settings: Readonly<Record<string, string>>) =>
  (name: string): Readonly<Record<string, string>> => ({
    AWS_REGION: aws.cloud.region,
    // Who called, in the cloud's list of calls.
    AWS_ACCESS_KEY_ID: `lifeguard:${name}`,
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_LAMBDA_FUNCTION_NAME: name,
    LIFEGUARD_KUBECONFIG_ARN: kubeconfigSecret(name),
    LIFEGUARD_AUDIT_TOKEN_ARN: AUDIT_TOKEN,
    LIFEGUARD_OWN_USERS: ROLES.map(roleUser).join(","),
    ...settings,
  });

interface Secrets {
  readonly auditToken: string;
  readonly management: Side;
  readonly functions: readonly { readonly name: string }[];
}

async function keepSecrets({ cloud }: LocalAws, { auditToken, management, functions }: Secrets): Promise<void> {
  const keep = (Name: string, SecretString: string) =>
    cloud.handle("secretsmanager", "CreateSecret", { Name, SecretString });
  await keep(AUDIT_TOKEN, auditToken);
  for (const { name } of functions) {
    await keep(kubeconfigSecret(name), management.kubeconfig(userOf(name), [userOf(name)]));
  }
}

export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { clock, onProblem, timing, real, settings = {}, chaos } = options;
  const through = chaos?.through ?? straight;
  const authority = await trustedAuthority();
  const aws = await startAws({ clock, authority, ...(timing ? { timing } : {}) });
  const { queues, onEvent, region, accountId } = aws.cloud;
  const endpoint = await through("aws", aws.endpoint);
  const queueUrl = (queue: string) => `${endpoint}/${accountId}/${queue}`;
  const deployment = readDeployment({ root: ROOT, region, environment: settings, queueUrl });
  const host = await startHost({
    clock,
    root: ROOT,
    deployment,
    onEvent,
    queues,
    queueArn: (queue) => `arn:aws:sqs:${region}:${accountId}:${queue}`,
    environmentOf: environmentFor({ ...aws, endpoint }, settings),
    coldStartSeconds: COLD_START_SECONDS,
    authority,
    ...(real && { port: real.audit.port }),
  });
  const auditToken = real?.audit.token ?? randomUUID();
  const audit = { url: `${host.url}/audit`, token: auditToken, caPem: authority.caPem, ...readAuditSettings() };
  chaos?.crash(host, deployment.functions);
  const how = { clock, authority, through };
  const management = await startSide("management", { ...how, ...(real ? { real: real.management } : { audit }) });
  const workload = await startSide("workload", { ...how, ...(real && { real: real.workload }) });
  await keepSecrets(aws, { auditToken, management, functions: deployment.functions });
  await createAll(management.client, readManifests(DEFINITION, ...(real ? [] : MANAGEMENT_ROLES)));
  if (!real) await createAll(workload.client, readManifests(...WORKLOAD_ROLES));
  const cluster = await startCluster({
    clock,
    kubeconfig: workload.admin,
    options: { onProblem, binding: real ? "patch" : "bind" },
  });
  const stop = async () => {
    await host.stop();
    await chaos?.stop();
    await cluster.close();
    for (const server of [management, workload, aws]) await server.close();
  };
  return { clock, management, workload, aws, cluster, host, real: real !== undefined, auditToken, stop };
}
