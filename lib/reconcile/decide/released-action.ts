/** After the release: verify that it took effect, and wait for the instance to be gone. */
import type { DrainAction } from "./action.ts";
import type { DrainView } from "./drain-view.ts";
import { isTainted } from "./node-marks.ts";
import { isForced } from "./pod-view.ts";
import { removalUnheard } from "./removal.ts";
import { secondsOf } from "./time.ts";

export const STILL_HELD = "StillHeld";
/** Nobody tells us of the end of a pause. */
export const PAUSED: DrainAction = { do: "wait", because: "Paused", againSeconds: 60 };
export const INSTANCE_LEAVING = "InstanceLeaving";
/** The cloud may need a little until it shows what it accepted. */
const SETTLING_SECONDS = 60;
/** So long after its deadline a notice that did not come true was stale. */
export const NOTICE_EXPIRED_SECONDS = 300;
const SHORTEST_LOOK_SECONDS = 30;
/** Nobody needs to look sooner while the instance is on its way: the cloud tells of its end. */
export const LEAVING_LOOK_SECONDS = 60;
const LONGEST_LOOK_SECONDS = 600;

/** The longer it takes, the rarer the looks; an event of the cloud brings the next one forward. */
export const lookSeconds = (sinceSeconds: number): number =>
  Math.min(LONGEST_LOOK_SECONDS, Math.max(SHORTEST_LOOK_SECONDS, sinceSeconds));

const cancelled = (view: DrainView, because: string): DrainAction => ({
  do: "finish",
  phase: "Cancelled",
  because,
  uncordon: isTainted(view.node),
});

/** In service although we let it go, or although the cloud said when it would take it. */
function inService(view: DrainView, sinceSeconds: number): DrainAction | undefined {
  const { instance, hold, spec, node, nowSeconds } = view;
  if (instance?.state !== "running") return undefined;
  const end = spec.deadlineTime ? secondsOf(spec.deadlineTime) + NOTICE_EXPIRED_SECONDS : Number.POSITIVE_INFINITY;
  if ((hold && sinceSeconds >= SETTLING_SECONDS) || nowSeconds >= end) return cancelled(view, "InstanceInService");
  const isUncordoned = node.seen === "found" && !node.node.unschedulable;
  return isUncordoned && !isForced(spec) ? cancelled(view, "UncordonedByHand") : undefined;
}

export const sinceRelease = ({ status, nowSeconds }: Pick<DrainView, "status" | "nowSeconds">): number =>
  status.releaseTime === undefined ? 0 : nowSeconds - secondsOf(status.releaseTime);

/** A hold that came after the release is tried once, whatever the cloud shows: what it shows may be old, and holds are short. */
const mayBeHeld = ({ status, instance }: DrainView): boolean =>
  instance?.state === "running" && status.holdReleased === undefined;

/** The release once more: whoever paused since then does not want it. */
const unlessPaused = ({ paused }: DrainView, because: string): DrainAction =>
  paused === undefined ? { do: "release", because } : PAUSED;

/** @returns undefined before the release */
export function releasedAction(view: DrainView): DrainAction | undefined {
  const { status, instance, hold } = view;
  if (status.releaseTime === undefined) return undefined;
  const since = sinceRelease(view);
  if (hold && (instance?.state === "held" || mayBeHeld(view))) return unlessPaused(view, STILL_HELD);
  const trouble = view.trouble;
  if (trouble) return { do: "wait", because: trouble.reason, againSeconds: trouble.againSeconds };
  const again = Math.max(LEAVING_LOOK_SECONDS, lookSeconds(since));
  const stays = inService(view, since);
  if (stays) return stays;
  return removalUnheard(view, since)
    ? unlessPaused(view, "StillInService")
    : { do: "wait", because: INSTANCE_LEAVING, againSeconds: again };
}
