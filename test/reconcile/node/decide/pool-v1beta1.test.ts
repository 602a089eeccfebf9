/** The summary of contract v1beta1, and the times of its conditions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { V1Beta1Condition } from "../../../../lib/api/core/v1beta1-condition.ts";
import { mergeV1Beta1, type SaidV1Beta1, summary } from "../../../../lib/reconcile/decide/pool-v1beta1.ts";

const yes = (type: string): SaidV1Beta1 => ({ type, status: "True" });
const no = (type: string, severity: "Error" | "Warning" | "Info", reason: string): SaidV1Beta1 => ({
  type,
  status: "False",
  severity,
  reason,
});

const cases: { name: string; conditions: readonly SaidV1Beta1[]; want: object }[] = [
  {
    name: "all True is Ready, without a reason",
    conditions: [yes("A"), yes("B")],
    want: { type: "Ready", status: "True" },
  },
  {
    name: "an Error outranks what comes before it",
    conditions: [no("A", "Info", "a"), no("B", "Error", "b")],
    want: { type: "Ready", status: "False", severity: "Error", reason: "b" },
  },
  {
    name: "a Warning outranks an Info",
    conditions: [no("A", "Info", "a"), no("B", "Warning", "b")],
    want: { type: "Ready", status: "False", severity: "Warning", reason: "b" },
  },
  {
    name: "of equals the first speaks",
    conditions: [no("A", "Info", "a"), no("B", "Info", "b")],
    want: { type: "Ready", status: "False", severity: "Info", reason: "a" },
  },
  {
    name: "Unknown outranks True",
    conditions: [yes("A"), { type: "B", status: "Unknown", reason: "b" }],
    want: { type: "Ready", status: "Unknown", reason: "b" },
  },
];
for (const { name, conditions, want } of cases) test(name, () => assert.deepEqual(summary(conditions), want));

const THEN = "2026-01-01T00:00:00Z";
const NOW = "2026-03-01T00:00:00Z";
const old: V1Beta1Condition = {
  type: "A",
  status: "False",
  severity: "Info",
  reason: "a",
  message: "m",
  lastTransitionTime: THEN,
};
const again: SaidV1Beta1 = { type: "A", status: "False", severity: "Info", reason: "a", message: "m" };

const times: { name: string; said: SaidV1Beta1; want: string }[] = [
  { name: "the same words keep their time", said: again, want: THEN },
  { name: "another reason moves the time", said: { ...again, reason: "b" }, want: NOW },
  { name: "another message moves the time", said: { ...again, message: "n" }, want: NOW },
  { name: "another severity moves the time", said: { ...again, severity: "Error" }, want: NOW },
  { name: "another status moves the time", said: { type: "A", status: "True" }, want: NOW },
];
for (const { name, said, want } of times)
  test(name, () => assert.equal(mergeV1Beta1([old], [said], NOW)[0]?.lastTransitionTime, want));

test("conditions of others stay, and Ready comes first", () => {
  const theirs: V1Beta1Condition = { type: "Theirs", status: "True", lastTransitionTime: THEN };
  const merged = mergeV1Beta1([theirs], [yes("Zed"), yes("Ready")], NOW);
  assert.deepEqual(
    merged.map(({ type }) => type),
    ["Ready", "Theirs", "Zed"],
  );
});
