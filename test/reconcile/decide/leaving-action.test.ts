/** Who is evicted, who is deleted, and when the waiting ends. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { nextDrainAction } from "../../../lib/reconcile/decide/drain-action.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { BATCH } from "../../../lib/reconcile/decide/leaving-action.ts";
import { aPodView, at, ordered, quiet, seconds, withNode } from "../support/views.ts";

/** The batch as "evict a b", "delete a:30"; any other action as "do because". */
function told(view: DrainView): string {
  const action = nextDrainAction(view);
  if (action.do !== "evict") return `${action.do} ${action.because}`;
  const evict = action.evict.map(({ pod }) => pod.slice("default/".length));
  const remove = action.remove.map(({ pod, graceSeconds }) => `${pod.slice("default/".length)}:${graceSeconds}`);
  return [
    ...(evict.length > 0 ? [`evict ${evict.join(" ")}`] : []),
    ...(remove.length > 0 ? [`delete ${remove.join(" ")}`] : []),
  ].join(", ");
}
/** The cloud's deadline `left` seconds from now, the safety margin taken off already. */
const until = (left: number, view: DrainView): DrainView => ({
  ...view,
  spec: { ...view.spec, deadlineTime: at(view.nowSeconds - seconds(0) + left + 10) },
});
const web = aPodView("web");
const slow = aPodView("slow", { graceSeconds: 60 });
const system = aPodView("dns", { critical: true });
const silent = (after: number, view: DrainView) =>
  withNode({ ready: "Unknown", readySinceSeconds: seconds(after) }, view);

