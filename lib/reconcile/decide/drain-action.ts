/** The one decision of a drain: what this pass does, from one view, as a list of small rules; the first that speaks decides. */
import type { DrainAction } from "./action.ts";
import { cloudDeadline, deadlineOf } from "./deadline.ts";
import { preDrainHook, preTerminateHook } from "./deletion-hooks.ts";
import type { DrainView } from "./drain-view.ts";
import { leavingAction } from "./leaving-action.ts";
import { isCordoned, isTainted } from "./node-marks.ts";
import { groupPods } from "./pod-groups.ts";
import { isForced } from "./pod-view.ts";
import { emptyNodeAction } from "./release-gates.ts";
import { NOTICE_EXPIRED_SECONDS, PAUSED, releasedAction } from "./released-action.ts";
import { nodePatienceSeconds } from "./removal.ts";
import { secondsOf } from "./time.ts";

type Rule = (view: DrainView) => DrainAction | undefined;

/** Reason of a Trouble: the Cluster has no kubeconfig (any more), so there is no Node to care for. */
export const NO_WORKLOAD_CLUSTER = "WorkloadClusterMissing";
const CORDON_ONLY_LOOK_SECONDS = 300;
const NODE_MISSING_LOOK_SECONDS = 15;
const RETAINED_LOOK_SECONDS = 600;
const OUTAGE_PATIENCE_SECONDS = 3600;

const release = (because: string): DrainAction => ({ do: "release", because });

/** An outage ends, and is waited for; a workload cluster that is gone does not come back. */
const awaitedTrouble = (trouble: DrainView["trouble"]): DrainAction | undefined =>
  trouble && trouble.reason !== NO_WORKLOAD_CLUSTER
    ? { do: "wait", because: trouble.reason, againSeconds: trouble.againSeconds }
    : undefined;

const isFinished = ({ status }: DrainView): boolean => status.finishTime !== undefined;

/** Deleting the object cancels the drain; what is left to the cloud is said, never completed. */
const beingDeleted: Rule = (view) => {
  if (!view.deleting) return undefined;
  const { trouble, status, hold, instance } = view;
  const blind = awaitedTrouble(trouble);
  if (blind) return blind;
  // What was let go and stays in service all the same, or comes back to it, gets its Node back.
  const stays = instance?.state === "running" || instance?.comesBack === true;
  const isOver = isFinished(view) || (status.releaseTime !== undefined && !stays);
  return {
    do: "let-go",
    because: isOver ? "Over" : "Deleted",
    uncordon: !isOver && isTainted(view.node) && !view.spec.dryRun,
    holdIsLeft: !isOver && hold !== undefined && instance?.state !== "leaving",
  };
};

const alreadyFinished: Rule = ({ status, settings, nowSeconds }) => {
  if (status.finishTime === undefined) return undefined;
  const isOld = nowSeconds >= secondsOf(status.finishTime) + settings.finishedTtlSeconds;
  return isOld ? { do: "forget", because: "FinishedLongAgo" } : { do: "wait", because: "Finished" };
};

/** The Node of a vanished instance goes too, unless another has taken its name (deletion carries a uid). */
const instanceGone: Rule = (view) => {
  const { instance, node, status, spec } = view;
  if (instance?.state !== "gone") return undefined;
  const known = node.seen === "found" ? node.node : node.seen === "gone" ? undefined : status.nodeRef;
  if (known && !spec.dryRun) {
    const { name, uid } = known;
    const isFinal = instance.mayReturn === undefined;
    return { do: "delete-node", because: "InstanceGone", name, uid, ...(isFinal && { providerID: spec.providerID }) };
  }
  return awaitedSight(view) ?? { do: "finish", phase: "Released", because: "InstanceGone", uncordon: false };
};

/** Nobody has seen the Node, and nobody can look for it now: it would be left behind; an outage ends, a lost cluster does not. */
function awaitedSight({ trouble, status, spec, nowSeconds }: DrainView): DrainAction | undefined {
  if (status.nodeRef !== undefined || spec.dryRun) return undefined;
  if (nowSeconds >= secondsOf(spec.noticeTime) + OUTAGE_PATIENCE_SECONDS) return undefined;
  return awaitedTrouble(trouble);
}

const instanceRetained: Rule = ({ instance }) =>
  instance?.state === "retained"
    ? { do: "wait", because: "InstanceRetained", againSeconds: RETAINED_LOOK_SECONDS }
    : undefined;

