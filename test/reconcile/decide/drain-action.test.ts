/** The one decision of a drain, row by row: each changes one thing in a quiet view. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { DrainAction } from "../../../lib/reconcile/decide/action.ts";
import { NO_WORKLOAD_CLUSTER, nextDrainAction } from "../../../lib/reconcile/decide/drain-action.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { aPodView, at, HOLD_SPEC, quiet, seconds, withNode } from "../support/views.ts";

const web = aPodView("web");
const leaving = aPodView("web", { deletionSeconds: seconds(75) });
const release = (because: string): DrainAction => ({ do: "release", because });
const deleteNode: DrainAction = { do: "delete-node", because: "InstanceGone", name: "node-1", uid: "node-uid" };
const wait = (because: string, againSeconds?: number): DrainAction =>
  againSeconds === undefined ? { do: "wait", because } : { do: "wait", because, againSeconds };
const cancelled = (because: string, uncordon: boolean): DrainAction => ({
  do: "finish",
  phase: "Cancelled",
  because,
  uncordon,
});
const { hold: _hold, ...withoutHold } = quiet;
const voluntary: DrainView = { ...withoutHold, spec: withoutSpecHold("RebalanceRecommendation") };
const released: DrainView = {
  ...quiet,
  node: { seen: "unread" },
  status: { ...quiet.status, releaseTime: at(50), holdReleased: true },
};
const { pods: _pods, ...unreadPods } = quiet;
const trouble = { reason: "ApiServerUnreachable", message: "no answer", againSeconds: 15 };
const blind: DrainView = { ...unreadPods, node: { seen: "unread" }, trouble };

function withoutSpecHold(cause: DrainView["spec"]["cause"]): DrainView["spec"] {
  const { hold: _, ...spec } = quiet.spec;
  return { ...spec, cause };
}
/** We asked the cloud to take it out, and it did not. */
const unheard: DrainView = {
  ...voluntary,
  spec: { ...withoutSpecHold("ScaleIn"), removal: { decrement: true } },
  status: { ...quiet.status, releaseTime: at(50) },
  nowSeconds: seconds(120),
  instance: { state: "running", cloudState: "running" },
};
const instance = (state: "running" | "held" | "leaving" | "retained" | "gone") => ({ state, cloudState: state });