const cases: { name: string; seen: DrainView; want: string }[] = [
  {
    name: "ordinary pods leave together",
    seen: { ...quiet, pods: [web, slow] },
    want: "evict slow web",
  },
  {
    name: "system-critical pods leave after ordinary ones",
    seen: { ...quiet, pods: [system, web] },
    want: "evict web",
  },
  { name: "system-critical pods leave in the end", seen: { ...quiet, pods: [system] }, want: "evict dns" },
  {
    name: "a lower order leaves first",
    seen: { ...quiet, pods: [aPodView("b", ordered(6)), aPodView("a", ordered(5))] },
    want: "evict a",
  },
  {
    name: "a terminating pod of order 5 holds order 6 back, but no other of its own order",
    seen: {
      ...quiet,
      pods: [
        aPodView("x", { ...ordered(5), deletionSeconds: seconds(70) }),
        aPodView("y", ordered(5)),
        aPodView("z", ordered(6)),
      ],
    },
    want: "evict y",
  },
  {
    name: "the next tier starts only when the former is gone",
    seen: {
      ...quiet,
      pods: [aPodView("x", { ...ordered(5), deletionSeconds: seconds(70) }), aPodView("z", ordered(6))],
    },
    want: "wait PodsLeaving",
  },
  {
    name: "a rule's order beats being system-critical",
    seen: { ...quiet, pods: [aPodView("dns", { ...ordered(-1), critical: true }), web] },
    want: "evict dns",
  },
  {
    name: "pods that end by themselves hold back later orders",
    seen: { ...quiet, pods: [aPodView("job", ordered(0, "WaitCompleted")), aPodView("z", ordered(1))] },
    want: "wait PodsLeaving",
  },
  {
    name: "pods that end by themselves are put off by a negative order",
    seen: { ...quiet, pods: [aPodView("job", ordered(0, "WaitCompleted")), aPodView("first", ordered(-5))] },
    want: "evict first",
  },
  {
    name: "a completed pod that was to be waited for does not hold the release",
    seen: { ...quiet, pods: [aPodView("job", { ...ordered(0, "WaitCompleted"), finished: true })] },
    want: "release Drained",
  },
  {
    name: "finished pods are neither evicted nor waited for",
    seen: { ...quiet, pods: [aPodView("job", { finished: true })] },
    want: "release Drained",
  },
  {
    name: "skipped pods are neither evicted nor waited for",
    seen: { ...quiet, pods: [aPodView("agent", ordered(0, "Skip"))] },
    want: "release Drained",
  },
  {
    name: "a pod held by an annotation is left alone, the others go",
    seen: { ...quiet, pods: [aPodView("held", { heldBy: "karpenter.sh/do-not-disrupt" }), web] },
    want: "evict web",
  },
  {
    name: "a pod held by an annotation is deleted when its grace would overrun the deadline",
    seen: until(30, { ...quiet, pods: [aPodView("held", { heldBy: "karpenter.sh/do-not-disrupt" })] }),
    want: "delete held:30",
  },
  {
    name: "grace 60 s and 90 s left: it is evicted",
    seen: until(90, { ...quiet, pods: [slow] }),
    want: "evict slow",
  },
  {
    name: "grace 60 s and 60 s left: it is deleted with its own grace",
    seen: until(60, { ...quiet, pods: [slow] }),
    want: "delete slow:60",
  },
  {
    name: "grace 60 s and 12 s left: it is deleted with what is left",
    seen: until(12, { ...quiet, pods: [slow] }),
    want: "delete slow:12",
  },
  {
    name: "at the deadline what is still there is deleted with grace 1, never 0",
    seen: until(0, { ...quiet, pods: [slow, web] }),
    want: "delete slow:1 web:1",
  },
  {
    name: "a pod with grace 0 is deleted with grace 1",
    seen: until(0, { ...quiet, pods: [aPodView("now", { graceSeconds: 0 })] }),
    want: "delete now:1",
  },
  {
    name: "past their time pods of all tiers go at once",
    seen: until(20, { ...quiet, pods: [web, system, aPodView("z", ordered(9))] }),
    want: "delete dns:20 web:20 z:20",
  },
  {
    name: "only the pods whose time has come are deleted; the present tier is still evicted",
    seen: until(45, { ...quiet, pods: [web, slow, system] }),
    want: "evict web, delete slow:45",
  },
  {
    name: "a terminating pod whose grace overruns a tightened deadline is deleted again with what is left",
    seen: until(20, { ...quiet, pods: [aPodView("db", { graceSeconds: 600, deletionSeconds: seconds(660) })] }),
    want: "delete db:20",
  },
  {
    name: "a terminating pod that ends in time is left to end",
    seen: until(20, { ...quiet, pods: [aPodView("db", { graceSeconds: 60, deletionSeconds: seconds(79) })] }),
    want: "wait PodsLeaving",
  },
  {
    name: "at the deadline terminating pods hold nothing up",
    seen: until(0, { ...quiet, pods: [aPodView("db", { deletionSeconds: seconds(61) })] }),
    want: "release DeadlinePassed",
  },
  {
    name: "a pod that could not be deleted at the deadline holds nothing up",
    seen: until(0, { ...quiet, pods: [web], status: { ...quiet.status, retryTimes: { "uid-web": at(65) } } }),
    want: "release DeadlinePassed",
  },
  {
    name: "onDeadline Release deletes nothing",
    seen: until(0, { ...quiet, pods: [web], spec: { ...quiet.spec, drain: { onDeadline: "Release" } } }),
    want: "release DeadlinePassed",
  },
  {
    name: "without a deadline a budget blocks for as long as it likes",
    seen: {
      ...quiet,
      nowSeconds: seconds(20_000),
      pods: [web],
      status: { ...quiet.status, retryTimes: { "uid-web": at(20_003) } },
    },
    want: "wait PodsLeaving",
  },
  {
    name: "a refused pod is left alone until its time",
    seen: { ...quiet, pods: [web, slow], status: { ...quiet.status, retryTimes: { "uid-web": at(61) } } },
    want: "evict slow",
  },
  {
    name: "a refused pod is asked again when its time has come",
    seen: { ...quiet, pods: [web], status: { ...quiet.status, retryTimes: { "uid-web": at(60) } } },
    want: "evict web",
  },
  {
    name: "the user's drain timeout ends the waiting as a deadline does",
    seen: { ...quiet, pods: [web], limits: { drainSeconds: 59 } },
    want: "delete web:1",
  },
  {
    name: "pods on a Node that does not answer are evicted with grace 1",
    seen: silent(50, { ...quiet, pods: [aPodView("web", { graceSeconds: 1 })] }),
    want: "evict web",
  },
  {
    name: "a Node that has not answered for 30 s is released",
    seen: silent(30, { ...quiet, pods: [web] }),
    want: "release NodeUnreachable",
  },
  {
    name: "a Node that was silent before the drain gets its 30 s from the drain's start",
    seen: silent(-600, { ...quiet, nowSeconds: seconds(20), pods: [web] }),
    want: "evict web",
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(told(seen), want));

test("one pass asks for at most one batch of pods", () => {
  const pods = Array.from({ length: BATCH + 20 }, (_, index) => aPodView(`web-${index}`));
  const action = nextDrainAction({ ...quiet, pods });
  deepStrictEqual(action.do === "evict" && action.evict.length, BATCH);
});

test("an eviction sends a grace only where the Node does not answer", () => {
  const shortened = (view: DrainView) => {
    const action = nextDrainAction(view);
    return action.do === "evict" ? action.evict.map((pod) => pod.shortened ?? false) : [];
  };
  deepStrictEqual(shortened({ ...quiet, pods: [web] }), [false]);
  deepStrictEqual(shortened(silent(50, { ...quiet, pods: [web] })), [true]);
});

const limits: { name: string; seen: DrainView; want: number | undefined }[] = [
  { name: "an eviction takes its time where nothing ends", seen: { ...quiet, pods: [web] }, want: undefined },
  {
    name: "an eviction takes its time long before the end",
    seen: until(50, { ...quiet, pods: [web] }),
    want: undefined,
  },
  {
    name: "no eviction outlasts the moment when its pod must be deleted",
    seen: until(38, { ...quiet, pods: [web] }),
    want: 8,
  },
  { name: "nor that of another pod", seen: until(65, { ...quiet, pods: [web, slow] }), want: 5 },
  { name: "an eviction gets some time always", seen: until(31, { ...quiet, pods: [web] }), want: 2 },
  {
    name: "where nothing is deleted at the end, no eviction makes haste",
    seen: until(38, { ...quiet, spec: { ...quiet.spec, drain: { onDeadline: "Release" } }, pods: [web] }),
    want: undefined,
  },
];
for (const { name, seen, want } of limits)
  test(name, () => {
    const action = nextDrainAction(seen);
    deepStrictEqual(action.do === "evict" ? action.limitSeconds : action.do, want);
  });
