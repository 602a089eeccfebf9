/** A pass in one word and some numbers. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { drainOutcome } from "../../../lib/reconcile/decide/outcome.ts";
import { quiet } from "../support/views.ts";

test("evictions are counted by their answers", () => {
  const answers = [
    { pod: "a", uid: "1", answer: "accepted" },
    { pod: "b", uid: "2", answer: "refused", reason: "DisruptionBudget" },
    { pod: "c", uid: "3", answer: "refused", reason: "DisruptionBudget" },
    { pod: "d", uid: "4", answer: "gone" },
  ] as const;
  deepStrictEqual(drainOutcome(quiet, { do: "evict", because: "Draining", evict: [], remove: [] }, { answers }), {
    did: "evicted",
    because: "Draining",
    counted: { evictionsAccepted: 1, evictionsDisruptionBudget: 2, evictionsGone: 1 },
  });
});

test("a release says how long the drain took", () => {
  deepStrictEqual(drainOutcome(quiet, { do: "release", because: "Drained" }, { release: "accepted" }).counted, {
    holdsReleased: 1,
    drainSeconds: 59,
  });
});

test("a write in trouble is a failure with its reason", () => {
  const trouble = { reason: "CloudThrottled", message: "", againSeconds: 9 };
  deepStrictEqual(drainOutcome(quiet, { do: "release", because: "Drained" }, { trouble }), {
    did: "failed",
    because: "CloudThrottled",
  });
});

test("a dry run plans, whatever it would do", () => {
  const view = { ...quiet, spec: { ...quiet.spec, dryRun: true } };
  deepStrictEqual(drainOutcome(view, { do: "cordon", because: "Leaving" }, {}).did, "planned");
});
