/** When the cloud must hear that a hold is still needed: at about half of its timer, and not when that changes nothing. */
import { cloudDeadline } from "./deadline.ts";
import type { DrainView } from "./drain-view.ts";
import { secondsOf } from "./time.ts";

/** Taken for a hold whose timer nobody declared: the shortest that a cloud allows. */
export const UNDECLARED_TIMEOUT_SECONDS = 30;

/** The pass that releases at the deadline may come so late; the hold must still be there. */
const LATE_SECONDS = 15;

type Facts = Pick<DrainView, "spec" | "status" | "hold" | "settings" | "deleting">;

/**
 * When the next heartbeat is due, seconds since 1970; undefined: none is needed any more.
 * None is sent past the hold's maximum, nor when the deadline comes before the present timer runs out.
 */
export function heartbeatDueSeconds(facts: Facts): number | undefined {
  const { spec, status, hold, deleting } = facts;
  if (!hold?.canHeartbeat || spec.dryRun || deleting || status.releaseTime || status.finishTime) return undefined;
  const timeout = hold.heartbeatTimeoutSeconds ?? UNDECLARED_TIMEOUT_SECONDS;
  const notice = secondsOf(spec.noticeTime);
  // A hold that replaced an older one has a timer of its own.
  const last = Math.max(notice, status.lastHeartbeatTime ? secondsOf(status.lastHeartbeatTime) : 0);
  const due = last + timeout / 2;
  const end = last + timeout;
  if (hold.maximumSeconds !== undefined && notice + hold.maximumSeconds <= end) return undefined;
  const deadline = cloudDeadline(facts)?.atSeconds;
  const staysHeld = spec.drain?.mode === "CordonOnly";
  return deadline !== undefined && deadline + LATE_SECONDS <= end && !staysHeld ? undefined : due;
}

export const heartbeatIsDue = (facts: Facts & { readonly nowSeconds: number }): boolean => {
  const due = heartbeatDueSeconds(facts);
  return due !== undefined && facts.nowSeconds >= due;
};
