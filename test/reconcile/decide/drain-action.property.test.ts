/** What must hold of the decision and the status whatever the view: promises, not examples. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DrainAction, PodAnswer } from "../../../lib/reconcile/decide/action.ts";
import { deadlineOf } from "../../../lib/reconcile/decide/deadline.ts";
import { nextDrainAction } from "../../../lib/reconcile/decide/drain-action.ts";
import { drainStatus } from "../../../lib/reconcile/decide/drain-status.ts";
import type { DrainView, PodView } from "../../../lib/reconcile/decide/drain-view.ts";
import { wantedSeconds } from "../../../lib/reconcile/decide/next-look.ts";
import { tightened } from "../../../lib/reconcile/decide/notice-action.ts";
import { groupPods } from "../../../lib/reconcile/decide/pod-groups.ts";
import { aPodView, at, quiet, seconds } from "../support/views.ts";

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const after = fc.integer({ min: -100, max: 2000 });

const podArbitrary: fc.Arbitrary<PodView> = fc
  .record({
    name: fc.integer({ min: 0, max: 40 }),
    order: fc.integer({ min: -2, max: 2 }),
    behavior: fc.constantFrom("Drain", "Drain", "Skip", "WaitCompleted"),
    graceSeconds: fc.integer({ min: 0, max: 600 }),
    deletion: optional(after),
    finished: fc.boolean(),
    critical: fc.boolean(),
    heldBy: optional(fc.constant("held")),
  })
  .map(({ name, order, behavior, deletion, heldBy, ...rest }) =>
    aPodView(`p-${name}`, {
      ...rest,
      verdict: { behavior, order, because: "r", warnings: [] },
      ...(deletion !== undefined && { deletionSeconds: seconds(deletion) }),
      ...(heldBy !== undefined && { heldBy }),
    }),
  );

const viewArbitrary: fc.Arbitrary<DrainView> = fc
  .record({
    now: fc.integer({ min: 0, max: 2000 }),
    pods: fc.uniqueArray(podArbitrary, { maxLength: 12, selector: ({ uid }) => uid }),
    start: optional(fc.integer({ min: 0, max: 100 })),
    deadline: optional(fc.integer({ min: 0, max: 3000 })),
    drainSeconds: optional(fc.integer({ min: 1, max: 2000 })),
    onDeadline: optional(fc.constantFrom("Delete", "Release")),
    retry: fc.dictionary(fc.constantFrom("uid-p-1", "uid-p-2", "uid-p-3"), after.map(at)),
    claims: optional(fc.constant(["default/data"])),
    node: fc.constantFrom(quiet.node, { seen: "assumed" } as const),
  })
  .map(({ now, pods, start, deadline, drainSeconds, onDeadline, retry, claims, node }) => ({
    ...quiet,
    node,
    nowSeconds: seconds(now),
    pods,
    spec: {
      ...quiet.spec,
      ...(deadline !== undefined && { deadlineTime: at(deadline) }),
      ...(onDeadline && { drain: { onDeadline } }),
    },
    status: {
      observedGeneration: 1,
      retryTimes: { ...retry },
      ...(start !== undefined && { drainStartTime: at(start) }),
    },
    limits: drainSeconds === undefined ? {} : { drainSeconds },
    ...(claims && { attachedClaims: claims }),
  }));

/** Every view, and more often those in which something happens. */
function holds(name: string, check: (view: DrainView, action: DrainAction) => void): void {
  const promise = fc.property(viewArbitrary, (view) => check(view, nextDrainAction(view)));
  void test(name, () => fc.assert(promise, { numRuns: 1000 }));
}

holds("never released while a pod must leave and the deadline is ahead", (view, action) => {
  const deadline = deadlineOf(view)?.atSeconds ?? Number.POSITIVE_INFINITY;
  if (action.do === "release" && view.nowSeconds < deadline) deepStrictEqual(groupPods(view.pods ?? []).leaving, []);
});

holds("no pod is deleted before the deadline less its grace, unless it is terminating already", (view, action) => {
  if (action.do !== "evict") return;
  const deadline = deadlineOf(view)?.atSeconds ?? Number.POSITIVE_INFINITY;
  for (const { uid, graceSeconds } of action.remove) {
    const pod = view.pods?.find((one) => one.uid === uid);
    ok(pod);
    ok(graceSeconds >= 1 && graceSeconds <= Math.max(1, pod.graceSeconds));
    ok(pod.deletionSeconds !== undefined || view.nowSeconds >= deadline - pod.graceSeconds);
  }
});

