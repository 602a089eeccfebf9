/** The owner of interruptible reserved capacity takes it back: about two minutes, and the event says until when. */

import { leaving, noticeOf } from "../../event-reading.ts";
import { readTime, secondsAfter } from "../../event-time.ts";
import { readEc2InstanceEvent } from "./ec2-instance-event.ts";
import type { Parser } from "./parser.ts";
import { RECLAIM_NOTICE_SECONDS } from "./spot-interruption.ts";

/** One event: the documentation spells it one way, deployed parsers (Karpenter) wait for the other. */
const DETAIL_TYPES = [
  "EC2 Capacity Reservation Instance Interruption Warning",
  "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
];

export const parseCapacityReservationInterruption: Parser = (event, reading) => {
  const read = readEc2InstanceEvent(event, DETAIL_TYPES);
  if (!read) return undefined;
  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const deadlineTime = readTime(read.terminationTime) ?? secondsAfter(noticeTime, RECLAIM_NOTICE_SECONDS);
  const instance = { instanceId: read.instanceId, cause: "Preemption", noticeTime, deadlineTime } as const;
  return leaving("CapacityReservationInterruption", [instance], warnings);
};
