/** Triggers as rows of event tables expect them. */
import type { LeavingInstance, Trigger } from "../../lib/api/trigger.ts";

export const nothing = (event: string, because: string): Trigger => ({ kind: "nothing", event, because });
export const leaving = (event: string, ...instances: LeavingInstance[]): Trigger => ({
  kind: "leaving",
  event,
  instances,
});
