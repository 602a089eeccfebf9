/** When the next pass is due: as late as nothing is missed, and never twice. */
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { ActResult, DrainAction } from "./action.ts";
import { cloudDeadline, deadlineOf } from "./deadline.ts";
import type { DrainView } from "./drain-view.ts";
import { heartbeatDueSeconds } from "./heartbeat.ts";
import { BATCH } from "./leaving-action.ts";
import { groupPods } from "./pod-groups.ts";
import { isSame } from "./pool-machine.ts";
import { INSTANCE_LEAVING, LEAVING_LOOK_SECONDS, lookSeconds, STILL_HELD, sinceRelease } from "./released-action.ts";
import { retrySeconds } from "./retry.ts";
import { secondsOf, timeOf } from "./time.ts";

/** The longest delay that every queue can keep. */
const LONGEST_SECONDS = 900;
const GRACE_LOOK = { shortest: 5, longest: 30 } as const;
/** The last of those that share a hold releases it; two that meet see each other next time. */
const HELD_FOR_OTHERS_SECONDS = 10;
export const URGENT_SECONDS = 300;
/** One batch of a queue would carry both looks to one pass, and both would die with it; and less than a deadline's margin. */
export const TRAIL_SECONDS = 4;
/** What a passing fault of the way waits for then: the margin before the deadline is not spent on patience. */
const URGENT_LOOK_SECONDS = 2;
const OF_THE_WAY: readonly string[] = ["ApiServerUnreachable", "ApiServerFailed", "CloudUnavailable"];
/** Queues and clocks are late or early by so much. */
const TOLERANCE_SECONDS = 2;
/** Of a dry run nothing follows: only the world changes what is planned. */
const PLAN_SECONDS = 60;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** Until the deadline; undefined: there is none. */
const secondsLeft = (view: DrainView): number | undefined => {
  const deadline = deadlineOf(view);
  return deadline && deadline.atSeconds - view.nowSeconds;
};

/** As long as something can still be missed by its deadline; undefined: nothing can, as of a plan nothing follows. */
export const secondsToAct = (view: DrainView): number | undefined => (view.spec.dryRun ? undefined : secondsLeft(view));

/** Who is asked not to come earlier comes when it was asked to; a way that failed is tried again at once while time is short. */
function troubleLooks(view: DrainView, { trouble = view.trouble }: ActResult): readonly number[] {
  // A drain that has not begun has all of its user's time ahead, however long it waits: only the cloud's time runs out.
  const left = (cloudDeadline(view)?.atSeconds ?? Number.POSITIVE_INFINITY) - view.nowSeconds;
  const isUrgent = left > -view.settings.safetyMarginSeconds && left <= URGENT_SECONDS;
  return trouble && isUrgent && OF_THE_WAY.includes(trouble.reason) ? [URGENT_LOOK_SECONDS] : [];
}

/** When the grace of the last terminating pod is over. Past the deadline nobody is waited for: the next pass lets go. */
function graceLook(view: DrainView, action: DrainAction, { answers = [] }: ActResult): number {
  const left = secondsLeft(view);
  if (left !== undefined && left <= 0) return URGENT_LOOK_SECONDS;
  const removed = new Map(action.do === "evict" ? action.remove.map((ref) => [ref.uid, ref.graceSeconds]) : []);
  const accepted = new Set(answers.flatMap(({ answer, uid }) => (answer === "accepted" ? [uid] : [])));
  const ends = groupPods(view.pods ?? []).leaving.flatMap(({ uid, deletionSeconds, graceSeconds }) => {
    if (accepted.has(uid)) return removed.get(uid) ?? graceSeconds;
    return deletionSeconds === undefined ? [] : deletionSeconds - view.nowSeconds;
  });
  // Without a terminating pod only the moments below bring news.
  const last = ends.length > 0 ? Math.max(...ends) + 1 : GRACE_LOOK.longest;
  return clamp(last, GRACE_LOOK.shortest, GRACE_LOOK.longest);
}

/** When pods that were refused, now or in an earlier pass, may be asked again. */
function retryLooks(view: DrainView, { answers = [] }: ActResult): readonly number[] {
  const asked = new Set(answers.map(({ uid }) => uid));
  const now = answers.flatMap((answer) =>
    answer.answer === "refused" ? [retrySeconds(view, answer) - view.nowSeconds] : [],
  );
  const earlier = groupPods(view.pods ?? []).now.flatMap(({ uid }) => {
    const time = asked.has(uid) ? undefined : view.status.retryTimes?.[uid];
    return time === undefined ? [] : [secondsOf(time) - view.nowSeconds];
  });
  return [...now, ...earlier];
}

/** The decision changes by itself at the deadline, whatever is waited for, and one grace before it while pods are there. */
function deadlineLooks(view: DrainView): readonly number[] {
  const left = secondsLeft(view);
  const { leaving } = groupPods(view.pods ?? []);
  if (left === undefined) return [];
  return [left, ...leaving.filter((pod) => pod.deletionSeconds === undefined).map((pod) => left - pod.graceSeconds)];
}

