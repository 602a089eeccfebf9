/** Instance refreshes: each replaces a group's instances in step with its healthy percentages, through the ordinary hooks. */
import { AwsError } from "./errors.ts";
import type { Place } from "./fleet.ts";
import { counts, type Group, type Member } from "./group.ts";
import type { Scaling } from "./scaling.ts";

export type RefreshStatus = "Pending" | "InProgress" | "Successful" | "Failed" | "Cancelling" | "Cancelled";

export interface RefreshPreferences {
  readonly InstanceWarmup: number;
  readonly MinHealthyPercentage: number;
  readonly MaxHealthyPercentage: number;
}

export interface Refresh {
  readonly id: string;
  readonly group: string;
  readonly status: RefreshStatus;
  readonly reason?: string;
  readonly startTime: Date;
  readonly endTime?: Date;
  readonly preferences: RefreshPreferences;
  /** Who was there at the start. */
  readonly originals: ReadonlySet<string>;
  readonly left: number;
  readonly lastProgress: Date;
}

/** How often a refresh looks. */
const TICK_SECONDS = 2;
/** So long may nothing get better before a refresh gives up. */
const PATIENCE_SECONDS = 3600;
const PAUSES = ["InstanceRefresh", "Launch", "Terminate"];
const SAYS: Partial<Record<RefreshStatus, string>> = {
  Successful: "Succeeded",
  Failed: "Failed",
  Cancelled: "Cancelled",
};

export const isActive = ({ status }: Refresh) =>
  status === "Pending" || status === "InProgress" || status === "Cancelling";
const inService = ({ member }: Member) => member.lifecycleState === "InService" && member.healthy;

export type Refreshes = ReturnType<typeof createRefreshes>;

export function createRefreshes({ clock, ids, bus }: Place, scaling: Scaling) {
  const all = new Map<string, Refresh>();
  /** When a replacement was first seen in service: its warm-up runs from there. */
  const servingSince = new Map<string, number>();

  const tell = ({ id, group }: Refresh, what: string) =>
    bus.emit({
      source: "aws.autoscaling",
      detailType: `EC2 Auto Scaling Instance Refresh ${what}`,
      resources: [scaling.groups.get(group)?.AutoScalingGroupARN ?? group],
      detail: { InstanceRefreshId: id, AutoScalingGroupName: group },
    });
  const change = (old: Refresh, part: Partial<Refresh>): Refresh => {
    const changed = { ...old, ...part };
    all.set(old.id, changed);
    return changed;
  };
  const end = (old: Refresh, status: RefreshStatus, reason?: string) => {
    scaling.setSurge(old.group, 0);
    const said = reason === undefined ? {} : { reason };
    tell(change(old, { status, endTime: clock.now(), ...said }), SAYS[status] ?? status);
  };
  const isWarm = (refresh: Refresh, { id }: Member) => {
    if (refresh.originals.has(id)) return true;
    const now = clock.now().getTime();
    const since = servingSince.get(id) ?? now;
    servingSince.set(id, since);
    return now - since >= refresh.preferences.InstanceWarmup * 1000;
  };

  const replaceSome = (refresh: Refresh, group: Group) => {
    const { MinHealthyPercentage: least, MaxHealthyPercentage: most } = refresh.preferences;
    const size = group.DesiredCapacity;
    const members = scaling.members(group.AutoScalingGroupName);
    const old = members.filter((one) => refresh.originals.has(one.id) && inService(one));
    const extra = most > 100 ? Math.max(1, Math.floor((size * (most - 100)) / 100)) : 0;
    const floor = extra > 0 ? size : Math.min(Math.ceil((size * least) / 100), size - 1);
    const healthy = members.filter((one) => inService(one) && isWarm(refresh, one)).length;
    const free = old.filter(({ member }) => !member.protectedFromScaleIn);
    const taken = free.slice(0, Math.max(0, healthy - floor));
    // Before settling: a surge that is over must launch nobody.
    scaling.setSurge(group.AutoScalingGroupName, Math.min(extra, old.length - taken.length));
    for (const one of taken) {
      scaling.takeOut(one, "An instance was taken out of service in response to an instance refresh.");
    }
    scaling.settle(group.AutoScalingGroupName, "An instance refresh replaces instances.");
  };
  const goOn = (refresh: Refresh, group: Group) => {
    const members = scaling.members(group.AutoScalingGroupName);
    const left = members.filter(({ id }) => refresh.originals.has(id)).length;
    const progress = left < refresh.left ? { left, lastProgress: clock.now() } : {};
    const now = change(refresh, { status: "InProgress", ...progress });
    const ready = members.filter((one) => inService(one) && isWarm(now, one)).length;
    if (left === 0 && ready >= group.DesiredCapacity) return end(now, "Successful");
    if (clock.now().getTime() - now.lastProgress.getTime() > PATIENCE_SECONDS * 1000) {
      return end(now, "Failed", "The refresh did not get enough healthy instances within an hour.");
    }
    replaceSome(now, group);
  };
  const stop = (refresh: Refresh, group: Group) => {
    scaling.setSurge(refresh.group, 0);
    const members = scaling.members(group.AutoScalingGroupName);
    const leaving = members.some((one) => refresh.originals.has(one.id) && !inService(one));
    const arriving = members.some((one) => counts(one) && !inService(one));
    if (!leaving && !arriving) end(refresh, "Cancelled");
  };
  const tick = (id: string) => {
    const refresh = all.get(id);
    if (!refresh || !isActive(refresh)) return;
    const group = scaling.groups.get(refresh.group);
    if (!group || group.Status) return end(refresh, "Cancelled", "The group is deleted.");
    if (refresh.status === "Cancelling") stop(refresh, group);
    else if (!group.suspended.some((process) => PAUSES.includes(process))) goOn(refresh, group);
    clock.after(TICK_SECONDS, () => tick(id));
  };
  const active = (group: string) => [...all.values()].find((one) => one.group === group && isActive(one));

  return {
    active,
    newestFirst: (group: string) => [...all.values()].filter((one) => one.group === group).reverse(),
    start: (group: Group, preferences: RefreshPreferences): Refresh => {
      if (active(group.AutoScalingGroupName))
        throw new AwsError(
          "InstanceRefreshInProgress",
          "An Instance Refresh is already in progress and blocks this action.",
        );
      const originals = new Set(scaling.members(group.AutoScalingGroupName).map(({ id }) => id));
      const refresh: Refresh = {
        id: ids.uuid(),
        group: group.AutoScalingGroupName,
        status: "Pending",
        startTime: clock.now(),
        lastProgress: clock.now(),
        preferences,
        originals,
        left: originals.size,
      };
      all.set(refresh.id, refresh);
      tell(refresh, "Started");
      clock.after(TICK_SECONDS, () => tick(refresh.id));
      return refresh;
    },
    cancel: (group: Group): Refresh => {
      const running = active(group.AutoScalingGroupName);
      if (!running || running.status === "Cancelling")
        throw new AwsError(
          "ActiveInstanceRefreshNotFound",
          `No in progress or pending Instance Refresh found for Auto Scaling group ${group.AutoScalingGroupName}`,
        );
      return change(running, { status: "Cancelling" });
    },
  };
}
