/** A lifecycle hook holds an instance that is about to leave its group, for EC2 or for the warm pool: drain it, then let go. */
import type { AutoScalingHook } from "../../../api/lifecycle/hold.ts";
import { leaving, nothing, noticeOf } from "../../event-reading.ts";
import { TERMINATING } from "../auto-scaling-hold.ts";
import { isInstanceId } from "../provider-id.ts";
import { readHookNotification } from "./hook-notification.ts";
import type { Parser } from "./parser.ts";

const EVENT = "TerminateHook";

/**
 * All three shapes of one message give the identical trigger. Origin and Destination change nothing: an instance on its
 * way back into the warm pool is drained like any other, and one that leaves from there waits for our answer too.
 */
export const parseTerminateHook: Parser = (event, reading) => {
  const read = readHookNotification(event);
  if (read?.says !== TERMINATING) return undefined;
  const { groupName, hookName, instanceId, token, time } = read;
  if (!groupName || !hookName || !instanceId || !isInstanceId(instanceId)) return undefined;
  if (!reading.hookNames.areOurs(hookName)) return nothing(EVENT, "ForeignHook");
  const { noticeTime, warnings } = noticeOf(time, reading);
  const hook: AutoScalingHook = { name: hookName, ...(token ? { token } : {}) };
  const hold = { autoScaling: { groupName, hooks: [hook] } };
  return leaving(EVENT, [{ instanceId, groupName, cause: "TerminationHook", noticeTime, hold }], warnings);
};
