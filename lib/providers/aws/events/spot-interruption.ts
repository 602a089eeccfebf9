/** EC2 takes a Spot instance back in two minutes, whether it then terminates, stops or hibernates it. */
import { readEc2InstanceEvent } from "./ec2-instance-event.ts";
import { leaving, noticeOf, type Parser } from "./parser.ts";
import { secondsAfter } from "./time.ts";

export const RECLAIM_NOTICE_SECONDS = 120;

export const parseSpotInterruption: Parser = (event, reading) => {
  const read = readEc2InstanceEvent(event, ["EC2 Spot Instance Interruption Warning"]);
  if (!read) return undefined;
  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const deadlineTime = secondsAfter(noticeTime, RECLAIM_NOTICE_SECONDS);
  const instance = { instanceId: read.instanceId, cause: "SpotInterruption", noticeTime, deadlineTime } as const;
  return leaving("SpotInterruption", [instance], warnings);
};
