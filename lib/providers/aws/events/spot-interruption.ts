/** EC2 takes a Spot instance back in two minutes, whether it then terminates, stops or hibernates it. */

import { leaving, noticeOf } from "../../event-reading.ts";
import { secondsAfter } from "../../event-time.ts";
import { readEc2InstanceEvent } from "./ec2-instance-event.ts";
import type { Parser } from "./parser.ts";

export const RECLAIM_NOTICE_SECONDS = 120;

export const parseSpotInterruption: Parser = (event, reading) => {
  const read = readEc2InstanceEvent(event, ["EC2 Spot Instance Interruption Warning"]);
  if (!read) return undefined;
  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const deadlineTime = secondsAfter(noticeTime, RECLAIM_NOTICE_SECONDS);
  const instance = { instanceId: read.instanceId, cause: "SpotInterruption", noticeTime, deadlineTime } as const;
  return leaving("SpotInterruption", [instance], warnings);
};
