/** How describe calls show groups, their instances and their tags. */
import type { z } from "zod";
import { validationError } from "./errors.ts";
import type { Group, Member } from "./group.ts";
import type { tag } from "./group-input.ts";

export type Tag = z.output<typeof tag>;

export const describedTag = (group: Group) => (one: Tag) => ({
  ...one,
  ResourceId: group.AutoScalingGroupName,
  ResourceType: "auto-scaling-group",
});

export const describedMember = ({ id, zone, instanceType, member }: Member) => ({
  InstanceId: id,
  InstanceType: instanceType,
  AvailabilityZone: zone,
  LifecycleState: member.lifecycleState,
  HealthStatus: member.healthy ? "Healthy" : "Unhealthy",
  LaunchTemplate: member.template,
  ProtectedFromScaleIn: member.protectedFromScaleIn,
});

export function describedGroup(group: Group, members: readonly Member[]) {
  const { template, subnets, hooks: _, suspended, ...settings } = group;
  return {
    ...settings,
    LaunchTemplate: settings.MixedInstancesPolicy ? undefined : template,
    AvailabilityZones: [...new Set(subnets.map(({ zone }) => zone))],
    HealthCheckType: "EC2",
    SuspendedProcesses: suspended.map((process) => ({ ProcessName: process, SuspensionReason: "User suspended" })),
    Instances: members.map(describedMember),
    Tags: group.Tags.map(describedTag(group)),
  };
}

/** @throws AwsError ValidationError for an unknown filter */
export const passesFilter =
  ({ Tags }: Group) =>
  ({ Name, Values }: { readonly Name: string; readonly Values: readonly string[] }) => {
    if (Name === "tag-key") return Tags.some(({ Key }) => Values.includes(Key));
    if (Name === "tag-value") return Tags.some(({ Value }) => Values.includes(Value));
    if (Name.startsWith("tag:")) return Tags.some(({ Key, Value }) => `tag:${Key}` === Name && Values.includes(Value));
    throw validationError(`Filter '${Name}' is not valid.`);
  };