/** The notice was stale or taken back: the instance is in service and nothing waits for us. */
const instanceInService: Rule = (view) => {
  const { instance, hold, heartbeat, status, spec, nowSeconds, trouble } = view;
  if (instance?.state !== "running" || status.releaseTime) return undefined;
  // Where no heartbeat asks, the look at the instance is the question whether it is held.
  const isNotHeld = heartbeat === "not-held" || hold?.canHeartbeat === false;
  const isExpired =
    spec.deadlineTime !== undefined && nowSeconds >= secondsOf(spec.deadlineTime) + NOTICE_EXPIRED_SECONDS;
  if (!isNotHeld && !isExpired) return undefined;
  // A Node that nobody can see now would keep our marks.
  const blind = awaitedTrouble(trouble);
  if (blind) return blind;
  return { do: "finish", phase: "Cancelled", because: "InstanceInService", uncordon: isTainted(view.node) };
};

/** Our heartbeat found no hold, and the instance is on its way: somebody else let it go. */
const completedElsewhere: Rule = ({ heartbeat, instance, status }) =>
  heartbeat === "not-held" && instance?.state === "leaving" && !status.releaseTime
    ? release("CompletedElsewhere")
    : undefined;

const paused: Rule = (view) => (view.paused === undefined ? undefined : PAUSED);

/**
 * Past the deadline of the cloud an unseen Node cannot keep the instance; before it, it must. An owner that could not be read
 * may have paused it: the cloud does without our word then.
 */
const unseen: Rule = (view) => {
  const { trouble, nowSeconds, spec, hooks } = view;
  if (!trouble) return undefined;
  const deadline = cloudDeadline(view);
  const mayGo = spec.drain?.mode !== "CordonOnly" && hooks !== undefined;
  if (mayGo && deadline && nowSeconds >= deadline.atSeconds) return release("DeadlinePassed");
  return { do: "wait", because: trouble.reason, againSeconds: trouble.againSeconds };
};

const withoutNode: Rule = (view) => {
  const { node, spec, settings, nowSeconds } = view;
  if (node.seen === "found" || node.seen === "assumed") return undefined;
  if (spec.drain?.mode === "CordonOnly") return undefined;
  if (node.seen === "gone") return release("NodeGone");
  const isDue = nowSeconds >= secondsOf(spec.noticeTime) + nodePatienceSeconds(spec, settings);
  const deadline = deadlineOf(view);
  const isPast = deadline !== undefined && nowSeconds >= deadline.atSeconds;
  if (node.seen === "missing" && (isDue || isPast)) return release("NodeNotFound");
  return { do: "wait", because: "NodeNotFound", againSeconds: NODE_MISSING_LOOK_SECONDS };
};

const optedOut: Rule = ({ excluded, spec }) =>
  excluded === undefined || spec.drain?.mode === "CordonOnly" ? undefined : release("ExcludedFromDraining");

/**
 * A person who uncordons stops a voluntary drain; a forced one is cordoned again, since the instance leaves all the same.
 * A Node that was deleted and registered anew was uncordoned by nobody.
 */
const uncordoned: Rule = (view) => {
  const { node, status, spec } = view;
  if (node.seen !== "found" || isCordoned(node)) return undefined;
  if (status.drainStartTime === undefined) return { do: "cordon", because: "Leaving" };
  const isNew = status.nodeRef !== undefined && status.nodeRef.uid !== node.node.uid;
  if (isNew) return { do: "cordon", because: "RegisteredAnew" };
  if (isForced(spec)) return { do: "cordon", because: "UncordonedByHand" };
  return { do: "finish", phase: "Cancelled", because: "UncordonedByHand", uncordon: isTainted(node) };
};

const cordonOnly: Rule = ({ spec }) =>
  spec.drain?.mode === "CordonOnly"
    ? { do: "wait", because: "CordonOnly", againSeconds: CORDON_ONLY_LOOK_SECONDS }
    : undefined;

const leaving: Rule = (view) => {
  if (view.pods === undefined) return { do: "wait", because: "PodsUnknown", againSeconds: NODE_MISSING_LOOK_SECONDS };
  const groups = groupPods(view.pods);
  return groups.leaving.length > 0 ? leavingAction(view, groups) : undefined;
};

const RULES: readonly Rule[] = [
  beingDeleted,
  alreadyFinished,
  instanceGone,
  instanceRetained,
  instanceInService,
  completedElsewhere,
  releasedAction,
  paused,
  unseen,
  withoutNode,
  preDrainHook,
  optedOut,
  uncordoned,
  cordonOnly,
  leaving,
];

/** What to do now. An empty Node is the only thing left when no rule speaks. */
export function nextDrainAction(view: DrainView): DrainAction {
  const action = firstAction(view);
  return preTerminateHook(view, action) ?? action;
}

function firstAction(view: DrainView): DrainAction {
  for (const rule of RULES) {
    const action = rule(view);
    if (action) return action;
  }
  return emptyNodeAction(view);
}
