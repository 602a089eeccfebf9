/** The Auto Scaling operations that create, change, size and delete groups. */
import { z } from "zod";
import { type Actions, action, flag, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { AwsError } from "./errors.ts";
import type { Group } from "./group.ts";
import { changedGroup, checkBounds, groupChanges, newGroup, newGroupInput } from "./group-input.ts";

const name = z.string().min(1);
const sizing = z.object({
  AutoScalingGroupName: name,
  DesiredCapacity: whole(0, 10_000),
  HonorCooldown: flag.default(false),
});
const deleting = z.object({ AutoScalingGroupName: name, ForceDelete: flag.default(false) });

function refuseWhileCooling({ place, scaling }: ApiSetup, group: Group) {
  const sinceMilliseconds = place.clock.now().getTime() - scaling.activities.lastEnd(group.AutoScalingGroupName);
  if (sinceMilliseconds >= group.DefaultCooldown * 1000 && !scaling.activities.inProgress(group.AutoScalingGroupName))
    return;
  throw new AwsError(
    "ScalingActivityInProgress",
    "A scaling activity is in progress or cooling down and blocks this action.",
  );
}

function remove({ scaling }: ApiSetup, { AutoScalingGroupName, ForceDelete }: z.output<typeof deleting>) {
  const group = scaling.groupOf(AutoScalingGroupName);
  const left = scaling.members(group.AutoScalingGroupName);
  if (left.length > 0 && !ForceDelete) {
    throw new AwsError(
      "ResourceInUse",
      "You cannot delete an AutoScalingGroup while there are instances still in the group.",
    );
  }
  if (left.length === 0) scaling.groups.remove(group.AutoScalingGroupName);
  else
    scaling.groups.put(group.AutoScalingGroupName, {
      ...group,
      MinSize: 0,
      DesiredCapacity: 0,
      Status: "Delete in progress",
    });
  for (const { id } of left) scaling.proceed(id);
}

export function groupOperations(setup: ApiSetup): Actions {
  const { scaling } = setup;
  const write = (group: Group) => {
    checkBounds(group);
    scaling.write(
      group,
      `A user request set the group to ${group.MinSize}..${group.MaxSize}, desired ${group.DesiredCapacity}.`,
    );
    return {};
  };
  return {
    CreateAutoScalingGroup: action(newGroupInput, (input) => {
      if (scaling.groups.get(input.AutoScalingGroupName)) {
        throw new AwsError("AlreadyExists", "AutoScalingGroup by this name already exists.");
      }
      const group = newGroup(setup, input);
      checkBounds(group);
      for (const hook of Object.values(group.hooks)) scaling.hooks.testNotification(group, hook);
      return write(group);
    }),
    UpdateAutoScalingGroup: action(groupChanges, (input) =>
      write(changedGroup(setup, scaling.groupOf(input.AutoScalingGroupName), input)),
    ),
    SetDesiredCapacity: action(sizing, ({ AutoScalingGroupName, DesiredCapacity, HonorCooldown }) => {
      const group = scaling.groupOf(AutoScalingGroupName);
      if (HonorCooldown) refuseWhileCooling(setup, group);
      return write({ ...group, DesiredCapacity });
    }),
    DeleteAutoScalingGroup: action(deleting, (input) => {
      remove(setup, input);
      return {};
    }),
  };
}
