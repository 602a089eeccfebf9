/** Which records a sweep wakes: those that somebody should have looked at by now. */
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import { secondsOf } from "./time.ts";

/** Queues deliver late; so long after the promised time nobody is coming. */
const LATE_SECONDS = 30;
/** Minutes before a deadline a pass too many costs less than a sweep without one. */
const URGENT = { secondsLeft: 300, lateSeconds: 5 } as const;

/** A notice, or a person, has changed what is wished, and the hint that said so may be lost: the look that is promised may be minutes away. */
const isUnheard = (generation: number | undefined, status: InstanceTermination["status"]): boolean =>
  status?.observedGeneration !== undefined &&
  status.finishTime === undefined &&
  status.observedGeneration !== generation;

export function isOverdue(
  { metadata, spec, status }: InstanceTermination,
  nowSeconds: number,
  finishedTtlSeconds: number,
): boolean {
  if (metadata.deletionTimestamp === undefined && status?.finishTime !== undefined)
    return nowSeconds >= secondsOf(status.finishTime) + finishedTtlSeconds;
  if (isUnheard(metadata.generation, status)) return true;
  const promised = status?.nextLookTime ?? metadata.creationTimestamp;
  const left = spec.deadlineTime === undefined ? undefined : secondsOf(spec.deadlineTime) - nowSeconds;
  const late = left !== undefined && left <= URGENT.secondsLeft ? URGENT.lateSeconds : LATE_SECONDS;
  return promised === undefined || status?.finishTime !== undefined || nowSeconds > secondsOf(promised) + late;
}
