/** A stage on which functions alone look after a pool, on any cloud: what stands on it, and what a person can do there. */
import { kubeconfigSecretName } from "../../../../lib/api/core/cluster.ts";
import { type Machine, machines } from "../../../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import { type Pod, pods } from "../../../../lib/api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../../../lib/api/kubernetes/secret.ts";
import type { At, KubernetesClient } from "../../../../lib/kubernetes/client.ts";
import type { Clock } from "../../clock.ts";
import { daemonSet, deployment, disruptionBudget } from "../../cluster/manifests.ts";
import { type LocalBase, ROLES, roleUser } from "../../local-cloud.ts";
import { createAll } from "../../manifests.ts";
import type { Timeline } from "../../timeline.ts";
import type { Infrastructure } from "../infrastructure.ts";
import { watchCloud } from "../observer.ts";
import { type CountedStage, database, terminationsOf } from "../stage.ts";
import type { Bootstrap } from "./bootstrap.ts";
import type { PoolNames } from "./manifests.ts";
import { type PoolWatch, watchPools } from "./watch.ts";

export interface PoolStage extends CountedStage {
  readonly management: KubernetesClient;
  readonly bootstrap: Bootstrap;
  readonly pools: PoolWatch;
  /** MachinePool and infrastructure pool share one name. */
  readonly poolAt: Required<At>;
  /** Creates, in this order, the objects of one pool and its bootstrap data, as `kubectl apply -f` would. */
  readonly applyPool: (spec?: object) => Promise<void>;
  /** Through the scale subresource, as kubectl and cluster-autoscaler do. */
  readonly scaleTo: (replicas: number) => Promise<void>;
  /** A change that asks for nothing: whoever looks finds the pool as it was. A pool that is gone is left alone. */
  readonly touchPool: () => Promise<void>;
  readonly machinePool: () => MachinePool | undefined;
  readonly infrastructurePool: () => InfrastructurePool | undefined;
  readonly machines: () => readonly Machine[];
  /** Names of the pods on a Node. */
  readonly podsOn: (nodeName: string) => readonly string[];
  readonly strike: () => Promise<void>;
}

/** What every kind of infrastructure pool says in the same way. */
export interface InfrastructurePool extends KubernetesObject {
  readonly status?: {
    readonly ready?: boolean;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** Six pods with a budget, two with volumes and a long shutdown, and an agent on every Node. */
const workloads = (real: boolean): object[] => [
  deployment("web", 6),
  disruptionBudget("web", { minAvailable: 4 }),
  ...database(real),
  daemonSet("agent", { namespace: "kube-system", spec: { tolerations: [{ operator: "Exists" }] } }),
];

/** Status is another door: what an object says there is written after it. */
export async function createWhole(client: KubernetesClient, objects: readonly object[]): Promise<void> {
  await createAll(client, objects);
  for (const given of objects) {
    const { apiVersion = "", kind = "", metadata, status } = given as KubernetesObject & { readonly status?: object };
    if (!status) continue;
    const { namespace = "", name } = metadata;
    const resource = { apiVersion, kind, plural: `${kind.toLowerCase()}s` };
    await client.patch(resource, { namespace, name }, { type: "merge", body: { status } }, "status");
  }
}

export interface Prepared {
  /** Of the management cluster; empty: it has them. */
  readonly crds: readonly KubernetesObject[];
  readonly names: PoolNames;
  /** Cluster and infrastructure cluster. */
  readonly clusterObjects: readonly object[];
}

/** The kinds, once for a management cluster; a namespace, the Cluster in it, its kubeconfig, and what runs on it. */
export async function prepareCluster(
  { management, workload, real }: LocalBase,
  { crds, names: { namespace, cluster }, clusterObjects }: Prepared,
): Promise<void> {
  await createAll(management.client, crds);
  await createAll(management.client, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
  await createWhole(management.client, clusterObjects);
  const kubeconfig = workload.kubeconfig("lifeguard", ROLES.map(roleUser));
  await management.client.create<Secret>(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: kubeconfigSecretName(cluster), namespace },
    type: "cluster.x-k8s.io/secret",
    data: { value: Buffer.from(kubeconfig).toString("base64") },
  });
  await createAll(workload.client, workloads(real));
}

export interface PoolStageParts<Cloud extends LocalBase> {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly timeline: Timeline;
  readonly infrastructure: Infrastructure;
  readonly bootstrap: Bootstrap;
  readonly names: PoolNames;
  /** Bootstrap config, MachinePool and infrastructure pool of a spec. */
  readonly objectsOf: (spec: object) => readonly object[];
}

/** @returns with no pool yet: its pods wait for Nodes */
export async function openPoolStage<Cloud extends LocalBase>(parts: PoolStageParts<Cloud>) {
  const { cloud, clock, timeline, infrastructure, bootstrap, names } = parts;
  const { namespace, cluster, pool } = names;
  const management = cloud.management.client;
  const watched = await watchCloud(cloud, timeline, namespace);
  infrastructure.say(timeline);
  const pools = await watchPools(cloud, { clock, timeline, infrastructure, namespace });
  const poolAt = { namespace, name: pool };
  const named = <T extends KubernetesObject>(objects: readonly T[]) =>
    objects.find(({ metadata }) => metadata.name === pool);
  return {
    cloud,
    infrastructure,
    timeline,
    watched,
    management,
    bootstrap,
    pools,
    poolAt,
    terminations: () => terminationsOf(watched, pool),
    podsOn: (nodeName: string) =>
      watched
        .items<Pod>(pods)
        .filter(({ spec }) => spec?.nodeName === nodeName)
        .map(({ metadata }) => metadata.name),
    applyPool: async (spec: object = {}) => {
      await createAll(management, parts.objectsOf(spec));
      await bootstrap.publish();
    },
    scaleTo: async (replicas: number) => {
      await management.patch(machinePools, poolAt, { type: "merge", body: { spec: { replicas } } }, "scale");
    },
    touchPool: async () => {
      if (!named(pools.items<MachinePool>(machinePools))) return;
      const body = { metadata: { annotations: { "example.com/touched": "by a person" } } };
      for (const resource of [machinePools, infrastructure.poolKind])
        await management.patch(resource, poolAt, { type: "merge", body });
    },
    machinePool: () => named(pools.items<MachinePool>(machinePools)),
    infrastructurePool: () => named(pools.items<InfrastructurePool>(infrastructure.poolKind)),
    /** Another cluster's may be in the same management cluster. */
    machines: () => pools.items<Machine>(machines).filter(({ spec }) => spec.clusterName === cluster),
    strike: async () => {
      pools.stop();
      watched.stop();
      await cloud.stop();
    },
  };
}
