/** The status after a pass: phases, counts and times. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ActResult, DrainAction } from "../../../lib/reconcile/decide/action.ts";
import { drainStatus } from "../../../lib/reconcile/decide/drain-status.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { aPodView, at, quiet, seconds, unreadPods, withNode } from "../support/views.ts";

const web = aPodView("web", { claims: ["default/data"] });
const release: DrainAction = { do: "release", because: "Drained" };
const leaving: DrainAction = { do: "wait", because: "PodsLeaving", againSeconds: 30 };
const evict: DrainAction = { do: "evict", because: "Draining", evict: [], remove: [] };
const accepted = { pod: "default/web", uid: "uid-web", answer: "accepted" } as const;

interface Row {
  readonly name: string;
  readonly seen: DrainView;
  readonly action: DrainAction;
  readonly result?: ActResult;
  readonly want: Record<string, unknown>;
}
const fieldRows: Row[] = [
  {
    name: "a drain begins when the Node is seen cordoned",
    seen: { ...quiet, status: {}, pods: [web] },
    action: leaving,
    want: { phase: "Draining", drainStartTime: at(60) },
  },
  {
    name: "an empty cordoned Node is Cordoned at first",
    seen: { ...quiet, status: {} },
    action: { do: "wait", because: "SecondLook", againSeconds: 5 },
    want: { phase: "Cordoned" },
  },
  {
    name: "a Node that is not there is Pending",
    seen: { ...quiet, status: {}, node: { seen: "missing" } },
    action: { do: "wait", because: "NodeNotFound", againSeconds: 15 },
    want: { phase: "Pending", drainStartTime: undefined },
  },
  {
    name: "the drain's start is not moved",
    seen: { ...quiet, pods: [web] },
    action: leaving,
    want: { drainStartTime: at(1) },
  },
  {
    name: "a volume wait has a phase and a start of its own",
    seen: { ...quiet, attachedClaims: ["default/data"] },
    action: { do: "wait", because: "VolumesAttached", againSeconds: 15 },
    want: { phase: "DetachingVolumes", volumeWaitStartTime: at(60) },
  },
  {
    name: "an accepted release is remembered",
    seen: quiet,
    action: release,
    result: { release: "accepted" },
    want: { phase: "Releasing", releaseTime: at(60), holdReleased: true },
  },
  {
    name: "a release of nothing is remembered as such",
    seen: quiet,
    action: release,
    result: { release: "not-held" },
    want: { phase: "Releasing", releaseTime: at(60), holdReleased: false },
  },
  {
    name: "what was released once stays so, whatever is released after it",
    seen: { ...quiet, status: { ...quiet.status, releaseTime: at(50), holdReleased: true } },
    action: { do: "release", because: "StillHeld" },
    result: { release: "not-held" },
    want: { releaseTime: at(50), holdReleased: true },
  },
  {
    name: "a Node that was not read stays the one it was",
    seen: { ...quiet, node: { seen: "assumed" } },
    action: { do: "wait", because: "SecondLook", againSeconds: 5 },
    want: { phase: "Draining", nodeRef: { name: "node-1", uid: "node-uid" }, cordonedByUs: true },
  },
  {
    name: "a release made again keeps the time of the first",
    seen: { ...quiet, status: { ...quiet.status, releaseTime: at(50) } },
    action: { do: "release", because: "StillHeld" },
    result: { release: "accepted" },
    want: { phase: "Releasing", releaseTime: at(50) },
  },
  {
    name: "a release that failed is not",
    seen: quiet,
    action: release,
    result: { trouble: { reason: "CloudThrottled", message: "", againSeconds: 9 } },
    want: { phase: "Draining", releaseTime: undefined },
  },
  {
    name: "the end has its time",
    seen: { ...quiet, instance: { state: "gone", cloudState: "" } },
    action: { do: "delete-node", because: "InstanceGone", name: "node-1", uid: "u" },
    want: { phase: "Released", finishTime: at(60) },
  },
  {
    name: "a Node that could not be deleted keeps the drain open",
    seen: quiet,
    action: { do: "delete-node", because: "InstanceGone", name: "node-1", uid: "u" },
    result: { trouble: { reason: "ApiServerFailed", message: "", againSeconds: 9 } },
    want: { phase: "Draining", finishTime: undefined },
  },
  {
    name: "a cancelled drain is Cancelled",
    seen: quiet,
    action: { do: "finish", phase: "Cancelled", because: "UncordonedByHand", uncordon: true },
    want: { phase: "Cancelled", finishTime: at(60) },
  },
  {
    name: "who cordoned is read off the Node",
    seen: withNode({ taint: "found-cordoned" }),
    action: leaving,
    want: { cordonedByUs: false },
  },
  {
    name: "an accepted heartbeat is remembered",
    seen: { ...quiet, heartbeat: "accepted" },
    action: leaving,
    want: { lastHeartbeatTime: at(60) },
  },
  {
    name: "pods that have left are counted as evicted",
    seen: { ...quiet, pods: [web], status: { ...quiet.status, pods: { total: 5, evicted: 0, remaining: 5 } } },
    action: leaving,
    want: { pods: { total: 5, evicted: 4, remaining: 1 } },
  },
  {
    name: "an unread pod list changes no count",
    seen: { ...unreadPods(), status: { ...quiet.status, pods: { total: 5, evicted: 4, remaining: 1 } } },
    action: leaving,
    want: { pods: { total: 5, evicted: 4, remaining: 1 } },
  },
  {
    name: "claims of pods that leave are remembered, sorted, each once",
    seen: { ...quiet, pods: [web], status: { ...quiet.status, drainedClaims: ["default/z", "default/data"] } },
    action: leaving,
    want: { drainedClaims: ["default/data", "default/z"] },
  },
  {
    name: "a refused pod's next time is remembered, an accepted one's is forgotten",
    seen: {
      ...quiet,
      pods: [web, aPodView("b")],
      status: { ...quiet.status, retryTimes: { "uid-web": at(70), "uid-elsewhere": at(90) } },
    },
    action: evict,
    result: {
      answers: [
        accepted,
        { pod: "default/b", uid: "uid-b", answer: "refused", reason: "DisruptionBudget", message: "no" },
      ],
    },
    want: { retryTimes: { "uid-b": at(65) } },
  },
  {
    name: "a spacing is not shortened by whole seconds",
    seen: { ...quiet, nowSeconds: seconds(60.7), pods: [web] },
    action: evict,
    result: { answers: [{ pod: "default/web", uid: "uid-web", answer: "refused", reason: "X", message: "" }] },
    want: { retryTimes: { "uid-web": at(66) } },
  },
  {
    name: "a spacing does not outlast the moment when the pod must be deleted",
    seen: { ...quiet, pods: [web], spec: { ...quiet.spec, deadlineTime: at(103) } },
    action: evict,
    result: { answers: [{ pod: "default/web", uid: "uid-web", answer: "refused", reason: "X", message: "" }] },
    want: { retryTimes: { "uid-web": at(63) } },
  },
  {
    name: "a pod that is not deleted, whatever the deadline, keeps its spacing",
    seen: {
      ...quiet,
      pods: [web],
      spec: { ...quiet.spec, deadlineTime: at(103), drain: { ...quiet.spec.drain, onDeadline: "Release" } },
    },
    action: evict,
    result: { answers: [{ pod: "default/web", uid: "uid-web", answer: "refused", reason: "X", message: "" }] },
    want: { retryTimes: { "uid-web": at(65) } },
  },
  {
    name: "a dry run says its plan and nothing that could be taken for done",
    seen: { ...quiet, spec: { ...quiet.spec, dryRun: true }, status: {}, pods: [web] },
    action: release,
    want: { phase: "Pending", releaseTime: undefined, drainStartTime: undefined },
  },
];
for (const { name, seen, action, result = {}, want } of fieldRows) {
  test(name, () => {
    const fields: Record<string, unknown> = { ...drainStatus(seen, action, result).fields };
    deepStrictEqual(Object.fromEntries(Object.keys(want).map((key) => [key, fields[key]])), want);
  });
}
