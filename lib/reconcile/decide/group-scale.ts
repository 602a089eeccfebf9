/** How many instances there shall be: more are asked of the cloud, fewer leave one by one, drained, within the surge. */
import type { GroupAction } from "./group-action.ts";
import type { GroupInstance, GroupMoment, GroupSeen, LeavingSeen } from "./group-view.ts";

/** Counts for what the group wants to have. */
export const isActive = ({ state }: GroupInstance): boolean => state === "pending" || state === "running";

/** What the pool's bounds leave of the wish. */
export const withinBounds = (replicas: number, { minimum, maximum }: GroupSeen): number =>
  Math.min(maximum, Math.max(minimum, replicas));

const isOpenRemoval = (seen: LeavingSeen | undefined): boolean => seen?.record === "open" && seen.removal !== undefined;

/** How many we take out now. One that was chosen and is not shown is seen late; one that was taken out and is not shown is gone. */
function removingOf({ instances }: GroupSeen, leaving: GroupMoment["leaving"]): number {
  const shown = new Map(instances.map(({ providerID, state }) => [providerID, state]));
  const isThere = (providerID: string, { released }: LeavingSeen) =>
    shown.has(providerID) ? shown.get(providerID) !== "gone" : !released;
  return [...leaving].filter(([providerID, seen]) => isOpenRemoval(seen) && isThere(providerID, seen)).length;
}

export function scaleRule({
  externallyManaged,
  replicas,
  group,
  leaving,
  surge,
  rollout,
}: GroupMoment): GroupAction | undefined {
  if (rollout || externallyManaged || replicas === undefined || !group || group.deleting) return undefined;
  const target = withinBounds(replicas, group);
  const active = group.instances.filter(isActive);
  // Chosen and not taken out yet: the group still counts them.
  const chosen = active.flatMap(({ providerID }) => leaving.get(providerID) ?? []);
  const decrementing = chosen.filter((seen) => isOpenRemoval(seen) && seen.removal?.decrement === true);
  const going = decrementing.length;
  const planned = group.desired - going;
  // Taken out and still shown in service: the view is late, and so may the size be that it shows.
  const isLate = decrementing.some(({ released }) => released);
  if (target > planned) return isLate ? undefined : scaleOut(group, target + going);
  if (target === planned) return undefined;
  // What has not been launched costs no drain.
  const unlaunched = Math.max(target + going, active.length);
  if (unlaunched < group.desired) return { do: "scale", replicas: unlaunched, because: "ScaleIn" };
  const count = Math.min(planned - target, surge - removingOf(group, leaving));
  return count > 0 ? { do: "remove", count, all: false, because: "ScaleIn" } : undefined;
}

/** Where the provider leads: its size first, then its victims, as many at a time as it or the deployment allows. */
export function rolloutRule({ rollout, group, leaving, surge }: GroupMoment): GroupAction | undefined {
  if (!rollout || !group || group.deleting || group.busySeconds !== undefined) return undefined;
  const { desired, victims, decrement, atOnce = surge, because } = rollout;
  if (desired !== group.desired) return { do: "scale", replicas: desired, because };
  const named = victims.filter((providerID) => leaving.get(providerID)?.record !== "open");
  const count = Math.min(named.length, atOnce - removingOf(group, leaving));
  if (count <= 0) return undefined;
  return { do: "remove", count, all: false, named: named.slice(0, count), decrement, because };
}

function scaleOut(group: GroupSeen, wanted: number): GroupAction | undefined {
  const replicas = Math.min(group.maximum, wanted);
  return replicas > group.desired ? { do: "scale", replicas, because: "ScaleOut" } : undefined;
}
