/** The stage of the full profile: a cluster with workloads, and a person who applies pools; no upstream controller runs. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { type AwsMachinePool, awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { kubeconfigSecretName } from "../../../../lib/api/core/cluster.ts";
import { type Machine, machines } from "../../../../lib/api/core/machine.ts";
import { type MachinePool, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import { type Pod, pods } from "../../../../lib/api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../../../lib/kubernetes/client.ts";
import type { Clock } from "../../clock.ts";
import { daemonSet, deployment, disruptionBudget } from "../../cluster/manifests.ts";
import { type LocalCloud, ROLES, roleUser } from "../../local-cloud.ts";
import { createAll } from "../../manifests.ts";
import type { Timeline } from "../../timeline.ts";
import { upstreamCrds } from "../crds.ts";
import { watchCloud } from "../observer.ts";
import { paceOf } from "../pace.ts";
import { CLUSTER, database, NAMESPACE, POOL, type Stage } from "../stage.ts";
import { attachMachines, type Bootstrap, startBootstrap } from "./bootstrap.ts";
import { awsMachinePool, clusterObjects, kubeadmConfig, machinePool } from "./manifests.ts";
import { type PoolWatch, watchPools } from "./watch.ts";

export interface FullStage extends Stage {
  readonly management: KubernetesClient;
  readonly bootstrap: Bootstrap;
  readonly pools: PoolWatch;
  /** Creates, in this order, the objects of one pool and its bootstrap data, as `kubectl apply -f` would. */
  readonly applyPool: (spec?: AwsMachinePool["spec"]) => Promise<void>;
  /** Through the scale subresource, as kubectl and cluster-autoscaler do. */
  readonly scaleTo: (replicas: number) => Promise<void>;
  /** A change that asks for nothing: whoever looks finds the pool as it was. A pool that is gone is left alone. */
  readonly touchPool: () => Promise<void>;
  readonly machinePool: () => MachinePool | undefined;
  readonly awsMachinePool: () => AwsMachinePool | undefined;
  readonly machines: () => readonly Machine[];
}

export const POOL_AT = { namespace: NAMESPACE, name: POOL };

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

export interface FullStageOptions {
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** Default: permissive ones under upstream's names. */
  readonly crds?: readonly KubernetesObject[];
}

async function prepare(
  { management, workload, aws, real }: LocalCloud,
  crds: readonly KubernetesObject[],
): Promise<void> {
  await createAll(management.client, [...crds, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }]);
  await createWhole(management.client, clusterObjects(aws.cloud));
  const kubeconfig = workload.kubeconfig("lifeguard", ROLES.map(roleUser));
  await management.client.create<Secret>(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE },
    type: "cluster.x-k8s.io/secret",
    data: { value: Buffer.from(kubeconfig).toString("base64") },
  });
  await createAll(workload.client, workloads(real));
}

/** @returns with no pool yet: its pods wait for Nodes */
export async function setFullStage(
  cloud: LocalCloud,
  { clock, timeline, crds = upstreamCrds }: FullStageOptions,
): Promise<FullStage> {
  const { aws } = cloud;
  const management = cloud.management.client;
  await prepare(cloud, crds);
  const bootstrap = startBootstrap(management);
  attachMachines(cloud, bootstrap, (id) => timeline.say("cloud", id, "boots without a good token and joins nothing"));
  const watched = await watchCloud(cloud, timeline);
  const pools = await watchPools(cloud, clock, timeline);
  const autoScaling = new AutoScalingClient({
    region: aws.cloud.region,
    endpoint: aws.endpoint,
    credentials: { accessKeyId: "person", secretAccessKey: "local" },
  });
  const named = <T extends KubernetesObject>(objects: readonly T[]) =>
    objects.find(({ metadata }) => metadata.name === POOL);
  return {
    cloud,
    timeline,
    watched,
    autoScaling,
    management,
    bootstrap,
    pools,
    instances: () => aws.cloud.instances().filter(({ member }) => member?.group === POOL),
    podsOn: (nodeName) =>
      watched
        .items<Pod>(pods)
        .filter(({ spec }) => spec?.nodeName === nodeName)
        .map(({ metadata }) => metadata.name),
    applyPool: async (spec = {}) => {
      await createAll(management, [
        kubeadmConfig(),
        machinePool(),
        awsMachinePool(spec, paceOf(cloud.real).warmupSeconds),
      ]);
      await bootstrap.publish();
    },
    scaleTo: async (replicas) => {
      await management.patch(machinePools, POOL_AT, { type: "merge", body: { spec: { replicas } } }, "scale");
    },
    touchPool: async () => {
      if (!named(pools.items<MachinePool>(machinePools))) return;
      const body = { metadata: { annotations: { "example.com/touched": "by a person" } } };
      for (const resource of [machinePools, awsMachinePools])
        await management.patch(resource, POOL_AT, { type: "merge", body });
    },
    machinePool: () => named(pools.items<MachinePool>(machinePools)),
    awsMachinePool: () => named(pools.items<AwsMachinePool>(awsMachinePools)),
    machines: () => pools.items<Machine>(machines),
    strike: async () => {
      pools.stop();
      watched.stop();
      autoScaling.destroy();
      await cloud.stop();
    },
  };
}
