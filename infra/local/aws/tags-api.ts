/** The Auto Scaling operations that show groups and tags, and those that change tags and suspended processes. */
import { z } from "zod";
import { type Action, type Actions, action, page, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { isMember } from "./group.ts";
import { tag } from "./group-input.ts";
import { describedGroup, describedTag, passesFilter, type Tag } from "./group-view.ts";

const name = z.string().min(1);
const paging = z.object({
  MaxRecords: whole(1, 100).default(50),
  NextToken: z.string().optional(),
  Filters: z.array(z.object({ Name: name, Values: z.array(z.string()).default([]) })).default([]),
});
const processes = z.object({ AutoScalingGroupName: name, ScalingProcesses: z.array(z.string()).optional() });
const PROCESSES = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

type ShownTag = ReturnType<ReturnType<typeof describedTag>>;
const TAG_FIELDS: Readonly<Record<string, (one: ShownTag) => string>> = {
  "auto-scaling-group": (one) => one.ResourceId,
  key: (one) => one.Key,
  value: (one) => one.Value,
  "propagate-at-launch": (one) => String(one.PropagateAtLaunch),
};

export function describeOperations({ scaling, fleet, reading }: ApiSetup): Actions {
  const names = z.array(z.string()).default([]);
  return {
    DescribeAutoScalingGroups: action(paging.extend({ AutoScalingGroupNames: names }), (input) => {
      const wanted = input.AutoScalingGroupNames;
      const found = scaling.groups
        .seen(reading.lagSeconds)
        .filter((group) => wanted.length === 0 || wanted.includes(group.AutoScalingGroupName))
        .filter((group) => input.Filters.every(passesFilter(group)));
      const members = fleet.seen(reading.lagSeconds).filter(isMember);
      const { items, ...next } = page(found, input, reading.pageSize);
      const shown = items.map((group) =>
        describedGroup(
          group,
          members.filter(({ member }) => member.group === group.AutoScalingGroupName),
        ),
      );
      return { AutoScalingGroups: shown, ...next };
    }),
    DescribeTags: action(paging, (input) => {
      const all = scaling.groups.seen(reading.lagSeconds).flatMap((group) => group.Tags.map(describedTag(group)));
      const fits = (one: ShownTag) =>
        input.Filters.every(({ Name, Values }) => Values.includes(TAG_FIELDS[Name]?.(one) ?? ""));
      const { items, ...next } = page(all.filter(fits), input, reading.pageSize);
      return { Tags: items, ...next };
    }),
  };
}

export function markOperations({ scaling }: ApiSetup): Actions {
  const tagging = (change: (tags: Map<string, Tag>, one: Tag) => void): Action =>
    action(z.object({ Tags: z.array(tag.extend({ ResourceId: name })) }), (input) => {
      for (const { ResourceId, ...one } of input.Tags) {
        const group = scaling.groupOf(ResourceId);
        const tags = new Map(group.Tags.map((old) => [old.Key, old]));
        change(tags, one);
        scaling.groups.put(group.AutoScalingGroupName, { ...group, Tags: [...tags.values()] });
      }
      return {};
    });
  const suspending = (next: (old: readonly string[], given: readonly string[]) => readonly string[]): Action =>
    action(processes, ({ AutoScalingGroupName, ScalingProcesses = PROCESSES }) => {
      const group = scaling.groupOf(AutoScalingGroupName);
      scaling.write(
        { ...group, suspended: next(group.suspended, ScalingProcesses) },
        "Processes were suspended or resumed.",
      );
      return {};
    });
  return {
    CreateOrUpdateTags: tagging((tags, one) => void tags.set(one.Key, one)),
    DeleteTags: tagging((tags, one) => void tags.delete(one.Key)),
    SuspendProcesses: suspending((old, given) => [...new Set([...old, ...given])]),
    ResumeProcesses: suspending((old, given) => old.filter((process) => !given.includes(process))),
  };
}
