/** The one decision of a pass over an infrastructure pool: small rules in order; the first that speaks decides. */
import { deletionRule } from "./group-deletion.ts";
import { isActive, rolloutRule, scaleRule } from "./group-scale.ts";
import type { GroupMoment } from "./group-view.ts";

export type GroupAction =
  /** Not for us, or not now; nothing is written. */
  | { readonly do: "ignore"; readonly because: string }
  /** Something must happen first; `said`: it is a condition of the pool. */
  | {
      readonly do: "wait";
      readonly because: string;
      readonly said?: {
        readonly severity: "Info" | "Warning";
        readonly reason: string;
        readonly message: string;
      };
      readonly againSeconds?: number;
    }
  | { readonly do: "add-finalizer"; readonly because: string }
  | { readonly do: "drop-finalizer"; readonly because: string }
  /** One write to the cloud, as its provider named it. */
  | { readonly do: "apply"; readonly which: "change" | "preparation" | "removal"; readonly because: string }
  /** The size that somebody else gave the group becomes the MachinePool's. */
  | { readonly do: "copy-replicas"; readonly replicas: number; readonly because: string }
  | { readonly do: "scale"; readonly replicas: number; readonly because: string }
  /** Take so many instances out, each drained first; `all`: whatever is left, since the pool goes. */
  | {
      readonly do: "remove";
      readonly count: number;
      readonly all: boolean;
      /** providerIDs; absent: they are chosen here. */
      readonly named?: readonly string[];
      /** Absent: for good. */
      readonly decrement?: boolean;
      readonly because: string;
    }
  /** In step: say what is, and look again while something is on its way. */
  | { readonly do: "settle"; readonly because: string; readonly againSeconds?: number };

type Rule = (moment: GroupMoment) => GroupAction | undefined;

const externalReplicas: Rule = ({ externallyManaged, group, replicas, leaving }) => {
  if (!externallyManaged || !group || group.desired === replicas) return undefined;
  const isReplacing = [...leaving.values()].some(
    ({ record, removal }) => record === "open" && removal?.decrement === false,
  );
  // One that we take out for a new one is no word of whoever decides about the number.
  if (isReplacing && replicas !== undefined && group.desired < replicas) {
    const { busySeconds } = group;
    if (busySeconds !== undefined) return { do: "settle", because: "OnItsWay", againSeconds: busySeconds };
    return { do: "scale", replicas, because: "Replacing" };
  }
  return { do: "copy-replicas", replicas: group.desired, because: "ManagedElsewhere" };
};

const nextChange: Rule = ({ change }) => change && { do: "apply", which: "change", because: change.because };

const RULES: readonly Rule[] = [deletionRule, externalReplicas, nextChange, rolloutRule, scaleRule];

export function groupAction(moment: GroupMoment): GroupAction {
  for (const rule of RULES) {
    const action = rule(moment);
    if (action) return action;
  }
  const againSeconds = awaitedSeconds(moment);
  if (againSeconds === undefined) return { do: "settle", because: "InStep" };
  // Every hint would begin a chain of looks of its own; what no event tells, the sweep finds within a minute.
  const isAsked = !moment.told || moment.group?.lookSeconds !== undefined;
  return { do: "settle", because: "OnItsWay", ...(isAsked && { againSeconds }) };
}

const GROUP_LOOK_SECONDS = 15;
const DRAIN_LOOK_SECONDS = 30;
const UNHEALTHY_LOOK_SECONDS = 60;

/** By what is awaited; undefined: nothing is. */
export function awaitedSeconds({ group, leaving }: GroupMoment): number | undefined {
  if (group?.busySeconds !== undefined) return group.busySeconds;
  if (group?.lookSeconds !== undefined) return group.lookSeconds;
  if (!group || group.deleting) return GROUP_LOOK_SECONDS;
  const { instances, desired, replacing } = group;
  const isComing = instances.some(({ state }) => state === "pending");
  if (isComing || instances.filter(isActive).length !== desired) return GROUP_LOOK_SECONDS;
  // A drain takes its time.
  const isGoing = instances.some(({ state }) => state === "held" || state === "leaving");
  const isOpen = [...leaving.values()].some(({ record }) => record === "open");
  if (isGoing || isOpen || replacing) return DRAIN_LOOK_SECONDS;
  return instances.some(({ healthy }) => !healthy) ? UNHEALTHY_LOOK_SECONDS : undefined;
}
