/** Reads a group with its hooks, its newest refresh and what its launches failed of, as plain facts. */
import type { AutoScalingClient, AutoScalingGroup, Instance, LifecycleHook } from "@aws-sdk/client-auto-scaling";
import { asAws } from "../errors.ts";
import type { PoolClients } from "./clients.ts";
import type { GroupFacts, HookFacts, InstanceFacts, MixedPolicy, RefreshFacts } from "./sight.ts";

type Sdk = typeof import("@aws-sdk/client-auto-scaling");

/** Every call throws ProviderError. */
export interface GroupReader {
  /** undefined: there is none. */
  group(name: string): Promise<GroupFacts | undefined>;
  hooks(name: string): Promise<readonly HookFacts[]>;
  /** The newest; undefined: there was none yet. */
  refresh(name: string): Promise<RefreshFacts | undefined>;
  /** The message of the newest activity if it failed, and is not older than a moment. */
  launchFailure(name: string, since: Date): Promise<string | undefined>;
}

export function groupReader(clients: PoolClients, signal?: AbortSignal): GroupReader {
  const options = signal ? { abortSignal: signal } : {};
  const ask = <T>(action: string, call: (client: AutoScalingClient, sdk: Sdk) => Promise<T>) =>
    asAws(`autoscaling:${action}`, async () =>
      call(await clients.autoScaling(), await import("@aws-sdk/client-auto-scaling")),
    );
  return {
    group: (name) =>
      ask("DescribeAutoScalingGroups", async (client, { DescribeAutoScalingGroupsCommand }) => {
        const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] });
        const { AutoScalingGroups = [] } = await client.send(command, options);
        const found = AutoScalingGroups.find((one) => one.AutoScalingGroupName === name);
        return found && groupFacts(found);
      }),
    hooks: (name) =>
      ask("DescribeLifecycleHooks", async (client, { DescribeLifecycleHooksCommand }) => {
        const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: name });
        const { LifecycleHooks = [] } = await client.send(command, options);
        return LifecycleHooks.map(hookFacts);
      }),
    refresh: (name) =>
      ask("DescribeInstanceRefreshes", async (client, { DescribeInstanceRefreshesCommand }) => {
        const command = new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name, MaxRecords: 1 });
        const [newest] = (await client.send(command, options)).InstanceRefreshes ?? [];
        if (!newest) return undefined;
        const { Status = "", StatusReason, StartTime, EndTime } = newest;
        return {
          status: Status,
          ...(StatusReason && { reason: StatusReason }),
          ...(StartTime && { startTime: StartTime }),
          ...(EndTime && { endTime: EndTime }),
        };
      }),
    launchFailure: (name, since) =>
      ask("DescribeScalingActivities", async (client, { DescribeScalingActivitiesCommand }) => {
        const command = new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: 20 });
        const { Activities = [] } = await client.send(command, options);
        const newest = Activities.find(({ Description = "" }) => Description.startsWith("Launching"));
        const isNews = (newest?.StartTime?.getTime() ?? 0) >= since.getTime();
        return newest?.StatusCode === "Failed" && isNews ? newest.StatusMessage : undefined;
      }),
  };
}

const launchesFrom = ({ MixedInstancesPolicy: mixed, LaunchTemplate }: AutoScalingGroup) => {
  const { LaunchTemplateId, Version } = mixed?.LaunchTemplate?.LaunchTemplateSpecification ?? LaunchTemplate ?? {};
  return { ...(LaunchTemplateId && { templateId: LaunchTemplateId }), ...(Version && { templateVersion: Version }) };
};

const subnetsOf = ({ VPCZoneIdentifier = "" }: AutoScalingGroup) =>
  VPCZoneIdentifier.split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "")
    .sort();

function groupFacts(group: AutoScalingGroup): GroupFacts {
  const mixed = mixedFacts(group);
  return {
    arn: group.AutoScalingGroupARN ?? "",
    minimum: group.MinSize ?? 0,
    maximum: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    subnetIds: subnetsOf(group),
    capacityRebalance: group.CapacityRebalance ?? false,
    cooldownSeconds: group.DefaultCooldown ?? 0,
    warmupSeconds: group.DefaultInstanceWarmup ?? 0,
    ...(mixed && { mixed }),
    ...(group.Status && { status: group.Status }),
    ...launchesFrom(group),
    suspended: (group.SuspendedProcesses ?? []).map(({ ProcessName = "" }) => ProcessName).sort(),
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    instances: (group.Instances ?? []).map(instanceFacts),
  };
}

function mixedFacts({ MixedInstancesPolicy }: AutoScalingGroup): MixedPolicy | undefined {
  if (!MixedInstancesPolicy) return undefined;
  const { LaunchTemplate, InstancesDistribution: given } = MixedInstancesPolicy;
  return {
    instanceTypes: (LaunchTemplate?.Overrides ?? []).map(({ InstanceType = "" }) => InstanceType),
    ...(given && {
      distribution: {
        onDemandAllocationStrategy: given.OnDemandAllocationStrategy ?? "",
        spotAllocationStrategy: given.SpotAllocationStrategy ?? "",
        onDemandBaseCapacity: given.OnDemandBaseCapacity ?? 0,
        onDemandPercentageAboveBaseCapacity: given.OnDemandPercentageAboveBaseCapacity ?? 100,
      },
    }),
  };
}

const instanceFacts = (one: Instance): InstanceFacts => ({
  instanceId: one.InstanceId ?? "",
  zone: one.AvailabilityZone ?? "",
  lifecycleState: one.LifecycleState ?? "",
  healthy: one.HealthStatus?.toLowerCase() !== "unhealthy",
  ...(one.LaunchTemplate?.LaunchTemplateId && { templateId: one.LaunchTemplate.LaunchTemplateId }),
  ...(one.LaunchTemplate?.Version && { templateVersion: Number(one.LaunchTemplate.Version) }),
});

const hookFacts = (hook: LifecycleHook): HookFacts => ({
  name: hook.LifecycleHookName ?? "",
  transition: hook.LifecycleTransition ?? "",
  heartbeatSeconds: hook.HeartbeatTimeout ?? 3600,
  defaultResult: hook.DefaultResult ?? "ABANDON",
  targetArn: hook.NotificationTargetARN ?? "",
  roleArn: hook.RoleARN ?? "",
  metadata: hook.NotificationMetadata ?? "",
});
