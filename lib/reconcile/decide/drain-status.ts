/** The status after a pass: a pure function of what was seen, done and answered, sorted, without the present time in its texts. */
import type { InstanceTerminationStatus, Phase, WaitingFor } from "../../api/lifecycle/instance-termination.ts";
import type { ActResult, DrainAction } from "./action.ts";
import type { SaidCondition } from "./condition.ts";
import { drainConditions } from "./drain-conditions.ts";
import { shownOf, waitingFor } from "./drain-messages.ts";
import { drainPlan } from "./drain-plan.ts";
import type { DrainView } from "./drain-view.ts";
import { isCordoned } from "./node-marks.ts";
import { mustLeave } from "./pod-groups.ts";
import { retrySeconds } from "./retry.ts";
import { secondsOf, timeOf } from "./time.ts";

type Fields = { -readonly [K in keyof InstanceTerminationStatus]?: InstanceTerminationStatus[K] | undefined };

export interface SaidStatus {
  readonly fields: Omit<InstanceTerminationStatus, "conditions">;
  readonly conditions: readonly SaidCondition[];
  /** Condition types whose earlier word stands. */
  readonly kept: readonly string[];
}

const isCordonedNow = ({ node }: DrainView, { cordoned }: ActResult): boolean => cordoned === true || isCordoned(node);

function phaseOf(view: DrainView, action: DrainAction, result: ActResult): Phase {
  const before = view.status.phase ?? "Pending";
  if (result.trouble && action.do !== "evict") return before;
  if (action.do === "finish") return action.phase;
  if (action.do === "delete-node") return "Released";
  if (action.do === "release" || view.status.releaseTime) return "Releasing";
  return isCordonedNow(view, result) ? cordonedPhase(view, action, before) : before;
}

function cordonedPhase({ pods, spec }: DrainView, action: DrainAction, before: Phase): Phase {
  if (pods?.some(mustLeave) && spec.drain?.mode !== "CordonOnly") return "Draining";
  if (action.do === "wait" && action.because === "VolumesAttached") return "DetachingVolumes";
  return before === "Pending" ? "Cordoned" : before;
}

function podCounts({ pods, status }: DrainView, waiting: readonly WaitingFor[]): InstanceTerminationStatus["pods"] {
  if (pods === undefined) return status.pods;
  const total = Math.max(status.pods?.total ?? 0, pods.filter(mustLeave).length);
  return { total, evicted: total - waiting.length, remaining: waiting.length };
}

/** Only of pods that are still there, and only times that are still to come. */
function retryTimes(view: DrainView, { answers = [] }: ActResult): Readonly<Record<string, string>> | undefined {
  const { nowSeconds, pods, status } = view;
  const answered = new Set(answers.map(({ uid }) => uid));
  const present = new Set(pods?.map(({ uid }) => uid));
  const earlier = Object.entries(status.retryTimes ?? {}).filter(
    ([uid, time]) => (pods === undefined || present.has(uid)) && !answered.has(uid) && secondsOf(time) > nowSeconds,
  );
  const refused = answers.filter(({ answer }) => answer === "refused");
  const later = refused.map((answer) => [answer.uid, timeOf(retrySeconds(view, answer))] as const);
  const times = [...earlier, ...later].sort(([a], [b]) => (a < b ? -1 : 1));
  return times.length > 0 ? Object.fromEntries(times) : undefined;
}

/** Claims of every pod that leaves: once it is gone nothing tells whose volumes they were. */
export function claimsToRemember({ pods = [], status }: DrainView): readonly string[] {
  const claims = new Set([...(status.drainedClaims ?? []), ...pods.filter(mustLeave).flatMap((pod) => pod.claims)]);
  return [...claims].sort();
}

function times(view: DrainView, action: DrainAction, result: ActResult): Fields {
  const { status, nowSeconds } = view;
  const now = timeOf(nowSeconds);
  const isEnd = !result.trouble && (action.do === "finish" || action.do === "delete-node");
  const waits = action.do === "wait" && action.because === "VolumesAttached";
  const starts = isCordonedNow(view, result);
  return {
    drainStartTime: status.drainStartTime ?? (starts ? now : undefined),
    volumeWaitStartTime: status.volumeWaitStartTime ?? (waits ? now : undefined),
    lastHeartbeatTime: view.heartbeat === "accepted" ? now : status.lastHeartbeatTime,
    releaseTime: status.releaseTime ?? (action.do === "release" && !result.trouble ? now : undefined),
    holdReleased: holdReleased(view, result),
    finishTime: isEnd ? now : status.finishTime,
  };
}

/** `true` stays; `false`: the cloud was asked and held nothing. */
function holdReleased({ status, hold }: DrainView, { release }: ActResult): boolean | undefined {
  if (!hold || !release || status.holdReleased) return status.holdReleased;
  return release === "accepted";
}

/** nextLookTime is the caller's: it depends on who else is coming. */
export function drainStatus(view: DrainView, action: DrainAction, result: ActResult): SaidStatus {
  if (view.spec.dryRun && action.do !== "finish") return plannedStatus(view);
  const { status, node } = view;
  const waiting = waitingFor(view, result.answers ?? []);
  const isOver = action.do === "release" || action.do === "finish" || action.do === "delete-node" || status.releaseTime;
  const found = node.seen === "found" ? node.node : undefined;
  const claims = claimsToRemember(view);
  const shown = view.pods === undefined ? (status.waitingFor ?? []) : shownOf(waiting);
  const fields: Fields = {
    phase: phaseOf(view, action, result),
    nodeRef: found ? { name: found.name, uid: found.uid } : status.nodeRef,
    cordonedByUs: found?.taint ? found.taint === "cordoned" : status.cordonedByUs,
    ...times(view, action, result),
    pods: podCounts(view, waiting),
    waitingFor: isOver || shown.length === 0 ? undefined : shown,
    retryTimes: isOver ? undefined : retryTimes(view, result),
    drainedClaims: claims.length > 0 ? claims : undefined,
    observedGeneration: view.generation,
  };
  const { said, kept } = drainConditions({ view, action, result, waiting, startTime: fields.drainStartTime });
  return { fields: definedOnly(fields), conditions: said, kept };
}

/** A dry run says what it would do, and nothing that could be taken for done. */
const plannedStatus = (view: DrainView): SaidStatus => ({
  fields: { phase: "Pending", plan: drainPlan(view), observedGeneration: view.generation },
  conditions: [],
  kept: [],
});

const definedOnly = (fields: Fields): Omit<InstanceTerminationStatus, "conditions"> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