function heartbeatLooks(view: DrainView): readonly number[] {
  if (view.heartbeatTrouble) return [view.heartbeatTrouble.againSeconds];
  const lastHeartbeatTime = view.heartbeat === "accepted" ? timeOf(view.nowSeconds) : view.status.lastHeartbeatTime;
  const status = { ...view.status, ...(lastHeartbeatTime && { lastHeartbeatTime }) };
  const due = heartbeatDueSeconds({ ...view, status });
  return due === undefined ? [] : [due - view.nowSeconds];
}

function ownLook(view: DrainView, action: DrainAction, result: ActResult): number {
  if (action.do === "wait" && action.because !== "PodsLeaving") return action.againSeconds ?? LONGEST_SECONDS;
  if (action.do === "wait" || action.do === "evict") {
    const isFull = action.do === "evict" && action.evict.length + action.remove.length >= BATCH;
    return isFull ? 1 : graceLook(view, action, result);
  }
  if (action.do !== "release") return 1;
  if (result.heldFor) return HELD_FOR_OTHERS_SECONDS;
  // Released before and still held: by somebody else, or by a cloud that needs its time.
  if (action.because === STILL_HELD) return lookSeconds(sinceRelease(view));
  return result.release === "not-held" ? 1 : LEAVING_LOOK_SECONDS;
}

/**
 * Once the instance is on its way the cloud's own events bring the next pass, and the sweep does where none comes: the
 * look is promised in status, and no message waits for it. Of an instance that a hold should have taken and that serves
 * on, no event tells.
 */
export function isToldByCloud(
  { instance, hold }: Pick<DrainView, "instance" | "hold">,
  action: DrainAction,
  { release, trouble }: ActResult,
): boolean {
  if (trouble) return false;
  if (action.do === "release") return release === "accepted" && action.because !== STILL_HELD;
  const servesOn = instance?.state === "running" && hold !== undefined;
  return action.do === "wait" && action.because === INSTANCE_LEAVING && !servesOn;
}

/** When something is due that waits for no answer of this pass; those to come. */
const dueLooks = (view: DrainView, result: ActResult): readonly number[] =>
  [...deadlineLooks(view), ...heartbeatLooks(view), ...troubleLooks(view, result)].filter((seconds) => seconds > 0);

/** Seconds until the next pass; undefined: nobody needs to look. */
export function wantedSeconds(view: DrainView, action: DrainAction, result: ActResult): number | undefined {
  if (result.trouble)
    return clamp(Math.ceil(Math.min(result.trouble.againSeconds, ...dueLooks(view, result))), 1, LONGEST_SECONDS);
  if (action.do === "finish" || action.do === "let-go" || action.do === "forget" || action.do === "delete-node")
    return undefined;
  if (action.do === "wait" && action.againSeconds === undefined) return undefined;
  if (view.spec.dryRun) return PLAN_SECONDS;
  const isOver = action.do === "release" || view.status.releaseTime !== undefined;
  const moments = isOver ? [] : dueLooks(view, result);
  const retries = action.do === "evict" || action.do === "wait" ? retryLooks(view, result).filter((at) => at > 0) : [];
  return clamp(Math.ceil(Math.min(ownLook(view, action, result), ...moments, ...retries)), 1, LONGEST_SECONDS);
}

export interface NextLook {
  readonly nextLookTime?: string;
  /** To be put on the queue; absent: somebody is coming already, or nobody needs to. */
  readonly againSeconds?: number;
}

/** A look that is promised for no later than the one wanted, and whose own pass this is not. */
export function isLookComing(promised: string | undefined, nowSeconds: number, wanted: number): promised is string {
  const at = promised === undefined ? nowSeconds : secondsOf(promised);
  return at > nowSeconds + TOLERANCE_SECONDS && at <= nowSeconds + wanted + TOLERANCE_SECONDS;
}

/** Nobody has asked for anything else meanwhile: what differs, another pass has written. */
export const isSameWish = (seen: InstanceTermination, stored: InstanceTermination): boolean =>
  isSame(wishOf(seen), wishOf(stored));

const wishOf = ({ spec, metadata: { uid, annotations = {}, deletionTimestamp } }: InstanceTermination) => ({
  spec,
  uid,
  annotations,
  deletionTimestamp,
});

export const isUrgent = (left = Number.POSITIVE_INFINITY): boolean => left <= URGENT_SECONDS;

/**
 * Two chains of hints for one object become one: who finds an earlier look promised adds none. Not in the last minutes
 * before a deadline: whoever promised may have died before it asked for the look, or dies when it comes, and neither the
 * queue's own patience nor the sweep would be in time. The second chain follows the first at a distance, a third joins it.
 * @param left of secondsToAct
 */
export function mergeLook(
  promised: string | undefined,
  nowSeconds: number,
  wanted: number | undefined,
  left?: number,
): NextLook {
  if (wanted === undefined) return {};
  if (!isLookComing(promised, nowSeconds, wanted))
    return { nextLookTime: timeOf(nowSeconds + wanted), againSeconds: wanted };
  const trailSeconds = Math.ceil(secondsOf(promised) - nowSeconds) + TRAIL_SECONDS;
  return { nextLookTime: promised, ...(isUrgent(left) && { againSeconds: trailSeconds }) };
}
