/** Which records a sweep wakes: those that somebody should have looked at by now. */
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import { secondsOf } from "./time.ts";

/** Queues deliver late; so long after the promised time nobody is coming. */
const LATE_SECONDS = 30;

export function isOverdue(
  { metadata, status }: InstanceTermination,
  nowSeconds: number,
  finishedTtlSeconds: number,
): boolean {
  if (metadata.deletionTimestamp === undefined && status?.finishTime !== undefined)
    return nowSeconds >= secondsOf(status.finishTime) + finishedTtlSeconds;
  const promised = status?.nextLookTime ?? metadata.creationTimestamp;
  return promised === undefined || status?.finishTime !== undefined || nowSeconds > secondsOf(promised) + LATE_SECONDS;
}
