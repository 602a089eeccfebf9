/** A management and a workload cluster on the wire, a cloud in memory and a clock moved by hand: what step tests stand on. */
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { load } from "js-yaml";
import type { Call } from "../../../infra/local/calls.ts";
import { disruptionBudget } from "../../../infra/local/cluster/manifests.ts";
import { type LocalKubernetes, startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { upstreamCrds } from "../../../infra/local/stories/crds.ts";
import { type Authority, createAuthority } from "../../../infra/local/tls.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters, kubeconfigSecretName } from "../../../lib/api/core/cluster.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { namespaces, type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import { connectClusters } from "../../../lib/kubernetes/clusters.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";
import { createMemoryCloud, type MemoryCloud, type MemoryCloudOptions } from "../../../lib/providers/memory/index.ts";
import { drainStep } from "../../../lib/reconcile/drain-step.ts";
import type { Outcome, Settings, World } from "../../../lib/reconcile/step.ts";
import { aMachinePool, aNode, aPool, CLUSTER, NAMESPACE, NOTICE_TIME, POOL } from "../../support/builders.ts";
import { type ManualClock, manualClock } from "../../support/manual-clock.ts";

const CRD = new URL(
  "../../../infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml",
  import.meta.url,
);
const definitions: Resource = {
  apiVersion: "apiextensions.k8s.io/v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};
export const KEY: Key = { kind: instanceTerminations.kind, namespace: NAMESPACE, name: `${POOL}-i-1` };
const FUNCTION_USER = "lifeguard";

export interface RigOptions {
  readonly settings?: Partial<Settings>;
  /** Hooks of the group; default one named "drain" with 300 s. */
  readonly hooks?: readonly { readonly name: string; readonly heartbeatTimeoutSeconds?: number }[];
  /** Default true: one Node "node-1" for the instance i-1. */
  readonly node?: boolean | Node;
  readonly pool?: KubernetesObject;
  readonly machinePool?: KubernetesObject;
  readonly cloud?: Omit<MemoryCloudOptions, "now">;
}

export interface Rig {
  readonly clock: ManualClock;
  readonly cloud: MemoryCloud;
  readonly world: World;
  /** Clients that may do everything and are not counted. */
  readonly management: KubernetesClient;
  readonly workload: KubernetesClient;
  readonly servers: { readonly management: LocalKubernetes; readonly workload: LocalKubernetes };
  /** What our functions asked for, both clusters in order; clouds beside them in `cloud.calls`. */
  calls(): readonly Call[];
  /** Writes among them, as "PATCH nodes". */
  writes(): readonly string[];
  drain(): Promise<Outcome>;
  termination(): Promise<InstanceTermination | undefined>;
  node(name?: string): Promise<Node | undefined>;
  podNames(): Promise<readonly string[]>;
  /** The kubelet: pods whose grace is over are gone. */
  kubelet(): Promise<void>;
  /** Time passes, and kubelets work. */
  pass(seconds: number): Promise<void>;
  create<T extends KubernetesObject>(cluster: "management" | "workload", resource: Resource, object: T): Promise<void>;
}

/** A budget that allows `allowed` disruptions of the pods labelled app=<app>. */
export const aBudget = (app: string, allowed: number, name = app) => {
  const status = { disruptionsAllowed: allowed, currentHealthy: 1 + allowed, desiredHealthy: 1, expectedPods: 1 };
  return {
    ...disruptionBudget(app, { minAvailable: 1 }, { name }),
    status: { ...status, observedGeneration: 1 },
  };
};

export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const orUndefined = async <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);

export async function startRig(t: TestContext, options: RigOptions = {}): Promise<Rig> {
  const clock = manualClock(new Date(NOTICE_TIME));
  const authority = await createAuthority();
  const servers = await startServers(t, clock, authority);
  const admin = (server: LocalKubernetes) =>
    connect(async () => server.kubeconfig("admin"), { name: server.name, origin: "the test" }).client(undefined);
  const [management, workload] = [admin(servers.management), admin(servers.workload)];
  const cloud = createMemoryCloud({ ...options.cloud, now: () => clock.now() });
  const world = await worldOf({ clock, cloud, servers, management }, options.settings);
  const create: Rig["create"] = (cluster, resource, object) =>
    createWhole(cluster === "management" ? management : workload, resource, object);
  await populate({ create, cloud }, options);
  // The warm-up is not counted.
  servers.management.calls.length = 0;
  servers.workload.calls.length = 0;
  return {
    clock,
    cloud,
    world,
    management,
    workload,
    servers,
    create,
    ...views({ clock, servers, management, workload, world }),
  };
}

async function startServers(t: TestContext, clock: ManualClock, authority: Authority) {
  const management = await startKubernetes({ clock, name: "management", authority });
  const workload = await startKubernetes({ clock, name: "workload", authority });
  t.after(() => Promise.all([management.close(), workload.close()]));
  return { management, workload };
}

interface Parts {
  readonly clock: ManualClock;
  readonly cloud: MemoryCloud;
  readonly servers: Rig["servers"];
  readonly management: KubernetesClient;
}

async function worldOf({ clock, cloud, servers, management }: Parts, settings: Partial<Settings> = {}): Promise<World> {
  for (const crd of [...upstreamCrds, load(readFileSync(CRD, "utf8"))])
    await management.create(definitions, crd as KubernetesObject);
  await management.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const kubeconfig = servers.workload.kubeconfig(FUNCTION_USER, ["system:masters"]);
  const data = { value: Buffer.from(kubeconfig).toString("base64") };
  const metadata = { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE };
  await management.create(secrets, { apiVersion: "v1", kind: "Secret", metadata, data } as KubernetesObject);
  const connections = connectClusters({
    management: async () => servers.management.kubeconfig(FUNCTION_USER, ["system:masters"]),
  });
  const both = connections.during(undefined);
  // Warm: the kubeconfig has been read.
  await both.workload({ namespace: NAMESPACE, name: CLUSTER });
  return {
    clusters: both,
    provider: cloud.provider,
    now: () => clock.now(),
    settings: {
      finishedTtlSeconds: 3600,
      safetyMarginSeconds: 10,
      evictionParallelism: 5,
      dryRun: false,
      nodeNotFoundSeconds: 900,
      ...settings,
    },
  };
}

/** Status is another door: what an object says there is written after it. */
async function createWhole(client: KubernetesClient, resource: Resource, object: KubernetesObject): Promise<void> {
  const made = await client.create(resource, object);
  const { status } = object as { status?: object };
  const { namespace, name } = made.metadata;
  const place = namespace === undefined ? { name } : { namespace, name };
  if (status) await client.patch(resource, place, { type: "merge", body: { status } }, "status");
}

async function populate({ create, cloud }: Pick<Rig, "create" | "cloud">, options: RigOptions): Promise<void> {
  const hooks = options.hooks ?? [{ name: "drain", heartbeatTimeoutSeconds: 300 }];
  cloud.addGroup({ name: POOL, clusterNames: [CLUSTER], hooks });
  cloud.addInstance({ id: "i-1", groupName: POOL, nodeName: "node-1" });
  const cluster = {
    apiVersion: clusters.apiVersion,
    kind: clusters.kind,
    metadata: { name: CLUSTER, namespace: NAMESPACE },
  };
  await create("management", clusters, { ...cluster, spec: {} } as KubernetesObject);
  const pool = options.machinePool ?? aMachinePool(options.node === false ? { nodes: [] } : {});
  await create("management", machinePools, pool);
  await create("management", awsMachinePools, options.pool ?? aPool());
  if (options.node !== false)
    await create("workload", nodes, typeof options.node === "object" ? options.node : aNode());
}

type ViewParts = Omit<Parts, "cloud"> & Pick<Rig, "workload" | "world">;

function views({ clock, servers, management, workload, world }: ViewParts) {
  const calls = () =>
    [...servers.management.calls, ...servers.workload.calls]
      .filter(({ who }) => who === FUNCTION_USER)
      .sort((a, b) => a.at.getTime() - b.at.getTime());
  const podList = async () => {
    const all: Pod[] = [];
    for await (const page of workload.list<Pod>(pods)) all.push(...page);
    return all;
  };
  const kubelet = async () => {
    for (const { metadata } of await podList()) {
      const end = metadata.deletionTimestamp;
      if (end === undefined || Date.parse(end) > clock.now().getTime()) continue;
      await workload.delete(
        pods,
        { namespace: metadata.namespace ?? "", name: metadata.name },
        { gracePeriodSeconds: 0 },
      );
    }
  };
  const { name, namespace } = KEY;
  return {
    calls,
    writes: () => calls().flatMap(({ what }) => (/^(GET|LIST)/.test(what) ? [] : [what])),
    drain: () => drainStep(world, KEY),
    termination: () => orUndefined(management.get<InstanceTermination>(instanceTerminations, { namespace, name })),
    node: (node = "node-1") => orUndefined(workload.get<Node>(nodes, { name: node })),
    podNames: async () => (await podList()).map(({ metadata }) => metadata.name).sort(),
    kubelet,
    pass: async (seconds: number) => {
      clock.advance(seconds);
      await kubelet();
    },
  };
}
