/** The local cloud: management and workload API, AWS, simulated machines and our functions, wired like a real deployment. */
import { randomUUID } from "node:crypto";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { z } from "zod";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { type LocalAws, startAws } from "./aws/server.ts";
import type { Clock } from "./clock.ts";
import { type LocalCluster, type LocalClusterOptions, startCluster } from "./cluster/cluster.ts";
import { readDeployment } from "./host/deployment.ts";
import { type Host, startHost } from "./host/host.ts";
import { type LocalKubernetes, startKubernetes } from "./kubernetes/start.ts";
import { createAll, ROOT, readManifests } from "./manifests.ts";
import { type Authority, createAuthority } from "./tls.ts";

/** An API server with a client that may do everything; `admin` is its kubeconfig. */
export interface Side extends LocalKubernetes {
  readonly admin: string;
  readonly client: KubernetesClient;
}

export interface LocalCloud {
  readonly clock: Clock;
  readonly management: Side;
  readonly workload: Side;
  readonly aws: LocalAws;
  readonly cluster: LocalCluster;
  readonly host: Host;
  /** What the audit webhook shows to the function `audit-received`. */
  readonly auditToken: string;
  stop(): Promise<void>;
}

export interface LocalCloudOptions {
  readonly clock: Clock;
  /** Told of every controller's write that failed for another reason than a lost race. */
  readonly onProblem: (message: string) => void;
  readonly timing?: {
    readonly bootSeconds?: number;
    readonly shutdownSeconds?: number;
    readonly healthCheckSeconds?: number;
  };
  readonly cluster?: LocalClusterOptions;
  readonly coldStartSeconds?: number;
  /** Settings of the deploying shell beside the kubeconfig's place, e.g. LIFEGUARD_REBALANCE_POLICY. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The Kubernetes roles of infra/kubernetes/rbac; their users and groups are named alike. */
export const ROLES = ["termination-recorder", "drain-continued", "overdue-swept", "pool-continued"] as const;
export const roleUser = (role: string): string => `lifeguard:${role}`;
const userOf = (functionName: string): string => roleUser(ROLES.find((role) => role === functionName) ?? ROLES[0]);

let processAuthority: Promise<Authority> | undefined;

/** One for all local clouds of a process: their SDKs share its list of trusted authorities. */
async function trustedAuthority(): Promise<Authority> {
  const authority = await createAuthority();
  // What NODE_EXTRA_CA_CERTS does for a process that is about to start.
  setDefaultCACertificates([...getCACertificates("default"), authority.caPem]);
  return authority;
}

async function startSide(
  name: string,
  parts: Pick<Parameters<typeof startKubernetes>[0], "clock" | "authority" | "audit">,
): Promise<Side> {
  const kubernetes = await startKubernetes({ ...parts, name, authorize: "rbac" });
  const admin = kubernetes.kubeconfig("admin");
  const called = { name: `the ${name} cluster`, origin: "the local cloud" };
  return { ...kubernetes, admin, client: connect(() => Promise.resolve(admin), called).client(undefined) };
}

const CRD = "crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml";
const auditRule = z.looseObject({ level: z.enum(["None", "Metadata", "Request", "RequestResponse"]) });
const auditPolicy = z.looseObject({ rules: z.array(auditRule) });

/** The shipped policy, and the webhook settings that the file beside it advises. */
const readAuditSettings = () => ({
  policy: auditPolicy.parse(readManifests("audit-policy.yaml")[0]),
  batchMaxWaitSeconds: 1,
  initialBackoffSeconds: 1,
});

const AUDIT_TOKEN = "lifeguard/audit-token";

/** Each function enters the management cluster as itself. */
const kubeconfigSecret = (name: string) => `lifeguard/kubeconfig/${name}`;

/** What Lambda gives a function, and where this deployment keeps its secrets. */
function environmentFor(aws: LocalAws, settings: Readonly<Record<string, string>>) {
  return (name: string): Readonly<Record<string, string>> => ({
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
}

export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { clock, onProblem, timing, settings = {} } = options;
  processAuthority ??= trustedAuthority();
  const authority = await processAuthority;
  const aws = await startAws({ clock, authority, ...(timing ? { timing } : {}) });
  const { queues, onEvent, region, accountId } = aws.cloud;
  const queueUrl = (queue: string) => `${aws.endpoint}/${accountId}/${queue}`;
  const deployment = readDeployment({ root: ROOT, region, environment: settings, queueUrl });
  const host = await startHost({
    clock,
    root: ROOT,
    deployment,
    onEvent,
    queues,
    queueArn: (queue) => `arn:aws:sqs:${region}:${accountId}:${queue}`,
    environmentOf: environmentFor(aws, settings),
    coldStartSeconds: options.coldStartSeconds ?? 0.3,
    authority,
  });
  const auditToken = randomUUID();
  const audit = { url: `${host.url}/audit`, token: auditToken, caPem: authority.caPem, ...readAuditSettings() };
  const management = await startSide("management", { clock, authority, audit });
  const workload = await startSide("workload", { clock, authority });
  const keep = (Name: string, SecretString: string) =>
    aws.cloud.handle("secretsmanager", "CreateSecret", { Name, SecretString });
  await keep(AUDIT_TOKEN, auditToken);
  for (const { name } of deployment.functions) {
    await keep(kubeconfigSecret(name), management.kubeconfig(userOf(name), [userOf(name)]));
  }
  await createAll(
    management.client,
    readManifests("rbac/management-cluster.yaml", "rbac/management-cluster-aws.yaml", CRD),
  );
  await createAll(workload.client, readManifests("rbac/workload-cluster.yaml"));
  const cluster = await startCluster({
    clock,
    kubeconfig: workload.admin,
    options: { onProblem, ...options.cluster },
  });
  const stop = async () => {
    await host.stop();
    await cluster.close();
    for (const server of [management, workload, aws]) await server.close();
  };
  return { clock, management, workload, aws, cluster, host, auditToken, stop };
}