holds("nobody is evicted out of turn, twice, or before the server said so", (view, action) => {
  if (action.do !== "evict") return;
  const { now } = groupPods(view.pods ?? []);
  for (const { uid } of action.evict) {
    ok(now.some((pod) => pod.uid === uid));
    const time = view.status.retryTimes?.[uid];
    ok(time === undefined || Date.parse(time) / 1000 <= view.nowSeconds);
    ok(!action.remove.some((pod) => pod.uid === uid));
  }
});

holds("skipped and finished pods are never touched", (view, action) => {
  if (action.do !== "evict") return;
  const touched = new Set([...action.evict, ...action.remove].map(({ uid }) => uid));
  for (const pod of view.pods ?? []) if (pod.finished || pod.verdict.behavior === "Skip") ok(!touched.has(pod.uid));
});

holds("somebody always comes back to an unfinished drain", (view, action) => {
  const wanted = wantedSeconds(view, action, {});
  ok(wanted !== undefined && wanted >= 1 && wanted <= 900);
});

holds("nobody sleeps through the deadline while pods are there", (view, action) => {
  const deadline = deadlineOf(view)?.atSeconds;
  const left = deadline === undefined ? 0 : deadline - view.nowSeconds;
  const isRelevant = (action.do === "evict" || action.do === "wait") && groupPods(view.pods ?? []).leaving.length > 0;
  if (left > 0 && isRelevant) ok((wantedSeconds(view, action, {}) ?? 0) <= Math.max(1, Math.ceil(left)));
});

holds("the same view decides the same, whatever order the pods come in", (view, action) => {
  deepStrictEqual(nextDrainAction({ ...view, pods: [...(view.pods ?? [])].reverse() }).do, action.do);
  deepStrictEqual(nextDrainAction(view), action);
});

holds("status is pure and sorted: the order of the pods and of the answers changes nothing", (view, action) => {
  const refs = action.do === "evict" ? [...action.evict, ...action.remove] : [];
  const answers = refs.map(
    ({ pod, uid }, index): PodAnswer =>
      index % 2 === 0
        ? { pod, uid, answer: "accepted" }
        : { pod, uid, answer: "refused", reason: "DisruptionBudget", message: "Cannot evict" },
  );
  const said = drainStatus(view, action, { answers });
  const reversed = drainStatus({ ...view, pods: [...(view.pods ?? [])].reverse() }, action, {
    answers: [...answers].reverse(),
  });
  deepStrictEqual(reversed, said);
  const names = said.fields.waitingFor?.map(({ pod }) => pod) ?? [];
  deepStrictEqual(names, [...names].sort());
});

holds("no message carries the present time", (view, action) => {
  const later = { ...view, nowSeconds: view.nowSeconds + 0.25 };
  const messages = (seen: DrainView) =>
    drainStatus(seen, action, {}).conditions.map(({ type, message }) => `${type} ${message}`);
  if (view.status.drainStartTime) deepStrictEqual(messages(later), messages(view));
});

test("later notices only tighten: the deadline never moves back, and the same notice changes nothing", () => {
  const notice = fc.record({
    notice: after,
    deadline: optional(fc.integer({ min: 0, max: 3000 })),
    token: optional(fc.constantFrom("a", "b")),
  });
  fc.assert(
    fc.property(fc.array(notice, { minLength: 1, maxLength: 6 }), (notices) => {
      let spec = { ...quiet.spec, deadlineTime: at(1500) };
      for (const { notice: time, deadline, token } of notices) {
        const said = {
          instanceId: "i-1",
          cause: "SpotInterruption" as const,
          noticeTime: at(time),
          ...(deadline !== undefined && { deadlineTime: at(deadline) }),
          ...(token && { hold: { autoScaling: { groupName: "workers", hooks: [{ name: "drain", token }] } } }),
        };
        const next = { ...spec, ...tightened(spec, said) };
        ok(Date.parse(next.deadlineTime) <= Date.parse(spec.deadlineTime));
        ok(Date.parse(next.noticeTime) <= Date.parse(next.deadlineTime), "noticeTime stays before deadlineTime");
        deepStrictEqual(tightened(next, said), {}, "an echo changes nothing");
        spec = next;
      }
    }),
  );
});
