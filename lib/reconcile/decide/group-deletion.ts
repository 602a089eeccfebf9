/** The end of a pool: every instance is drained and taken out, then what is left of the group, then our finalizer. */
import type { GroupAction } from "./group-action.ts";
import { isActive } from "./group-scale.ts";
import type { GroupInstance, GroupMoment } from "./group-view.ts";

/** Records of one pass; the rest follow in the next. */
const RECORDS_PER_PASS = 20;
const LEAVING_LOOK_SECONDS = 15;

/** Kept ones are taken out as well: their group will not be there to be put back into. */
export const mayBeTakenOut = ({ state }: GroupInstance): boolean =>
  state === "pending" || state === "running" || state === "retained";

/** @returns undefined while the pool is not being deleted */
export function deletionRule(moment: GroupMoment): GroupAction | undefined {
  if (!moment.deleting) return undefined;
  return beforeTheEnd(moment) ?? theEnd(moment);
}

function beforeTheEnd({ group, preparation, leaving, told }: GroupMoment): GroupAction | undefined {
  // What its cloud deletes is past draining.
  if (!group || group.deleting) return undefined;
  const present = group.instances.filter(({ state }) => state !== "gone");
  if (present.length === 0) return undefined;
  if (preparation) return { do: "apply", which: "preparation", because: preparation.because };
  const active = group.instances.filter(isActive).length;
  // Who takes no orders now is asked later; drains begin all the same.
  if (group.desired > active && group.busySeconds === undefined)
    return { do: "scale", replicas: active, because: "PoolDeleted" };
  const untold = present.filter((one) => mayBeTakenOut(one) && leaving.get(one.providerID)?.record !== "open");
  const count = Math.min(untold.length, RECORDS_PER_PASS);
  return count > 0
    ? { do: "remove", count, all: true, because: "PoolDeleted" }
    : { do: "wait", because: "InstancesLeaving", ...(!told && { againSeconds: LEAVING_LOOK_SECONDS }) };
}

function theEnd({ group, removal }: GroupMoment): GroupAction {
  if (removal) return { do: "apply", which: "removal", because: removal.because };
  if (group) return { do: "wait", because: "GroupLeaving", againSeconds: LEAVING_LOOK_SECONDS };
  return { do: "drop-finalizer", because: "NothingLeft" };
}
