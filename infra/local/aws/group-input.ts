/** What callers may ask of a group, and the group that comes of it. */
import { z } from "zod";
import { flag, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import { validationError } from "./errors.ts";
import type { Group, Subnet } from "./group.ts";
import { hookSpecification } from "./hook.ts";

const name = z.string().min(1);
const size = whole(0, 10_000);
const template = z.object({
  LaunchTemplateId: z.string().exactOptional(),
  LaunchTemplateName: z.string().exactOptional(),
  Version: z.string().default("$Default"),
});
export const tag = z.object({ Key: name, Value: z.string().default(""), PropagateAtLaunch: flag.default(false) });
const policy = z.enum([
  "Default",
  "OldestLaunchTemplate",
  "OldestInstance",
  "NewestInstance",
  "ClosestToNextInstanceHour",
]);
export type TerminationPolicy = z.output<typeof policy>;

export const groupChanges = z.object({
  AutoScalingGroupName: name,
  MinSize: size.exactOptional(),
  MaxSize: size.exactOptional(),
  DesiredCapacity: size.exactOptional(),
  DefaultCooldown: whole(0, 86_400).exactOptional(),
  DefaultInstanceWarmup: whole(0, 86_400).exactOptional(),
  VPCZoneIdentifier: name.exactOptional(),
  LaunchTemplate: template.exactOptional(),
  MixedInstancesPolicy: z
    .object({
      LaunchTemplate: z.object({
        LaunchTemplateSpecification: template,
        Overrides: z.array(z.object({ InstanceType: name })).default([]),
      }),
      InstancesDistribution: z
        .object({
          OnDemandAllocationStrategy: z.enum(["prioritized", "lowest-price"]).default("prioritized"),
          OnDemandBaseCapacity: whole(0, 10_000).default(0),
          OnDemandPercentageAboveBaseCapacity: whole(0, 100).default(100),
          SpotAllocationStrategy: z
            .enum(["lowest-price", "capacity-optimized", "capacity-optimized-prioritized", "price-capacity-optimized"])
            .default("lowest-price"),
        })
        .prefault({}),
    })
    .exactOptional(),
  CapacityRebalance: flag.exactOptional(),
  NewInstancesProtectedFromScaleIn: flag.exactOptional(),
  TerminationPolicies: z.array(policy).exactOptional(),
  InstanceLifecyclePolicy: z
    .object({ RetentionTriggers: z.object({ TerminateHookAbandon: z.enum(["retain", "terminate"]) }) })
    .exactOptional(),
});

export const groupSettings = groupChanges.extend({
  MinSize: size,
  MaxSize: size,
  DefaultCooldown: whole(0, 86_400).default(300),
  VPCZoneIdentifier: name,
  CapacityRebalance: flag.default(false),
  NewInstancesProtectedFromScaleIn: flag.default(false),
  TerminationPolicies: z.array(policy).default(["Default"]),
  Tags: z.array(tag).default([]),
});
export const newGroupInput = groupSettings.extend({
  LifecycleHookSpecificationList: z.array(hookSpecification).default([]),
});

/** @throws AwsError ValidationError */
export function checkBounds({ MinSize: min, MaxSize: max, DesiredCapacity: desired }: Group) {
  if (min > max) throw validationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}.`);
  if (desired >= min && desired <= max) return;
  const [side, bound] = desired < min ? ["below min", min] : ["above max", max];
  throw validationError(`New SetDesiredCapacity value ${desired} is ${side} value ${bound} for the AutoScalingGroup.`);
}

function toSubnets({ subnets }: ApiSetup, list: string): Subnet[] {
  return list.split(",").map((given) => {
    const id = given.trim();
    const zone = subnets[id];
    if (!zone) throw validationError(`The subnet ID '${id}' does not exist`);
    return { id, zone };
  });
}

type Unresolved = Omit<Group, "template" | "subnets">;

function resolved(setup: ApiSetup, group: Unresolved): Group {
  const wanted = group.MixedInstancesPolicy?.LaunchTemplate.LaunchTemplateSpecification ?? group.LaunchTemplate;
  if (!wanted) throw validationError("Valid requests must contain a launch template.");
  const found = setup.templates.find(wanted);
  if (!found) {
    const said = wanted.LaunchTemplateId
      ? `template ID ${wanted.LaunchTemplateId}`
      : `name ${wanted.LaunchTemplateName}`;
    throw validationError(
      `You must use a valid fully-formed launch template. The specified launch template, with ${said}, does not exist.`,
    );
  }
  const { id, name } = found;
  const template = { LaunchTemplateId: id, LaunchTemplateName: name, Version: wanted.Version };
  const { imageId } = setup.templates.resolve(template).spec;
  if (!setup.images.exists(imageId)) {
    throw validationError(
      `You must use a valid fully-formed launch template. The image id '[${imageId}]' does not exist`,
    );
  }
  return { ...group, template, subnets: toSubnets(setup, group.VPCZoneIdentifier) };
}

export function changedGroup(setup: ApiSetup, old: Group, changes: z.output<typeof groupChanges>): Group {
  const { MixedInstancesPolicy, ...plain } = { ...old, ...changes };
  const source =
    MixedInstancesPolicy && (changes.MixedInstancesPolicy || !changes.LaunchTemplate) ? { MixedInstancesPolicy } : {};
  const clamped = Math.min(Math.max(old.DesiredCapacity, plain.MinSize), plain.MaxSize);
  return resolved(setup, { ...plain, ...source, DesiredCapacity: changes.DesiredCapacity ?? clamped });
}

export function newGroup(
  setup: ApiSetup,
  { LifecycleHookSpecificationList, ...input }: z.output<typeof newGroupInput>,
): Group {
  const { region, accountId, ids, clock } = setup.place;
  const owner = `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${ids.uuid()}`;
  return resolved(setup, {
    ...input,
    DesiredCapacity: input.DesiredCapacity ?? input.MinSize,
    AutoScalingGroupARN: `${owner}:autoScalingGroupName/${input.AutoScalingGroupName}`,
    CreatedTime: clock.now(),
    hooks: Object.fromEntries(LifecycleHookSpecificationList.map((hook) => [hook.LifecycleHookName, hook])),
    suspended: [],
  });
}
