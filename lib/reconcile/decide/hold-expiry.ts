/** Whether a cloud is about to let go of an instance although its drain is not over: worth an alarm. */
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { HoldView } from "./drain-view.ts";
import { secondsOf } from "./time.ts";

/** Heartbeats are due at half the timer; so late, two of them are missing. */
const TIMER_SHARE = 0.8;
/** A hold that only its maximum can end is said while a person can still act. */
const MAXIMUM_SHARE = 0.9;

type Terms = Pick<HoldView, "heartbeatTimeoutSeconds" | "maximumSeconds">;

/** A notice whose own deadline comes first is no alarm: there the instance goes as announced. */
export function isCloseToExpiry(
  { spec, status = {} }: InstanceTermination,
  { heartbeatTimeoutSeconds, maximumSeconds }: Terms,
  nowSeconds: number,
): boolean {
  if (!spec.hold || spec.dryRun || status.releaseTime || status.finishTime) return false;
  if (spec.deadlineTime && secondsOf(spec.deadlineTime) <= nowSeconds) return false;
  const notice = secondsOf(spec.noticeTime);
  const last = Math.max(notice, status.lastHeartbeatTime ? secondsOf(status.lastHeartbeatTime) : 0);
  const timerEnds = heartbeatTimeoutSeconds && nowSeconds >= last + TIMER_SHARE * heartbeatTimeoutSeconds;
  const maximumComes = maximumSeconds && nowSeconds >= notice + MAXIMUM_SHARE * maximumSeconds;
  return Boolean(timerEnds || maximumComes);
}
