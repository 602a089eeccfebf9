/** EC2 says that an instance has changed its state, for whatever reason. */
import type { Trigger } from "../../../api/trigger.ts";
import { leaving, nothing, noticeOf } from "../../event-reading.ts";
import { secondsAfter } from "../../event-time.ts";
import { readEc2InstanceEvent } from "./ec2-instance-event.ts";
import type { Parser } from "./parser.ts";

const EVENT = "InstanceStateChange";
const SHUTDOWN_SECONDS = 30;

const MEANING: ReadonlyMap<string | undefined, "staying" | "stopping" | "ending" | "ended"> = new Map([
  ["pending", "staying"],
  ["running", "staying"],
  ["stopping", "stopping"],
  ["shutting-down", "ending"],
  ["stopped", "ended"],
  ["terminated", "ended"],
]);

/**
 * `stopping`: somebody stops the instance past its group, and no hook will hold it. What runs there ends now, so its
 * deadline is what an operating system takes to go down: pods are told, and replaced minutes before the Node would be
 * found silent.
 * `shutting-down`: `terminated` follows within seconds, and a drain in progress looks again by itself.
 * `stopped`, `terminated`: whoever recorded the instance looks, and nobody starts anew.
 * States match exactly; a missing one is malformed, not a reason to drain.
 */
export const parseInstanceStateChange: Parser = (event, reading): Trigger | undefined => {
  const read = readEc2InstanceEvent(event, ["EC2 Instance State-change Notification"]);
  const meaning = MEANING.get(read?.state);
  if (!read || !meaning) return undefined;
  const { instanceId } = read;
  if (meaning === "staying") return nothing(EVENT, "NotLeaving");
  if (meaning === "ending") return nothing(EVENT, "EndFollows");
  if (meaning === "ended") return { kind: "look", event: EVENT, instanceIds: [instanceId] };
  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const deadlineTime = secondsAfter(noticeTime, SHUTDOWN_SECONDS);
  return leaving(EVENT, [{ instanceId, cause: "UserRequest", noticeTime, deadlineTime }], warnings);
};
