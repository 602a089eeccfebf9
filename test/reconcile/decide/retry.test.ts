/** How long a refused pod is left alone. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PodAnswer } from "../../../lib/reconcile/decide/action.ts";
import { spacingSeconds } from "../../../lib/reconcile/decide/retry.ts";

const refused = (reason: string, retryAfterSeconds?: number): PodAnswer => ({
  pod: "default/web",
  uid: "u",
  answer: "refused",
  reason,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});
const cases: { name: string; answer: PodAnswer; left?: number; want: number }[] = [
  { name: "a budget's no is asked again after 5 s", answer: refused("DisruptionBudget"), want: 5 },
  { name: "Retry-After 10 is respected", answer: refused("DisruptionBudget", 10), want: 10 },
  { name: "Retry-After 1 is not: 5 s is the shortest", answer: refused("DisruptionBudget", 1), want: 5 },
  { name: "a long drain waits at most 60 s", answer: refused("ApiServerOverloaded", 600), want: 60 },
  { name: "a short deadline waits at most 10 s", answer: refused("ApiServerOverloaded", 600), left: 110, want: 10 },
  { name: "what a person must mend is asked rarely", answer: refused("MultiplePodDisruptionBudgets"), want: 60 },
  { name: "a missing right is asked for rarely", answer: refused("Forbidden"), want: 60 },
  { name: "before a short deadline even that is asked every 10 s", answer: refused("Forbidden"), left: 60, want: 10 },
];
for (const { name, answer, left, want } of cases) test(name, () => deepStrictEqual(spacingSeconds(answer, left), want));

test("no answer makes a retry without delay", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (retryAfter, left) => spacingSeconds(refused("X", retryAfter), left) >= 5),
  );
});
