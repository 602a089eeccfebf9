/** The one decision about a pool in AWS: the first thing that differs from the wish, in upstream's order, or the next to go. */
import type { AwsChange } from "./changes.ts";
import { completeLaunch } from "./launches.ts";
import { changeHooks, changeProcesses, createGroup, startRefresh, tagGroup, updateGroup } from "./next-group-change.ts";
import { deleteObject, putObject } from "./next-object-change.ts";
import { cancelRefresh, createTemplate, newVersion, pruneVersion, tagTemplate } from "./next-template-change.ts";
import type { AwsSight } from "./sight.ts";

type Rule = (sight: AwsSight) => AwsChange | undefined;

/** @param hookPrefix  of our hooks' names: the rest are foreign unless the pool declared them */
export function nextChange(sight: AwsSight, hookPrefix: string): AwsChange | undefined {
  if (!sight.wish || sight.problem || sight.foreign || sight.group?.status) return undefined;
  const rules: readonly Rule[] = [
    putObject,
    createTemplate,
    cancelRefresh,
    newVersion,
    pruneVersion,
    createGroup,
    startRefresh,
    changeHooks(hookPrefix),
    updateGroup,
    changeProcesses,
    tagGroup,
    tagTemplate,
    completeLaunch(hookPrefix),
  ];
  for (const rule of rules) {
    const change = rule(sight);
    if (change) return change;
  }
  return undefined;
}

/** A minimum would keep the last instances, or have them replaced. */
export function prepareRemoval({ name, group }: AwsSight): AwsChange | undefined {
  if (!group || group.status || group.minimum === 0) return undefined;
  return {
    do: "UpdateAutoScalingGroup",
    because: "PoolDeleted",
    input: { AutoScalingGroupName: name, MinSize: 0 },
  };
}

/** Never with force: that would end instances past every hook. An instance that came meanwhile makes AWS refuse. */
export function nextRemoval(sight: AwsSight): AwsChange | undefined {
  const { name, group, template } = sight;
  if (group && !group.status) {
    if (group.minimum > 0 || group.desired > 0) {
      const input = { AutoScalingGroupName: name, MinSize: 0, DesiredCapacity: 0 };
      return { do: "UpdateAutoScalingGroup", because: "PoolDeleted", input };
    }
    return {
      do: "DeleteAutoScalingGroup",
      because: "PoolDeleted",
      input: { AutoScalingGroupName: name, ForceDelete: false },
    };
  }
  if (!template) return undefined;
  const input = { LaunchTemplateId: template.id };
  return deleteObject(sight, template.versions, { do: "DeleteLaunchTemplate", because: "PoolDeleted", input });
}
