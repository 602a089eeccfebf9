/** Until when a drain may take its time: the earliest of what the cloud, the hold and the user allow. */
import type { DrainView } from "./drain-view.ts";
import { secondsOf } from "./time.ts";

export interface Deadline {
  readonly atSeconds: number;
  /** CloudDeadline, HoldMaximum, HoldTimeout or DrainTimeout. */
  readonly because: string;
}

type Facts = Pick<DrainView, "spec" | "status" | "hold" | "settings" | "limits" | "nowSeconds">;

const earliest = (deadlines: readonly Deadline[]): Deadline | undefined =>
  [...deadlines].sort((a, b) => a.atSeconds - b.atSeconds)[0];

/** What the cloud itself allows, less the safety margin; known without looking at any cluster. */
export function cloudDeadline({
  spec,
  hold,
  settings,
}: Omit<Facts, "limits" | "status" | "nowSeconds">): Deadline | undefined {
  const notice = secondsOf(spec.noticeTime);
  const margin = settings.safetyMarginSeconds;
  const found: Deadline[] = [];
  if (spec.deadlineTime) found.push({ atSeconds: secondsOf(spec.deadlineTime) - margin, because: "CloudDeadline" });
  if (hold?.maximumSeconds) found.push({ atSeconds: notice + hold.maximumSeconds - margin, because: "HoldMaximum" });
  // A hold that cannot be kept alive ends by itself.
  if (hold?.heartbeatTimeoutSeconds && !hold.canHeartbeat)
    found.push({ atSeconds: notice + hold.heartbeatTimeoutSeconds - margin, because: "HoldTimeout" });
  return earliest(found);
}

/** Seconds a drain may take by the user's wish: the record's own, else the Machine's or pool's; 0 is no limit (Cluster API). */
export const drainTimeoutSeconds = ({ spec, limits }: Pick<Facts, "spec" | "limits">): number | undefined =>
  spec.drain?.timeoutSeconds || limits.drainSeconds || undefined;

/** The deadline of a pass; undefined: none. */
export function deadlineOf(facts: Facts): Deadline | undefined {
  const cloud = cloudDeadline(facts);
  const timeout = drainTimeoutSeconds(facts);
  if (timeout === undefined) return cloud;
  const start = facts.status.drainStartTime ? secondsOf(facts.status.drainStartTime) : facts.nowSeconds;
  return earliest([...(cloud ? [cloud] : []), { atSeconds: start + timeout, because: "DrainTimeout" }]);
}

/** Whether pods that are still there when their grace would overrun the deadline are deleted; else the instance goes with them. */
export const deletesWhenShort = ({ spec }: Pick<Facts, "spec">): boolean => spec.drain?.onDeadline !== "Release";
