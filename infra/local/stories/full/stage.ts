/** The stage of the full profile: a cluster with workloads, and a person who applies pools; no upstream controller runs. */
import { type AwsMachinePool, awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import type { Clock } from "../../clock.ts";
import type { LocalCloud } from "../../local-cloud.ts";
import type { Timeline } from "../../timeline.ts";
import { awsInfrastructure, personsAutoScaling } from "../aws-infrastructure.ts";
import { upstreamCrds } from "../crds.ts";
import { paceOf } from "../pace.ts";
import { NAMESPACE, POOL, type Stage } from "../stage.ts";
import { attachMachines, startBootstrap } from "./bootstrap.ts";
import { awsMachinePool, clusterObjects, kubeadmConfig, machinePool, ON_AWS } from "./manifests.ts";
import { openPoolStage, type PoolStage, prepareCluster } from "./pool-stage.ts";

/** On AWS. */
export interface FullStage extends PoolStage, Stage {
  readonly cloud: LocalCloud;
  readonly applyPool: (spec?: AwsMachinePool["spec"]) => Promise<void>;
  readonly awsMachinePool: () => AwsMachinePool | undefined;
}

export const POOL_AT = { namespace: NAMESPACE, name: POOL };

export interface FullStageOptions {
  readonly clock: Clock;
  readonly timeline: Timeline;
  /** Default: permissive ones under upstream's names. */
  readonly crds?: readonly KubernetesObject[];
}

/** @returns with no pool yet: its pods wait for Nodes */
export async function setFullStage(
  cloud: LocalCloud,
  { clock, timeline, crds = upstreamCrds }: FullStageOptions,
): Promise<FullStage> {
  const { aws, management } = cloud;
  await prepareCluster(cloud, { crds, names: ON_AWS, clusterObjects: clusterObjects(aws.cloud) });
  const bootstrap = startBootstrap(management.client);
  attachMachines(cloud, bootstrap, (id) => timeline.say("cloud", id, "boots without a good token and joins nothing"));
  const infrastructure = awsInfrastructure(cloud, POOL);
  const objectsOf = (spec: AwsMachinePool["spec"]) => [
    kubeadmConfig(),
    machinePool(),
    awsMachinePool(spec, paceOf(cloud.real).warmupSeconds),
  ];
  const stage = await openPoolStage({ names: ON_AWS, cloud, clock, timeline, infrastructure, bootstrap, objectsOf });
  const autoScaling = personsAutoScaling(aws);
  return {
    ...stage,
    autoScaling,
    instances: () => aws.cloud.instances().filter(({ member }) => member?.group === POOL),
    awsMachinePool: () =>
      stage.pools.items<AwsMachinePool>(awsMachinePools).find(({ metadata }) => metadata.name === POOL),
    strike: async () => {
      autoScaling.destroy();
      await stage.strike();
    },
  };
}
