/** What an Auto Scaling group needs next: to be made, a refresh, a hook, another shape, processes, tags. */
import { wrongTags } from "../../applied-tags.ts";
import type { AwsChange } from "./changes.ts";
import { isSameShape } from "./group-shape.ts";
import { isManagedHook, isSameHook } from "./hooks.ts";
import { goneTags, needsRoll } from "./next-template-change.ts";
import { isActive, outdatedInstances, sizeOf } from "./outdated.ts";
import type { AwsSight, GroupFacts, GroupShape, HookFacts, PoolWish, TemplateFacts } from "./sight.ts";
import { HOOK_TAG_PREFIX } from "./tags.ts";

/** So long after a refresh failed, or was cancelled by somebody, the next one for the same template waits. */
const REFRESH_AGAIN_MILLISECONDS = 600_000;

export function createGroup({ wish, template, group }: AwsSight): AwsChange | undefined {
  if (!wish || !template || group) return undefined;
  const { name, replicas } = wish;
  const { minimum, maximum } = wish.group;
  const desired = replicas === undefined ? undefined : Math.min(maximum, Math.max(minimum, replicas));
  return {
    do: "CreateAutoScalingGroup",
    because: "NoGroup",
    input: {
      AutoScalingGroupName: name,
      ...shapeInput(wish.group, template),
      ...(desired !== undefined && { DesiredCapacity: desired }),
      LifecycleHookSpecificationList: wish.hooks.map(hookInput),
      // Instances get theirs from the template: a group's tag that is passed on would win over it.
      Tags: tagInput(name, wish.groupTags),
    },
  };
}

const shapeInput = (shape: GroupShape, template: TemplateFacts) => ({
  MinSize: shape.minimum,
  MaxSize: shape.maximum,
  VPCZoneIdentifier: shape.subnetIds.join(","),
  CapacityRebalance: shape.capacityRebalance,
  DefaultCooldown: shape.cooldownSeconds,
  DefaultInstanceWarmup: shape.warmupSeconds,
  ...launchInput(shape, template.id),
});

function launchInput({ mixed }: GroupShape, LaunchTemplateId: string) {
  const specification = { LaunchTemplateId, Version: "$Latest" };
  if (!mixed) return { LaunchTemplate: specification };
  const { distribution } = mixed;
  return {
    MixedInstancesPolicy: {
      LaunchTemplate: {
        LaunchTemplateSpecification: specification,
        Overrides: mixed.instanceTypes.map((InstanceType) => ({ InstanceType })),
      },
      ...(distribution && {
        InstancesDistribution: {
          OnDemandAllocationStrategy: distribution.onDemandAllocationStrategy,
          SpotAllocationStrategy: distribution.spotAllocationStrategy,
          OnDemandBaseCapacity: distribution.onDemandBaseCapacity,
          OnDemandPercentageAboveBaseCapacity: distribution.onDemandPercentageAboveBaseCapacity,
        },
      }),
    },
  };
}

const tagInput = (name: string, tags: Readonly<Record<string, string>>) =>
  Object.keys(tags)
    .sort()
    .map((Key) => ({
      Key,
      Value: tags[Key] ?? "",
      PropagateAtLaunch: false,
      ResourceId: name,
      ResourceType: "auto-scaling-group",
    }));

export function startRefresh(sight: AwsSight): AwsChange | undefined {
  const { wish, refresh, name } = sight;
  if (!wish || wish.refresh.disabled || needsRoll(sight) || isActive(refresh)) return undefined;
  if (outdatedInstances(sight).length === 0 || endedJustNow(sight)) return undefined;
  const { strategy, instanceWarmup, minHealthyPercentage, maxHealthyPercentage } = wish.refresh;
  return {
    do: "StartInstanceRefresh",
    because: "InstancesOutdated",
    input: {
      AutoScalingGroupName: name,
      Strategy: strategy === "ReplaceRootVolume" ? "ReplaceRootVolume" : "Rolling",
      Preferences: {
        ...(instanceWarmup !== undefined && { InstanceWarmup: instanceWarmup }),
        ...(minHealthyPercentage !== undefined && { MinHealthyPercentage: minHealthyPercentage }),
        ...(maxHealthyPercentage !== undefined && { MaxHealthyPercentage: maxHealthyPercentage }),
      },
    },
  };
}

/** A refresh of an older version says nothing about this one. */
function endedJustNow({ refresh, template, now }: AwsSight): boolean {
  if (!refresh?.endTime || refresh.status === "Successful") return false;
  const made = template?.versions.at(-1)?.createTime?.getTime() ?? 0;
  if ((refresh.startTime?.getTime() ?? 0) < made) return false;
  return now.getTime() - refresh.endTime.getTime() < REFRESH_AGAIN_MILLISECONDS;
}

