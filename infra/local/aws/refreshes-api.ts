/** The instance refresh operations of Auto Scaling. */
import { z } from "zod";
import { type Actions, action, page, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { validationError } from "./errors.ts";
import type { Refresh } from "./refreshes.ts";

const name = z.string().min(1);
const preferences = z.object({
  InstanceWarmup: whole(0, 86_400).exactOptional(),
  MinHealthyPercentage: whole(0, 100).default(90),
  MaxHealthyPercentage: whole(100, 200).default(100),
});
const starting = z.object({
  AutoScalingGroupName: name,
  Strategy: z.enum(["Rolling", "ReplaceRootVolume"]).default("Rolling"),
  Preferences: preferences.prefault({}),
});

const described = (one: Refresh) => {
  const total = Math.max(1, one.originals.size);
  const done = one.status === "Successful" ? 100 : Math.floor((100 * (one.originals.size - one.left)) / total);
  return {
    InstanceRefreshId: one.id,
    AutoScalingGroupName: one.group,
    Status: one.status,
    StatusReason: one.reason,
    StartTime: one.startTime,
    EndTime: one.endTime,
    PercentageComplete: done,
    InstancesToUpdate: one.status === "Successful" ? 0 : one.left,
    Preferences: one.preferences,
  };
};

export function refreshOperations({ scaling, refreshes, templates, reading }: ApiSetup): Actions {
  return {
    StartInstanceRefresh: action(starting, ({ AutoScalingGroupName, Preferences }) => {
      const group = scaling.groupOf(AutoScalingGroupName);
      templates.resolve(group.template);
      const { MinHealthyPercentage: least, MaxHealthyPercentage: most } = Preferences;
      if (most - least > 100)
        throw validationError("The difference between MaxHealthyPercentage and MinHealthyPercentage is over 100.");
      const InstanceWarmup = Preferences.InstanceWarmup ?? group.DefaultInstanceWarmup ?? 0;
      return { InstanceRefreshId: refreshes.start(group, { ...Preferences, InstanceWarmup }).id };
    }),
    CancelInstanceRefresh: action(z.object({ AutoScalingGroupName: name }), ({ AutoScalingGroupName }) => ({
      InstanceRefreshId: refreshes.cancel(scaling.groupOf(AutoScalingGroupName)).id,
    })),
    DescribeInstanceRefreshes: action(
      z.object({
        AutoScalingGroupName: name,
        InstanceRefreshIds: z.array(z.string()).optional(),
        MaxRecords: whole(1, 100).default(50),
        NextToken: z.string().optional(),
      }),
      (input) => {
        const all = refreshes.newestFirst(scaling.groupOf(input.AutoScalingGroupName).AutoScalingGroupName);
        const wanted = all.filter(({ id }) => input.InstanceRefreshIds?.includes(id) ?? true);
        const { items, ...next } = page(wanted, input, reading.pageSize);
        return { InstanceRefreshes: items.map(described), ...next };
      },
    ),
  };
}
