/** Our deployed functions through their real handlers: on an embedded management and workload API and the local AWS. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { type LocalAws, startAws } from "../../../../infra/local/aws/server.ts";
import { loadFresh, runInside } from "../../../../infra/local/host/sandbox.ts";
import { createAll, readManifests } from "../../../../infra/local/manifests.ts";
import { createAuthority } from "../../../../infra/local/tls.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { manualClock } from "../../../support/manual-clock.ts";
import { type Line, linesOf, ROOT, type Side, startClusters } from "../../clusters.ts";

export { createAny, type Line, linesOf, outcomesOf } from "../../clusters.ts";

export const QUEUE = "looks";
export const POOL_QUEUE = "pool-looks";
export const AUDIT_TOKEN = "audit-token-of-today";
const KUBECONFIG_SECRET = "lifeguard/management";
const AUDIT_SECRET = "lifeguard/audit";

export interface Invoked {
  readonly answer: unknown;
  /** What the handler threw; undefined when it answered. */
  readonly error: unknown;
  /** Log lines and metrics, parsed. */
  readonly lines: readonly Line[];
  /** The same as text, for what must never be in it. */
  readonly output: string;
  /** Requests to the management cluster, the workload cluster and AWS: "PATCH nodes", "SendMessage" ... */
  readonly calls: readonly string[];
}

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** Roles of infra/kubernetes/rbac, and who has them; every other function records. */
const RECORDER = "termination-recorder";
const ROLES = [RECORDER, "drain-continued", "overdue-swept", "pool-continued"];

export interface HarnessOptions {
  /** Every function enters the management cluster as itself, with the shipped role and no more. */
  readonly withRoles?: boolean;
}

export async function startHarness({ withRoles = false }: HarnessOptions = {}) {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const authority = await createAuthority();
  setDefaultCACertificates([...getCACertificates("default"), authority.caPem]);
  const aws = await startAws({ clock, authority });
  const clusters = await startClusters({ clock, authority, withRoles });
  const { management, workload } = clusters;
  if (withRoles) await admitRoles({ aws, management, workload });
  aws.cloud.queues.create(QUEUE);
  aws.cloud.queues.create(POOL_QUEUE);
  const kubeconfig = management.api.kubeconfig("lifeguard");
  await aws.cloud.handle("secretsmanager", "CreateSecret", { Name: KUBECONFIG_SECRET, SecretString: kubeconfig });
  await aws.cloud.handle("secretsmanager", "CreateSecret", { Name: AUDIT_SECRET, SecretString: AUDIT_TOKEN });

  const environment = environmentOf(aws);
  const logs = [management.api.calls, workload.api.calls, aws.calls];
  const callsSince = (counts: readonly number[]) =>
    logs.flatMap((calls, index) => calls.slice(counts[index]).map(({ what }) => what));

  /** A new sandbox of one deployed function. */
  const load = async (name: string, more: Readonly<Record<string, string>> = {}) => {
    const role = ROLES.includes(name) ? name : RECORDER;
    const entering = withRoles ? { LIFEGUARD_KUBECONFIG_ARN: kubeconfigOf(role) } : {};
    const own = { ...environment, ...entering, ...more, AWS_LAMBDA_FUNCTION_NAME: name };
    const inside = { environment: own, write: () => {}, mayCall: () => true, now: () => clock.now() };
    const { handler } = await runInside(inside, () => loadFresh(`${ROOT}functions/aws/${name}.ts`));
    return async (event: unknown, milliseconds = 30_000): Promise<Invoked> => {
      const counts = logs.map(({ length }) => length);
      let output = "";
      const write = (text: string) => {
        output += text;
      };
      const end = performance.now() + milliseconds;
      const context = {
        functionName: name,
        awsRequestId: "4c5e7d1a-0000-4000-8000-000000000001",
        getRemainingTimeInMillis: () => end - performance.now(),
      };
      const [answer, error] = await runInside({ ...inside, write }, () =>
        (handler as Handler)(structuredClone(event), context).then(
          (value) => [value, undefined],
          (thrown: unknown) => [undefined, thrown],
        ),
      );
      return { answer, error, output, lines: linesOf(output), calls: callsSince(counts) };
    };
  };
  return {
    clock,
    authority,
    aws,
    management,
    workload,
    load,
    /** Keys that are on the queue after so many seconds (default: whenever); takes them off. */
    takeKeys: (afterSeconds = 901, queue = QUEUE): readonly Key[] => {
      clock.advance(afterSeconds);
      const messages = aws.cloud.queues.receive(queue, 100);
      for (const { receipt } of messages) if (receipt) aws.cloud.queues.delete(queue, receipt);
      return messages.map(({ body }) => JSON.parse(body));
    },
    terminations: clusters.terminations,
    setAuditTokens: async (text: string) =>
      aws.cloud.handle("secretsmanager", "PutSecretValue", { SecretId: AUDIT_SECRET, SecretString: text }),
    close: async () => {
      await aws.close();
      await clusters.close();
    },
  };
}

const kubeconfigOf = (role: string) => `lifeguard/kubeconfig/${role}`;

async function admitRoles({ aws, management, workload }: { aws: LocalAws; management: Side; workload: Side }) {
  for (const role of ROLES) {
    const SecretString = management.api.kubeconfig(`lifeguard:${role}`, [`lifeguard:${role}`]);
    await aws.cloud.handle("secretsmanager", "CreateSecret", { Name: kubeconfigOf(role), SecretString });
  }
  await createAll(management.client, readManifests("rbac/management-cluster.yaml", "rbac/management-cluster-aws.yaml"));
  await createAll(workload.client, readManifests("rbac/workload-cluster.yaml", "rbac/workload-cluster-aws.yaml"));
}

/** What Lambda and the deployment give each function. */
const environmentOf = ({ cloud, endpoint }: LocalAws): Readonly<Record<string, string>> => ({
  AWS_REGION: cloud.region,
  AWS_ACCESS_KEY_ID: "AKIATESTFUNCTION",
  AWS_SECRET_ACCESS_KEY: "secret-access-key-of-the-function",
  AWS_SESSION_TOKEN: "session-token-of-the-function",
  AWS_ENDPOINT_URL: endpoint,
  AWS_MAX_ATTEMPTS: "1",
  LIFEGUARD_QUEUE_URL: `${endpoint}/${cloud.accountId}/${QUEUE}`,
  LIFEGUARD_POOL_QUEUE_URL: `${endpoint}/${cloud.accountId}/${POOL_QUEUE}`,
  LIFEGUARD_KUBECONFIG_ARN: KUBECONFIG_SECRET,
  LIFEGUARD_AUDIT_TOKEN_ARN: AUDIT_SECRET,
});

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** Metrics of one name: their values with their dimensions. */
export const metricsOf = (lines: readonly Line[], name: string): readonly Line[] =>
  lines.filter((line) => "_aws" in line && name in line);
