/** Nothing is left on the Node: the gates between an empty Node and its release, each with a name of its own. */
import type { DrainAction } from "./action.ts";
import { deadlineOf } from "./deadline.ts";
import type { DrainView } from "./drain-view.ts";
import { secondsOf } from "./time.ts";

/** The scheduler may have bound a pod before it saw the cordon: an empty Node is looked at twice (Karpenter's minimum drain time). */
const SECOND_LOOK_SECONDS = 5;
const VOLUME_LOOK_SECONDS = 15;

const wait = (because: string, againSeconds: number): DrainAction => ({ do: "wait", because, againSeconds });

function volumesHold({ attachedClaims, status, spec, limits, nowSeconds }: DrainView): boolean {
  if (!attachedClaims?.length) return false;
  const timeout = spec.drain?.volumeDetachTimeoutSeconds || limits.volumeSeconds || undefined;
  if (timeout === undefined) return true;
  const start = status.volumeWaitStartTime ? secondsOf(status.volumeWaitStartTime) : nowSeconds;
  return nowSeconds < start + timeout;
}

export function emptyNodeAction(view: DrainView): DrainAction {
  const { nowSeconds, spec, status } = view;
  const deadline = deadlineOf(view);
  if (deadline && nowSeconds >= deadline.atSeconds) return { do: "release", because: "Drained" };
  const start = status.drainStartTime ? secondsOf(status.drainStartTime) : nowSeconds;
  const gate = (seconds: number) => start + seconds - nowSeconds;
  if (gate(SECOND_LOOK_SECONDS) > 0) return wait("SecondLook", gate(SECOND_LOOK_SECONDS));
  if (volumesHold(view)) return wait("VolumesAttached", VOLUME_LOOK_SECONDS);
  const delay = gate(spec.drain?.waitBeforeReleaseSeconds ?? 0);
  return delay > 0 ? wait("WaitBeforeRelease", delay) : { do: "release", because: "Drained" };
}
