/** When the next pass is due, and who asks for it. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { ActResult, DrainAction } from "../../../lib/reconcile/decide/action.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { wantedSeconds } from "../../../lib/reconcile/decide/next-look.ts";
import { aPodView, at, quiet, seconds } from "../support/views.ts";

const web = aPodView("web");
const { hold: _, ...unheld } = quiet;
const { pods: _pods, ...unread } = unheld;
const blind: DrainView = {
  ...unread,
  node: { seen: "unread" },
  trouble: { reason: "ApiServerUnreachable", message: "", againSeconds: 15 },
};
const evict = (...pods: readonly string[]): DrainAction => ({
  do: "evict",
  because: "Draining",
  evict: pods.map((pod) => ({ pod: `default/${pod}`, uid: `uid-${pod}`, graceSeconds: 30 })),
  remove: [],
});
const accepted = (pod: string) => ({ pod: `default/${pod}`, uid: `uid-${pod}`, answer: "accepted" }) as const;
const refused = (pod: string, retryAfterSeconds?: number) =>
  ({
    pod: `default/${pod}`,
    uid: `uid-${pod}`,
    answer: "refused",
    reason: "DisruptionBudget",
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  }) as const;
const leaving: DrainAction = { do: "wait", because: "PodsLeaving", againSeconds: 30 };

const cases: { name: string; seen: DrainView; action: DrainAction; result?: ActResult; want: number | undefined }[] = [
  {
    name: "after an eviction the pod's grace is waited for, at most 30 s",
    seen: { ...unheld, pods: [web] },
    action: evict("web"),
    result: { answers: [accepted("web")] },
    want: 30,
  },
  {
    name: "a short grace brings the next look forward, to 5 s at the least",
    seen: { ...unheld, pods: [aPodView("web", { graceSeconds: 1 })] },
    action: evict("web"),
    result: { answers: [accepted("web")] },
    want: 5,
  },
  {
    name: "a terminating pod is looked at when its grace is over",
    seen: { ...unheld, pods: [aPodView("web", { deletionSeconds: seconds(72) })] },
    action: leaving,
    want: 13,
  },
  {
    name: "a refused pod is asked again after its spacing",
    seen: { ...unheld, pods: [web, aPodView("b")] },
    action: evict("web", "b"),
    result: { answers: [accepted("b"), refused("web", 12)] },
    want: 12,
  },
  {
    name: "a pod refused earlier is asked when its time has come",
    seen: { ...unheld, pods: [web], status: { ...quiet.status, retryTimes: { "uid-web": at(63) } } },
    action: leaving,
    want: 3,
  },
  {
    name: "one grace before the deadline somebody must look",
    seen: { ...unheld, pods: [aPodView("web", { heldBy: "a" })], spec: { ...quiet.spec, deadlineTime: at(110) } },
    action: leaving,
    want: 10,
  },
  {
    name: "at the deadline somebody must look",
    seen: {
      ...unheld,
      pods: [aPodView("web", { deletionSeconds: seconds(700) })],
      spec: { ...quiet.spec, deadlineTime: at(90) },
    },
    action: leaving,
    want: 20,
  },
  {
    name: "at the deadline somebody must look, also where nothing but volumes are waited for",
    seen: { ...unheld, pods: [], spec: { ...quiet.spec, deadlineTime: at(82) } },
    action: { do: "wait", because: "VolumesAttached", againSeconds: 15 },
    want: 12,
  },
  {
    name: "past the deadline what is deleted now gets no more than two seconds: the hold does not wait",
    seen: { ...unheld, pods: [web], spec: { ...quiet.spec, deadlineTime: at(65) } },
    action: {
      do: "evict",
      because: "CloudDeadline",
      evict: [],
      remove: [{ pod: "default/web", uid: "uid-web", graceSeconds: 1 }],
    },
    result: { answers: [accepted("web")] },
    want: 2,
  },
  {
    name: "a heartbeat that is due sooner brings the next look forward",
    seen: { ...quiet, nowSeconds: seconds(130), pods: [aPodView("web", { deletionSeconds: seconds(700) })] },
    action: leaving,
    want: 20,
  },
  {
    name: "after a heartbeat the next is half a timeout away",
    seen: {
      ...quiet,
      heartbeat: "accepted",
      hold: { names: [], canHeartbeat: true, heartbeatTimeoutSeconds: 30, maximumSeconds: 3000 },
    },
    action: { do: "wait", because: "CordonOnly", againSeconds: 300 },
    want: 15,
  },
  {
    name: "a heartbeat that failed is tried again when its trouble says",
    seen: { ...quiet, heartbeatTrouble: { reason: "CloudThrottled", message: "", againSeconds: 7 } },
    action: leaving,
    want: 7,
  },
  {
    name: "a refused pod is asked in one pass: the look does not come before the time that status keeps",
    seen: { ...unheld, nowSeconds: seconds(60.6), pods: [web] },
    action: evict("web"),
    result: { answers: [refused("web")] },
    want: 6,
  },
  {
    name: "after the release the instance gets a minute",
    seen: quiet,
    action: { do: "release", because: "Drained" },
    result: { release: "accepted" },
    want: 60,
  },
  {
    name: "a release of nothing is verified at once",
    seen: quiet,
    action: { do: "release", because: "Drained" },
    result: { release: "not-held" },
    want: 1,
  },
  {
    name: "a release that somebody else's hook outlives is made again ever more rarely, not in a loop",
    seen: { ...quiet, nowSeconds: seconds(250), status: { ...quiet.status, releaseTime: at(50) } },
    action: { do: "release", because: "StillHeld" },
    result: { release: "not-held" },
    want: 200,
  },
  {
    name: "after a cordon the pods follow at once",
    seen: quiet,
    action: { do: "cordon", because: "Leaving" },
    want: 1,
  },
  {
    name: "a write in trouble is tried again when the server says",
    seen: quiet,
    action: { do: "release", because: "Drained" },
    result: { trouble: { reason: "CloudThrottled", message: "", againSeconds: 9 } },
    want: 9,
  },
  {
    name: "a deadline is not slept through because a write is in trouble",
    seen: {
      ...unheld,
      nowSeconds: seconds(105),
      pods: [aPodView("web", { graceSeconds: 1 })],
      spec: { ...quiet.spec, deadlineTime: at(120) },
    },
    action: evict("web"),
    result: { trouble: { reason: "ApiServerOverloaded", message: "", againSeconds: 15 } },
    want: 4,
  },
  {
    name: "a deadline is not slept through because the cluster does not answer",
    seen: { ...blind, nowSeconds: seconds(109), spec: { ...quiet.spec, deadlineTime: at(120) } },
    action: { do: "wait", because: "ApiServerUnreachable", againSeconds: 15 },
    want: 1,
  },
  {
    name: "a cluster that does not answer is asked again at once while time is short",
    seen: { ...blind, spec: { ...quiet.spec, deadlineTime: at(120) } },
    action: { do: "wait", because: "ApiServerUnreachable", againSeconds: 15 },
    want: 2,
  },
  {
    name: "a cluster that does not answer is left in peace while there is time",
    seen: { ...blind, spec: { ...quiet.spec, deadlineTime: at(1200) } },
    action: { do: "wait", because: "ApiServerUnreachable", againSeconds: 15 },
    want: 15,
  },
  {
    name: "a user's short timeout that has not begun to run makes nobody hurry",
    seen: { ...blind, status: {}, spec: { ...quiet.spec, drain: { timeoutSeconds: 120 } } },
    action: { do: "wait", because: "ApiServerUnreachable", againSeconds: 15 },
    want: 15,
  },
  {
    name: "who asks for patience gets it, however short the time is",
    seen: {
      ...blind,
      spec: { ...quiet.spec, deadlineTime: at(120) },
      trouble: { reason: "ApiServerOverloaded", message: "", againSeconds: 12 },
    },
    action: { do: "wait", because: "ApiServerOverloaded", againSeconds: 12 },
    want: 12,
  },
  {
    name: "a release that failed within the margin is made again at once",
    seen: { ...unheld, nowSeconds: seconds(113), pods: [], spec: { ...quiet.spec, deadlineTime: at(120) } },
    action: { do: "release", because: "DeadlinePassed" },
    result: { trouble: { reason: "CloudUnavailable", message: "", againSeconds: 15 } },
    want: 2,
  },
  {
    name: "a plan is made anew once a minute, whatever a drain that is carried out would do in a second",
    seen: { ...unheld, pods: [web], spec: { ...quiet.spec, dryRun: true } },
    action: { do: "cordon", because: "Leaving" },
    want: 60,
  },
  {
    name: "the end needs no look",
    seen: quiet,
    action: { do: "finish", phase: "Released", because: "InstanceGone", uncordon: false },
    want: undefined,
  },
  { name: "a finished drain needs no look", seen: quiet, action: { do: "wait", because: "Finished" }, want: undefined },
];
for (const { name, seen, action, result = {}, want } of cases)
  test(name, () => deepStrictEqual(wantedSeconds(seen, action, result), want));
