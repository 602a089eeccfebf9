/** While pods must leave: who is evicted now, who is deleted because time is short, and when the waiting ends. */
import type { DrainAction, PodRef } from "./action.ts";
import { type Deadline, deadlineOf, deletesWhenShort } from "./deadline.ts";
import type { DrainView, PodView } from "./drain-view.ts";
import type { PodGroups } from "./pod-groups.ts";
import { secondsOf } from "./time.ts";

/** Requests of one pass; the rest follow in the next. */
export const BATCH = 100;
/** How long pods on a Node that does not answer are waited for. */
const UNREACHABLE_SECONDS = 30;
const LOOK_SECONDS = 30;
const CLOCK_TOLERANCE_SECONDS = 2;
/** What an eviction may take at most, and what it gets whatever comes next. */
const ANSWER = { longest: 15, shortest: 2 } as const;

const mayAsk = ({ status, nowSeconds }: DrainView, { uid }: PodView): boolean => {
  const after = status.retryTimes?.[uid];
  return after === undefined || nowSeconds >= secondsOf(after);
};

/** Only a Node that does not answer shortens the grace of an eviction. */
const toEvict = ({ node }: DrainView, { pod, uid, graceSeconds }: PodView): PodRef => ({
  pod,
  uid,
  graceSeconds,
  ...(node.seen === "found" && node.node.ready === "Unknown" && { shortened: true }),
});

/** Never 0, which would drop the pod from the API before its containers have ended; never above the pod's own grace. */
const toRemove = ({ pod, uid, graceSeconds }: PodView, leftSeconds: number): PodRef => ({
  pod,
  uid,
  graceSeconds: Math.max(1, Math.min(graceSeconds, Math.floor(leftSeconds))),
});

/** Whether a pod's grace would overrun the deadline if it began any later, or does, when it is terminating already. */
function overruns(pod: PodView, { atSeconds }: Deadline, nowSeconds: number): boolean {
  if (pod.deletionSeconds === undefined) return nowSeconds >= atSeconds - pod.graceSeconds;
  return nowSeconds < atSeconds && pod.deletionSeconds > atSeconds + CLOCK_TOLERANCE_SECONDS;
}

/** Until the next pod must be deleted: an eviction that is never answered must not outlast that moment. */
function limitOf(leaving: readonly PodView[], deadline: Deadline | undefined, nowSeconds: number): number | undefined {
  if (!deadline) return undefined;
  const moments = leaving.map(({ deletionSeconds, graceSeconds }) =>
    deletionSeconds === undefined ? deadline.atSeconds - graceSeconds : deadline.atSeconds,
  );
  const next = Math.min(...moments.filter((moment) => moment > nowSeconds), deadline.atSeconds) - nowSeconds;
  return next < ANSWER.longest ? Math.max(ANSWER.shortest, Math.ceil(next)) : undefined;
}

/** Since when the Node has not answered and the drain has run: the later of both. */
function unreachableEndSeconds({ node, status, nowSeconds }: DrainView): number | undefined {
  if (node.seen !== "found" || node.node.ready !== "Unknown" || !status.drainStartTime) return undefined;
  const since = Math.max(node.node.readySinceSeconds ?? nowSeconds, secondsOf(status.drainStartTime));
  return since + UNREACHABLE_SECONDS;
}

export function leavingAction(view: DrainView, groups: PodGroups): DrainAction {
  const { nowSeconds } = view;
  const unreachableEnd = unreachableEndSeconds(view);
  if (unreachableEnd !== undefined && nowSeconds >= unreachableEnd)
    return { do: "release", because: "NodeUnreachable" };
  const deadline = deadlineOf(view);
  const deletes = deletesWhenShort(view);
  const left = deadline ? deadline.atSeconds - nowSeconds : Number.POSITIVE_INFINITY;
  const short = deadline && deletes ? groups.leaving.filter((pod) => overruns(pod, deadline, nowSeconds)) : [];
  const remove = short.filter((pod) => mayAsk(view, pod)).slice(0, BATCH);
  if (left <= 0 && remove.length === 0) return { do: "release", because: "DeadlinePassed" };
  const evict =
    left <= 0
      ? []
      : groups.now.filter((pod) => !short.includes(pod) && mayAsk(view, pod)).slice(0, BATCH - remove.length);
  if (evict.length + remove.length === 0) return { do: "wait", because: "PodsLeaving", againSeconds: LOOK_SECONDS };
  const limitSeconds = deletes ? limitOf(groups.leaving, deadline, nowSeconds) : undefined;
  return {
    do: "evict",
    because: remove.length > 0 ? (deadline?.because ?? "Deadline") : "Draining",
    evict: evict.map((pod) => toEvict(view, pod)),
    remove: remove.map((pod) => toRemove(pod, left)),
    ...(limitSeconds !== undefined && { limitSeconds }),
  };
}