const cases: { name: string; seen: DrainView; want: DrainAction }[] = [
  { name: "an empty Node is released", seen: quiet, want: release("Drained") },
  {
    name: "an empty Node is released although it was not read",
    seen: { ...quiet, node: { seen: "assumed" } },
    want: release("Drained"),
  },
  {
    name: "a Node that was not read is looked at twice like any other",
    seen: { ...quiet, node: { seen: "assumed" }, nowSeconds: seconds(3) },
    want: wait("SecondLook", 3),
  },
  {
    name: "an unread pod list is not empty because the Node was not read either",
    seen: { ...unreadPods, node: { seen: "assumed" } },
    want: wait("PodsUnknown", 15),
  },
  {
    name: "a Node that was deleted and registered anew is cordoned: nobody took the drain back",
    seen: withNode({ uid: "another", unschedulable: false }, { ...voluntary, pods: [web] }),
    want: { do: "cordon", because: "RegisteredAnew" },
  },
  { name: "a terminating pod is waited for", seen: { ...quiet, pods: [leaving] }, want: wait("PodsLeaving", 30) },
  {
    name: "a pod that must leave is evicted",
    seen: { ...quiet, pods: [web] },
    want: {
      do: "evict",
      because: "Draining",
      evict: [{ pod: "default/web", uid: "uid-web", graceSeconds: 30 }],
      remove: [],
    },
  },
  {
    name: "an empty Node is looked at again 5 s after the cordon",
    seen: { ...quiet, nowSeconds: seconds(3) },
    want: wait("SecondLook", 3),
  },
  {
    name: "an empty Node at first sight is not released",
    seen: { ...quiet, status: {} },
    want: wait("SecondLook", 5),
  },
  {
    name: "an unread pod list is never taken for an empty one",
    seen: unreadPods,
    want: wait("PodsUnknown", 15),
  },
  {
    name: "a Node that is not cordoned yet is cordoned first",
    seen: withNode({ unschedulable: false, taint: undefined } as never, { ...quiet, status: {}, pods: [web] }),
    want: { do: "cordon", because: "Leaving" },
  },
  {
    name: "a person who uncordons stops a voluntary drain",
    seen: withNode({ unschedulable: false }, { ...voluntary, pods: [web] }),
    want: cancelled("UncordonedByHand", true),
  },
  {
    name: "a forced drain cordons again what a person uncordoned",
    seen: withNode({ unschedulable: false }, { ...quiet, pods: [web] }),
    want: { do: "cordon", because: "UncordonedByHand" },
  },
  {
    name: "a finished drain is left alone",
    seen: { ...quiet, status: { phase: "Released", finishTime: at(50) } },
    want: wait("Finished"),
  },
  {
    name: "a drain that finished long ago is forgotten",
    seen: { ...quiet, nowSeconds: seconds(4000), status: { phase: "Released", finishTime: at(50) } },
    want: { do: "forget", because: "FinishedLongAgo" },
  },
  {
    name: "deleting the object undoes the cordon and leaves the hold to the cloud",
    seen: { ...quiet, deleting: true, pods: [web] },
    want: { do: "let-go", because: "Deleted", uncordon: true, holdIsLeft: true },
  },
  {
    name: "deleting the object after the release undoes nothing: the instance is on its way",
    seen: { ...released, deleting: true },
    want: { do: "let-go", because: "Over", uncordon: false, holdIsLeft: false },
  },
  {
    name: "deleting the object after the release gives back the Node of an instance that comes back",
    seen: { ...released, deleting: true, instance: { ...instance("leaving"), comesBack: true }, node: quiet.node },
    want: { do: "let-go", because: "Deleted", uncordon: true, holdIsLeft: false },
  },
  {
    name: "a deleted object waits for a workload cluster that does not answer, so that its Node is not forgotten",
    seen: { ...blind, deleting: true },
    want: wait("ApiServerUnreachable", 15),
  },
  {
    name: "a deleted object does not wait for a workload cluster that is no more",
    seen: { ...blind, deleting: true, trouble: { ...trouble, reason: NO_WORKLOAD_CLUSTER } },
    want: { do: "let-go", because: "Deleted", uncordon: false, holdIsLeft: true },
  },
  {
    name: "a Node that is gone needs no drain",
    seen: { ...unreadPods, node: { seen: "gone" } },
    want: release("NodeGone"),
  },
  {
    name: "an instance without a Node is held while it may still boot",
    seen: { ...unreadPods, status: {}, node: { seen: "missing" } },
    want: wait("NodeNotFound", 15),
  },
  {
    name: "an instance that never joined is released after the policy's time",
    seen: { ...unreadPods, status: {}, node: { seen: "missing" }, nowSeconds: seconds(900) },
    want: release("NodeNotFound"),
  },
  {
    name: "a Node that asks not to be drained is released as it is",
    seen: { ...quiet, pods: [web], excluded: "Node node-1" },
    want: release("ExcludedFromDraining"),
  },
  {
    name: "CordonOnly evicts nothing and releases nothing",
    seen: { ...quiet, pods: [web], spec: { ...quiet.spec, drain: { mode: "CordonOnly" } } },
    want: wait("CordonOnly", 300),
  },
  {
    name: "CordonOnly does not release an empty Node either",
    seen: { ...quiet, spec: { ...quiet.spec, drain: { mode: "CordonOnly" } } },
    want: wait("CordonOnly", 300),
  },
  {
    name: "a paused pool is not drained on",
    seen: { ...quiet, pods: [web], paused: "MachinePool workers" },
    want: wait("Paused", 60),
  },
  {
    name: "a workload API that does not answer is waited for",
    seen: blind,
    want: wait("ApiServerUnreachable", 15),
  },
  {
    name: "past the cloud's deadline an unseen Node holds nothing up",
    seen: { ...blind, hooks: { drain: [], terminate: [] }, spec: { ...quiet.spec, deadlineTime: at(65) } },
    want: release("DeadlinePassed"),
  },
  {
    name: "past the cloud's deadline nobody lets go what may be paused",
    seen: { ...blind, spec: { ...quiet.spec, deadlineTime: at(65) } },
    want: wait("ApiServerUnreachable", 15),
  },
  {
    name: "a heartbeat to nobody and an instance in service: the notice was stale",
    seen: { ...quiet, heartbeat: "not-held", instance: instance("running"), pods: [web] },
    want: cancelled("InstanceInService", true),
  },
  {
    name: "an instance in service whose Node nobody can see keeps its record: our marks are still on it",
    seen: { ...blind, heartbeat: "not-held", instance: instance("running") },
    want: wait("ApiServerUnreachable", 15),
  },
  {
    name: "a hold that somebody else completed is closed on our side too",
    seen: { ...quiet, heartbeat: "not-held", instance: instance("leaving"), pods: [web] },
    want: release("CompletedElsewhere"),
  },
  {
    name: "a Spot notice whose time passed long ago without an end was taken back",
    seen: {
      ...voluntary,
      spec: { ...withoutSpecHold("SpotInterruption"), deadlineTime: at(120) },
      nowSeconds: seconds(421),
      instance: instance("running"),
    },
    want: cancelled("InstanceInService", true),
  },
  {
    name: "the Node of a vanished instance is deleted by its uid",
    seen: { ...quiet, instance: instance("gone"), pods: [web] },
    want: { ...deleteNode, providerID: quiet.spec.providerID },
  },
  {
    name: "a machine that may be started again loses only the Node that it had",
    seen: { ...quiet, instance: { ...instance("gone"), mayReturn: true }, pods: [web] },
    want: deleteNode,
  },
  {
    name: "a vanished instance whose Node is gone too is finished",
    seen: { ...unreadPods, node: { seen: "gone" }, instance: instance("gone") },
    want: { do: "finish", phase: "Released", because: "InstanceGone", uncordon: false },
  },
  {
    name: "an instance that the cloud keeps is said and left alone",
    seen: { ...quiet, instance: instance("retained") },
    want: wait("InstanceRetained", 600),
  },
  {
    name: "after the release the instance is waited for",
    seen: { ...released, instance: instance("leaving") },
    want: wait("InstanceLeaving", 60),
  },
  {
    name: "the longer an instance takes, the rarer the looks",
    seen: { ...released, nowSeconds: seconds(250), instance: instance("leaving") },
    want: wait("InstanceLeaving", 200),
  },
  {
    name: "a release that did not take effect is made again",
    seen: { ...released, instance: instance("held") },
    want: release("StillHeld"),
  },
  {
    name: "right after the release the cloud may still show the instance in service",
    seen: { ...released, instance: instance("running") },
    want: wait("InstanceLeaving", 60),
  },
  {
    name: "an instance in service a minute after its release was never taken",
    seen: withNode({}, { ...released, nowSeconds: seconds(120), instance: instance("running") }),
    want: cancelled("InstanceInService", true),
  },
  {
    name: "a voluntary drain that is over is still stopped by uncordoning",
    seen: withNode(
      { unschedulable: false },
      { ...voluntary, status: { ...quiet.status, releaseTime: at(50) }, instance: instance("running") },
    ),
    want: cancelled("UncordonedByHand", true),
  },
  {
    name: "a cloud that accepted a removal and did nothing is asked again",
    seen: unheard,
    want: release("StillInService"),
  },
  {
    name: "a cloud that accepted a removal and did nothing is not asked again while something is paused",
    seen: { ...unheard, paused: "InstanceTermination workers-i-1" },
    want: wait("Paused", 60),
  },
  {
    name: "after the release the Node is deleted when the instance is gone",
    seen: { ...released, instance: instance("gone") },
    want: { ...deleteNode, providerID: quiet.spec.providerID },
  },
  {
    name: "a dry run deletes no Node",
    seen: { ...quiet, spec: { ...quiet.spec, dryRun: true, hold: HOLD_SPEC }, instance: instance("gone") },
    want: { do: "finish", phase: "Released", because: "InstanceGone", uncordon: false },
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(nextDrainAction(seen), want));
