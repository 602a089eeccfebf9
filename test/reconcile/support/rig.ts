/** Two clusters on the wire and a cloud in memory, with one instance, its Node and its pool: for passes over one drain. */
import type { TestContext } from "node:test";
import { disruptionBudget } from "../../../infra/local/cluster/manifests.ts";
import { upstreamCrds } from "../../../infra/local/stories/crds.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Key } from "../../../lib/api/key.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { createMemoryCloud, type MemoryCloud, type MemoryCloudOptions } from "../../../lib/providers/memory/index.ts";
import { drainStep } from "../../../lib/reconcile/drain-step.ts";
import type { Outcome, Settings, World } from "../../../lib/reconcile/step.ts";
import { aMachinePool, aNode, aPool, CLUSTER, NAMESPACE, POOL } from "../../support/builders.ts";
import { createWhole, orUndefined, SETTINGS, startTwoClusters, type TwoClusters } from "./two-clusters.ts";

export const KEY: Key = { kind: instanceTerminations.kind, namespace: NAMESPACE, name: `${POOL}-i-1` };

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

export interface Rig extends TwoClusters {
  readonly cloud: MemoryCloud;
  readonly world: World;
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

export async function startRig(t: TestContext, options: RigOptions = {}): Promise<Rig> {
  const base = await startTwoClusters(t, upstreamCrds);
  const { clock, clusters: both, management, workload } = base;
  const cloud = createMemoryCloud({ ...options.cloud, now: () => clock.now() });
  // Warm: the kubeconfig has been read.
  await both.workload({ namespace: NAMESPACE, name: CLUSTER });
  const settings = { ...SETTINGS, ...options.settings };
  const world = { clusters: both, provider: cloud.provider, now: () => clock.now(), settings };
  const create: Rig["create"] = (cluster, resource, object) =>
    createWhole(cluster === "management" ? management : workload, resource, object);
  await populate({ create, cloud }, options);
  // The warm-up is not counted.
  base.forgetCalls();
  return { ...base, cloud, world, create, ...views({ ...base, world }) };
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

type ViewParts = Pick<Rig, "clock" | "management" | "workload" | "world">;

function views({ clock, management, workload, world }: ViewParts) {
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
