/** What an Auto Scaling group is made of, and which of its instances a scale-in takes. */
import type { z } from "zod";
import type { Instance, Membership } from "./fleet.ts";
import type { groupSettings, TerminationPolicy } from "./group-input.ts";
import type { Hook } from "./hook.ts";

export interface Subnet {
  readonly id: string;
  readonly zone: string;
}

/** What was asked for, in the members of the SDK, and what was worked out from it. */
export interface Group extends z.output<typeof groupSettings> {
  readonly AutoScalingGroupARN: string;
  readonly CreatedTime: Date;
  readonly DesiredCapacity: number;
  readonly Status?: "Delete in progress";
  /** Id, name and the version as it was asked for ("$Latest" stays so). */
  readonly template: Membership["template"];
  readonly subnets: readonly Subnet[];
  readonly hooks: Readonly<Record<string, Hook>>;
  /** Suspended processes. */
  readonly suspended: readonly string[];
}

export const onlySpot = ({ MixedInstancesPolicy: mixed }: Group) =>
  mixed?.InstancesDistribution.OnDemandPercentageAboveBaseCapacity === 0;
export const retainsAbandoned = ({ InstanceLifecyclePolicy: policy }: Group) =>
  policy?.RetentionTriggers.TerminateHookAbandon === "retain";

export type Member = Instance & { readonly member: Membership };
export const isMember = (one: Instance | undefined): one is Member => one?.member !== undefined;

/** On its way in or in service: what the desired capacity counts. */
export const counts = ({ member }: Member) =>
  member.lifecycleState === "InService" || member.lifecycleState.startsWith("Pending");

/** Zones in the order of the subnets, with how many of these instances stand there. */
export function zoneCounts(group: Group, members: readonly Member[]) {
  return group.subnets.map((subnet) => ({ subnet, count: members.filter(({ zone }) => zone === subnet.zone).length }));
}

const billingHourUsed = (one: Member, now: Date) => (now.getTime() - one.launchTime.getTime()) % 3_600_000;
const templateAge = (one: Member) => Number(one.member.template.Version);

type Order = (one: Member, other: Member, now: Date) => number;
const byTemplate: Order = (one, other) => templateAge(one) - templateAge(other);
const byHour: Order = (one, other, now) => billingHourUsed(other, now) - billingHourUsed(one, now);
const byAge: Order = (one, other) => one.launchTime.getTime() - other.launchTime.getTime();

const ORDERS: Readonly<Record<TerminationPolicy, readonly Order[]>> = {
  Default: [byTemplate, byHour],
  OldestLaunchTemplate: [byTemplate],
  OldestInstance: [byAge],
  NewestInstance: [(one, other) => byAge(other, one, one.launchTime)],
  ClosestToNextInstanceHour: [byHour],
};

/**
 * The instance that the next scale-in takes: from the zone with most instances, then by the group's policies, then by id.
 * @returns undefined when every instance is protected or not yet in service
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
 */
export function chooseVictim(group: Group, members: readonly Member[], now: Date): Member | undefined {
  const free = members.filter(({ member }) => member.lifecycleState === "InService" && !member.protectedFromScaleIn);
  const crowd = (zone: string) => members.filter((one) => counts(one) && one.zone === zone).length;
  const most = Math.max(...free.map(({ zone }) => crowd(zone)));
  const orders = group.TerminationPolicies.flatMap((policy) => ORDERS[policy]);
  const compare = (one: Member, other: Member) =>
    orders.reduce((found, order) => found || order(one, other, now), 0) || one.id.localeCompare(other.id);
  return free.filter(({ zone }) => crowd(zone) === most).sort(compare)[0];
}
