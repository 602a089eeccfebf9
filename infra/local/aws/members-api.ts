/** The Auto Scaling operations on instances of groups, and the log of activities. */
import { z } from "zod";
import { type Actions, action, flag, page, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { validationError } from "./errors.ts";
import { isMember, type Member } from "./group.ts";
import { describedMember } from "./group-view.ts";

const name = z.string().min(1);
const paging = { MaxRecords: whole(1, 100).default(50), NextToken: z.string().optional() };
const ids = z.array(z.string()).min(1);

const BELOW_MINIMUM =
  "Currently, desiredSize equals minSize. Terminating instance without replacement will violate group's min size constraint. " +
  "Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.";

export function memberOperations({ scaling, fleet, reading }: ApiSetup): Actions {
  const memberOf = (id: string, group?: string): Member => {
    const found = fleet.get(id);
    if (isMember(found) && (group ?? found.member.group) === found.member.group) return found;
    throw validationError(`Instance Id not found - No managed instance found for instance ID ${id}`);
  };
  const decrement = (group: string, by: number) => {
    const old = scaling.groupOf(group);
    if (old.DesiredCapacity - by < old.MinSize) throw validationError(BELOW_MINIMUM);
    scaling.groups.put(group, { ...old, DesiredCapacity: old.DesiredCapacity - by });
  };
  const takeOut = (one: Member) => {
    const { lifecycleState } = one.member;
    if (lifecycleState !== "Terminating:Retained")
      return scaling.takeOut(one, "A user request took the instance out of service.");
    scaling.proceed(one.id);
    return scaling.activities.newestFirst().find(({ Description }) => Description.includes(one.id));
  };
  const terminable = (id: string, group?: string): Member => {
    const one = memberOf(id, group);
    const { lifecycleState } = one.member;
    if (!lifecycleState.startsWith("Terminating") || lifecycleState === "Terminating:Retained") return one;
    throw validationError(`Instance ${id} is already terminating (${lifecycleState}).`);
  };
  const counted = (list: readonly Member[]) =>
    list.filter(({ member }) => member.lifecycleState !== "Terminating:Retained").length;

  return {
    TerminateInstanceInAutoScalingGroup: action(
      z.object({
        InstanceId: name.optional(),
        InstanceIds: ids.max(100).optional(),
        AutoScalingGroupName: name.optional(),
        ShouldDecrementDesiredCapacity: flag,
      }),
      (input) => {
        const wanted = input.InstanceIds ?? (input.InstanceId ? [input.InstanceId] : []);
        const [first, ...others] = wanted.map((id) => terminable(id, input.AutoScalingGroupName));
        if (!first) throw validationError("Either InstanceId or AutoScalingGroupName with InstanceIds is needed.");
        const group = first.member.group;
        if (input.ShouldDecrementDesiredCapacity) decrement(group, counted([first, ...others]));
        const activity = [first, ...others].map(takeOut)[0];
        scaling.settle(group, "An instance was taken out by a user request.");
        return { Activity: activity };
      },
    ),
    DetachInstances: action(
      z.object({ AutoScalingGroupName: name, InstanceIds: ids.max(20), ShouldDecrementDesiredCapacity: flag }),
      (input) => {
        const leaving = input.InstanceIds.map((id) => terminable(id, input.AutoScalingGroupName));
        if (input.ShouldDecrementDesiredCapacity) decrement(input.AutoScalingGroupName, counted(leaving));
        leaving.forEach(scaling.detach);
        scaling.settle(input.AutoScalingGroupName, "Instances were detached by a user request.");
        return { Activities: scaling.activities.newestFirst().slice(0, leaving.length) };
      },
    ),
    SetInstanceProtection: action(
      z.object({ AutoScalingGroupName: name, InstanceIds: ids.max(50), ProtectedFromScaleIn: flag }),
      (input) => {
        const found = input.InstanceIds.map((id) => memberOf(id, input.AutoScalingGroupName));
        const early = found.find(({ member }) => member.lifecycleState !== "InService");
        if (early) throw validationError(`The instance ${early.id} is not in InService or EnteringStandby or Standby.`);
        for (const { id } of found) fleet.setMember(id, { protectedFromScaleIn: input.ProtectedFromScaleIn });
        scaling.settle(input.AutoScalingGroupName, "Scale-in protection changed.");
        return {};
      },
    ),
    DescribeAutoScalingInstances: action(
      z.object({ ...paging, InstanceIds: z.array(z.string()).max(50).optional() }),
      (input) => {
        const all = fleet.seen(reading.lagSeconds).filter(isMember);
        const wanted = all.filter(({ id }) => input.InstanceIds?.includes(id) ?? true);
        const { items, ...next } = page(wanted, input, reading.pageSize);
        const shown = items.map((one) => ({
          ...describedMember(one),
          HealthStatus: one.member.healthy ? "HEALTHY" : "UNHEALTHY",
          ImageId: one.imageId,
          AutoScalingGroupName: one.member.group,
        }));
        return { AutoScalingInstances: shown, ...next };
      },
    ),
    DescribeScalingActivities: action(z.object({ ...paging, AutoScalingGroupName: name.optional() }), (input) => {
      const group = input.AutoScalingGroupName;
      const wanted = scaling.activities
        .newestFirst()
        .filter((one) => (group ?? one.AutoScalingGroupName) === one.AutoScalingGroupName);
      const { items, ...next } = page(wanted, input, reading.pageSize);
      return { Activities: items, ...next };
    }),
  };
}
