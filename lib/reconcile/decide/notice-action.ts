/** What a notice does to the record of an instance: make one, tighten it, begin anew, or nothing at all. */
import type { Hold } from "../../api/lifecycle/hold.ts";
import type { Cause, InstanceTermination, InstanceTerminationSpec } from "../../api/lifecycle/instance-termination.ts";
import { goesOn, isThis, longestTimerSeconds, mergeHolds } from "../../api/lifecycle/merge-holds.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import { UNDECLARED_TIMEOUT_SECONDS } from "./heartbeat.ts";
import { pausedIn } from "./owner.ts";
import { isForced } from "./pod-view.ts";
import { secondsOf, timeOf } from "./time.ts";

export interface NoticeView {
  readonly nowSeconds: number;
  readonly notice: LeavingInstance;
  readonly existing?: InstanceTermination;
  /** Asked of the cloud when the notice may be stale. */
  readonly instance?: "running" | "held" | "leaving" | "retained" | "gone";
  readonly hasNode: boolean;
  /** Who asks not to be drained. */
  readonly excluded?: string;
  /** When a person took a drain of this Node back. */
  readonly cancelledSeconds?: number;
  /** The instance was found waiting; nobody told us. */
  readonly foundWaiting: boolean;
  readonly dryRun: boolean;
}

export type NoticeAction =
  | { readonly do: "ignore"; readonly because: string }
  | { readonly do: "create"; readonly cordon: boolean }
  /** A finished record gives way to a new one. */
  | { readonly do: "replace"; readonly cordon: boolean }
  | { readonly do: "tighten"; readonly spec: Partial<InstanceTerminationSpec>; readonly cordon: boolean }
  | { readonly do: "keep"; readonly because: string; readonly cordon: boolean };

/** A Spot notice is two minutes ahead of its end; so long after it nothing is left to be done for the pods. */
const SHORT_NOTICE_SECONDS = 600;
const SHORT_NOTICES: readonly Cause[] = ["SpotInterruption", "Preemption"];

/** Whether a notice has outlived its use: the cloud is asked before anything is done. */
export function isStale({ cause, noticeTime, deadlineTime }: LeavingInstance, nowSeconds: number): boolean {
  if (deadlineTime !== undefined && nowSeconds > secondsOf(deadlineTime)) return true;
  return SHORT_NOTICES.includes(cause) && nowSeconds - secondsOf(noticeTime) > SHORT_NOTICE_SECONDS;
}

export function noticeAction(view: NoticeView): NoticeAction {
  const ignored = ignoredBecause(view);
  if (ignored !== undefined) return { do: "ignore", because: ignored };
  const cordon = mayCordon(view);
  const { existing, notice } = view;
  if (!existing) return { do: "create", cordon };
  if (existing.metadata.deletionTimestamp !== undefined) return { do: "ignore", because: "BeingCancelled" };
  if (existing.status?.finishTime !== undefined) return afterTheEnd(existing, notice, cordon);
  const spec = tightened(existing.spec, notice);
  if (Object.keys(spec).length > 0) return { do: "tighten", spec, cordon };
  // Said before: a person may have uncordoned since, which is not undone by an echo.
  return { do: "keep", because: "AlreadyRecorded", cordon: cordon && existing.status?.drainStartTime === undefined };
}

function ignoredBecause({ instance, hasNode, cancelledSeconds, foundWaiting, notice }: NoticeView): string | undefined {
  if (instance === "running") return "StaleNotice";
  if (instance === "gone" && !hasNode) return "InstanceGone";
  if (cancelledSeconds === undefined) return undefined;
  const isOlder = secondsOf(notice.noticeTime) <= cancelledSeconds;
  return foundWaiting || isOlder ? "CancelledByHand" : undefined;
}

const mayCordon = ({ instance, hasNode, excluded, dryRun, existing }: NoticeView): boolean =>
  hasNode &&
  instance !== "gone" &&
  excluded === undefined &&
  pausedIn(undefined, [existing]) === undefined &&
  !(existing?.spec.dryRun ?? dryRun);

function afterTheEnd(existing: InstanceTermination, notice: LeavingInstance, cordon: boolean): NoticeAction {
  const end = existing.status?.finishTime ? secondsOf(existing.status.finishTime) : 0;
  // A cloud may go on showing for a while what has ended, and whoever finds it there calls it new.
  const isShownStill = notice.hold !== undefined && isThis(existing.spec.hold, notice.hold);
  const isNew = secondsOf(notice.noticeTime) > end && !isShownStill;
  return isNew ? { do: "replace", cordon } : { do: "keep", because: "AlreadyDone", cordon: false };
}

/** What a later notice changes: the deadline only forward, the hold by hook, a forced cause over a voluntary one. */
export function tightened(spec: InstanceTerminationSpec, notice: LeavingInstance): Partial<InstanceTerminationSpec> {
  const hold = notice.hold && mergeHolds(spec.hold, notice.hold);
  const isNewHold = hold !== undefined && !sameHold(hold, spec.hold);
  const deadlineTime = earlier(spec.deadlineTime, notice.deadlineTime);
  const noticeTime = isNewHold ? beginOf(spec, notice) : spec.noticeTime;
  const drainsNow = spec.drain?.mode === "CordonOnly" && notice.mode !== "CordonOnly";
  // Our own removal is the reason why its hook speaks.
  const isForcedNow = isForced(notice) && !isForced({ cause: spec.cause }) && !spec.removal;
  const within = deadlineTime ? (earlier(noticeTime, deadlineTime) ?? noticeTime) : noticeTime;
  return {
    ...(isNewHold && { hold }),
    ...(deadlineTime !== undefined && deadlineTime !== spec.deadlineTime && { deadlineTime }),
    ...(within !== spec.noticeTime && { noticeTime: within }),
    ...(drainsNow && { drain: { ...spec.drain, mode: "Drain" as const } }),
    ...(isForcedNow && { cause: notice.cause }),
  };
}

/**
 * Since when the instance is held. Whoever found it waiting did not know: the event that comes late does. But nothing
 * waits for longer than its timer before somebody has restarted it: what is older tells of an earlier wait.
 */
function beginOf({ hold, noticeTime }: InstanceTerminationSpec, notice: LeavingInstance): string {
  if (!notice.hold || !goesOn(hold, notice.hold)) return later(noticeTime, notice.noticeTime);
  const age = secondsOf(noticeTime) - secondsOf(notice.noticeTime);
  return age > 0 && age <= longestTimerSeconds(hold, UNDECLARED_TIMEOUT_SECONDS) ? notice.noticeTime : noticeTime;
}

/** Lists sorted by name on both sides: order says nothing. */
const sameHold = (a: Hold, b: Hold | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b && mergeHolds(undefined, b));

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return secondsOf(b) < secondsOf(a) ? b : a;
}
const later = (a: string, b: string): string => (secondsOf(b) > secondsOf(a) ? b : a);

/** A deadline that lies before its own notice is taken as the notice's time too: the schema wants them in order. */
export const noticeTimeOf = ({ noticeTime, deadlineTime }: LeavingInstance): string =>
  earlier(timeOf(secondsOf(noticeTime)), deadlineTime) ?? noticeTime;
