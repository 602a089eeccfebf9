/** What an Auto Scaling group should look like by its pool's spec, size excluded (CAPA exp/api/v1beta2 defaults included). */
import type { AwsMachinePoolSpec, SuspendedProcessName } from "../../../api/aws/aws-machine-pool.ts";
import { durationSeconds } from "../duration.ts";
import type { GroupShape, MixedPolicy } from "./sight.ts";

/** What upstream's webhook fills in; where nobody runs it, this does. */
const DEFAULT_COOLDOWN_SECONDS = 300;
const DEFAULT_WARMUP_SECONDS = 300;

const seconds = (text: string | undefined, byDefault: number) =>
  Math.max(0, Math.floor((text === undefined ? undefined : durationSeconds(text)) ?? byDefault));

export function groupShape(spec: AwsMachinePoolSpec, subnetIds: readonly string[]): GroupShape {
  return {
    minimum: spec.minSize ?? 1,
    maximum: spec.maxSize ?? 1,
    subnetIds,
    capacityRebalance: spec.capacityRebalance ?? false,
    cooldownSeconds: seconds(spec.defaultCoolDown, DEFAULT_COOLDOWN_SECONDS),
    warmupSeconds: seconds(spec.defaultInstanceWarmup, DEFAULT_WARMUP_SECONDS),
    ...(spec.mixedInstancesPolicy && { mixed: mixedPolicy(spec.mixedInstancesPolicy) }),
  };
}

function mixedPolicy({
  instancesDistribution,
  overrides = [],
}: NonNullable<AwsMachinePoolSpec["mixedInstancesPolicy"]>): MixedPolicy {
  const instanceTypes = overrides.map(({ instanceType }) => instanceType);
  if (!instancesDistribution) return { instanceTypes };
  const given = instancesDistribution;
  return {
    instanceTypes,
    distribution: {
      onDemandAllocationStrategy: given.onDemandAllocationStrategy ?? "prioritized",
      spotAllocationStrategy: given.spotAllocationStrategy ?? "lowest-price",
      onDemandBaseCapacity: given.onDemandBaseCapacity ?? 0,
      onDemandPercentageAboveBaseCapacity: given.onDemandPercentageAboveBaseCapacity ?? 100,
    },
  };
}

const PROCESSES: Readonly<Record<SuspendedProcessName, string>> = {
  launch: "Launch",
  terminate: "Terminate",
  addToLoadBalancer: "AddToLoadBalancer",
  alarmNotification: "AlarmNotification",
  azRebalance: "AZRebalance",
  healthCheck: "HealthCheck",
  instanceRefresh: "InstanceRefresh",
  replaceUnhealthy: "ReplaceUnhealthy",
  scheduledActions: "ScheduledActions",
};

/** `all` means every process that is not said to be false. */
export function suspendedProcesses({ suspendProcesses }: AwsMachinePoolSpec): readonly string[] {
  const { all = false, processes = {} } = suspendProcesses ?? {};
  return (Object.keys(PROCESSES) as SuspendedProcessName[])
    .filter((name) => processes[name] ?? all)
    .map((name) => PROCESSES[name]);
}

/** A difference that matters; a distribution that the wish leaves open is none. */
export function isSameShape(wish: GroupShape, live: GroupShape): boolean {
  return (
    wish.minimum === live.minimum &&
    wish.maximum === live.maximum &&
    wish.capacityRebalance === live.capacityRebalance &&
    wish.cooldownSeconds === live.cooldownSeconds &&
    wish.warmupSeconds === live.warmupSeconds &&
    isSameList(wish.subnetIds, live.subnetIds) &&
    isSamePolicy(wish.mixed, live.mixed)
  );
}

const isSameList = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((item, index) => item === other[index]);

function isSamePolicy(wish: MixedPolicy | undefined, live: MixedPolicy | undefined): boolean {
  if (!wish || !live) return wish === live;
  if (!isSameList(wish.instanceTypes, live.instanceTypes)) return false;
  const { distribution } = wish;
  if (!distribution) return true;
  return (Object.keys(distribution) as (keyof typeof distribution)[]).every(
    (field) => distribution[field] === live.distribution?.[field],
  );
}
