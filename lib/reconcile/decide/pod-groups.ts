/** Whose turn it is: pods leave tier by tier, and a tier starts when the one before is gone. */
import type { PodView } from "./drain-view.ts";

export interface PodGroups {
  /** Everything the drain waits for, sorted by pod. */
  readonly leaving: readonly PodView[];
  readonly terminating: readonly PodView[];
  /** The present tier's, to be evicted. */
  readonly now: readonly PodView[];
  /** The present tier's, to end by themselves or to be left alone until the deadline. */
  readonly waited: readonly PodView[];
  readonly later: readonly PodView[];
}

/** Finished pods hold nothing up: upstream waits until their objects are gone (cluster-api issue 12920). */
export const mustLeave = (pod: PodView): boolean => pod.verdict.behavior !== "Skip" && !pod.finished;

const tier = (a: PodView, b: PodView): number =>
  a.verdict.order - b.verdict.order || Number(a.critical) - Number(b.critical);
const byName = (a: PodView, b: PodView): number => (a.pod < b.pod ? -1 : a.pod > b.pod ? 1 : 0);

/** Terminating pods hold their tier until they are gone; so do those that end by themselves. */
export function groupPods(pods: readonly PodView[]): PodGroups {
  const leaving = pods.filter(mustLeave).sort(byName);
  const first = [...leaving].sort(tier)[0];
  const isNow = (pod: PodView) => first !== undefined && tier(pod, first) === 0;
  const terminating = leaving.filter(({ deletionSeconds }) => deletionSeconds !== undefined);
  const alive = leaving.filter(({ deletionSeconds }) => deletionSeconds === undefined);
  const present = alive.filter(isNow);
  const isWaited = ({ verdict, heldBy }: PodView) => verdict.behavior === "WaitCompleted" || heldBy !== undefined;
  return {
    leaving,
    terminating,
    now: present.filter((pod) => !isWaited(pod)),
    waited: present.filter(isWaited),
    later: alive.filter((pod) => !isNow(pod)),
  };
}
