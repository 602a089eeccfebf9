/** A management and a workload cluster on the wire and a clock moved by hand: what every rig of the steps stands on. */
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { load } from "js-yaml";
import type { Call } from "../../../infra/local/calls.ts";
import { type LocalKubernetes, startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import { kubeconfigSecretName } from "../../../lib/api/core/cluster.ts";
import { customResourceDefinitions } from "../../../lib/api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { namespaces } from "../../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import { connectClusters } from "../../../lib/kubernetes/clusters.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";
import type { Clusters, Settings } from "../../../lib/reconcile/step.ts";
import { CLUSTER, NAMESPACE, NOTICE_TIME } from "../../support/builders.ts";
import { type ManualClock, manualClock } from "../../support/manual-clock.ts";

const TERMINATIONS = new URL(
  "../../../infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml",
  import.meta.url,
);
const FUNCTION_USER = "lifeguard";
const ADMINISTRATORS = ["system:masters"];

export interface TwoClusters {
  readonly clock: ManualClock;
  readonly servers: { readonly management: LocalKubernetes; readonly workload: LocalKubernetes };
  /** Clients that may do everything and are not counted. */
  readonly management: KubernetesClient;
  readonly workload: KubernetesClient;
  /** What our functions asked for, both clusters in order. */
  calls(): readonly Call[];
  /** Writes among them, as "PATCH nodes". */
  writes(): readonly string[];
  forgetCalls(): void;
}

/** Whoever's steps are tested: as a deployment sets them, and short. */
export const SETTINGS: Settings = {
  finishedTtlSeconds: 3600,
  safetyMarginSeconds: 10,
  evictionParallelism: 5,
  dryRun: false,
  nodeNotFoundSeconds: 900,
};

/** With these definitions, the namespace and the kubeconfig of the workload cluster, and nothing else. */
export async function startTwoClusters(
  t: TestContext,
  crds: readonly object[],
): Promise<TwoClusters & { readonly clusters: Clusters }> {
  const clock = manualClock(new Date(NOTICE_TIME));
  const authority = await createAuthority();
  const servers = {
    management: await startKubernetes({ clock, name: "management", authority }),
    workload: await startKubernetes({ clock, name: "workload", authority }),
  };
  t.after(() => Promise.all([servers.management.close(), servers.workload.close()]));
  const admin = (server: LocalKubernetes) =>
    connect(async () => server.kubeconfig("admin"), { name: server.name, origin: "the test" }).client(undefined);
  const [management, workload] = [admin(servers.management), admin(servers.workload)];
  for (const crd of [...crds, load(readFileSync(TERMINATIONS, "utf8"))])
    await management.create(customResourceDefinitions, crd as KubernetesObject);
  await management.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  await createKubeconfig(management, servers.workload);
  const connections = connectClusters({
    management: async () => servers.management.kubeconfig(FUNCTION_USER, ADMINISTRATORS),
  });
  return { clock, servers, management, workload, clusters: connections.during(undefined), ...callsTo(servers) };
}

async function createKubeconfig(management: KubernetesClient, workload: LocalKubernetes): Promise<void> {
  const kubeconfig = workload.kubeconfig(FUNCTION_USER, ADMINISTRATORS);
  const data = { value: Buffer.from(kubeconfig).toString("base64") };
  const metadata = { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE };
  await management.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as KubernetesObject);
}

function callsTo(servers: TwoClusters["servers"]): Pick<TwoClusters, "calls" | "writes" | "forgetCalls"> {
  const both = () => [servers.management.calls, servers.workload.calls];
  const calls = () =>
    both()
      .flat()
      .filter(({ who }) => who === FUNCTION_USER)
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  return {
    calls,
    writes: () => calls().flatMap(({ what }) => (/^(GET|LIST)/.test(what) ? [] : [what])),
    forgetCalls: () => {
      for (const list of both()) list.length = 0;
    },
  };
}

/** Status is another door: what an object says there is written after it. */
export async function createWhole(
  client: KubernetesClient,
  resource: Resource,
  object: KubernetesObject,
): Promise<void> {
  const made = await client.create(resource, object);
  const { status } = object as { status?: object };
  const { namespace, name } = made.metadata;
  const place = namespace === undefined ? { name } : { namespace, name };
  if (status) await client.patch(resource, place, { type: "merge", body: { status } }, "status");
}

export const orUndefined = async <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);