export const changeHooks =
  (prefix: string) =>
  ({ wish, group, hooks, name }: AwsSight): AwsChange | undefined => {
    if (!wish || !group) return undefined;
    const live = (wanted: HookFacts) => hooks.find((one) => one.name === wanted.name);
    const missing = wish.hooks.find((one) => !live(one));
    const wrong = missing ?? wish.hooks.find((one) => !isSameHook(one, live(one) ?? one));
    if (wrong) {
      const because = missing ? "HookMissing" : "HookDiffers";
      return { do: "PutLifecycleHook", because, input: { AutoScalingGroupName: name, ...putInput(wrong) } };
    }
    const surplus = hooks.find(
      (one) => isManagedHook(one, group.tags, prefix) && !wish.hooks.some((wanted) => wanted.name === one.name),
    );
    if (!surplus) return undefined;
    const input = { AutoScalingGroupName: name, LifecycleHookName: surplus.name };
    return { do: "DeleteLifecycleHook", because: "HookNotDeclared", input };
  };

const hookInput = (hook: HookFacts) => ({
  LifecycleHookName: hook.name,
  LifecycleTransition: hook.transition,
  HeartbeatTimeout: hook.heartbeatSeconds,
  DefaultResult: hook.defaultResult,
  ...(hook.targetArn && { NotificationTargetARN: hook.targetArn, RoleARN: hook.roleArn }),
  ...(hook.metadata && { NotificationMetadata: hook.metadata }),
});

/** What a hook has and should not have any more is cleared by an empty text, not by silence. */
const putInput = (hook: HookFacts) => ({
  ...hookInput(hook),
  NotificationTargetARN: hook.targetArn,
  ...(hook.roleArn && { RoleARN: hook.roleArn }),
});

/**
 * Bounds narrow only as far as the instances allow: a maximum below the desired size would let AWS choose who goes, so the
 * size comes first, drained, and the maximum follows. What a refresh has launched beside the desired size counts, too, but
 * raises nothing.
 */
export function boundedShape({ group: shape }: PoolWish, live: GroupFacts): GroupShape {
  return { ...shape, maximum: Math.max(shape.maximum, Math.min(live.maximum, sizeOf(live))) };
}

export function updateGroup({ wish, group, template, name }: AwsSight): AwsChange | undefined {
  if (!wish || !group || !template) return undefined;
  const shape = boundedShape(wish, group);
  const launchesRight = group.templateId === template.id && group.templateVersion === "$Latest";
  if (launchesRight && isSameShape(shape, group)) return undefined;
  return {
    do: "UpdateAutoScalingGroup",
    because: launchesRight ? "GroupDiffers" : "OtherTemplate",
    input: { AutoScalingGroupName: name, ...shapeInput(shape, template) },
    ...(shape.maximum < group.maximum && { isNarrower: true }),
  };
}

export function changeProcesses({ wish, group, name }: AwsSight): AwsChange | undefined {
  if (!wish || !group) return undefined;
  const more = wish.suspended.filter((one) => !group.suspended.includes(one));
  if (more.length > 0) return processes("SuspendProcesses", name, more);
  const fewer = group.suspended.filter((one) => !wish.suspended.includes(one));
  return fewer.length > 0 ? processes("ResumeProcesses", name, fewer) : undefined;
}

const processes = (verb: "SuspendProcesses" | "ResumeProcesses", name: string, list: readonly string[]): AwsChange => ({
  do: verb,
  because: "Processes",
  input: { AutoScalingGroupName: name, ScalingProcesses: [...list] },
});

export function tagGroup({ wish, group, name, appliedTags, additionalTags }: AwsSight): AwsChange | undefined {
  if (!wish || !group) return undefined;
  const wrong = wrongTags(wish.groupTags, group.tags);
  if (Object.keys(wrong).length > 0) {
    return { do: "TagGroup", because: "Tags", input: { Tags: tagInput(name, wrong) } };
  }
  const hooks = Object.keys(group.tags).filter((key) => key.startsWith(HOOK_TAG_PREFIX) && !(key in wish.groupTags));
  const gone = [...goneTags(group, { appliedTags, additionalTags, wished: wish.groupTags }), ...hooks];
  if (gone.length === 0) return undefined;
  const named = { ResourceId: name, ResourceType: "auto-scaling-group" };
  return { do: "UntagGroup", because: "Tags", input: { Tags: gone.map((Key) => ({ Key, ...named })) } };
}
