/** A condition's time tells when its status changed, whatever else is rewritten. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { Condition } from "../../lib/api/kubernetes/meta.ts";
import { type NewCondition, setCondition, toTime } from "../../lib/kubernetes/conditions.ts";

const EARLIER = "2026-01-01T10:00:00Z";
const NOW = new Date("2026-01-01T12:00:00.678Z");
const drained: Condition = {
  type: "Drained",
  status: "False",
  reason: "Evicting",
  message: "3 left",
  lastTransitionTime: EARLIER,
};
const released: Condition = { ...drained, type: "Released", reason: "Held", message: "" };

const cases: {
  name: string;
  before: readonly Condition[] | undefined;
  next: NewCondition;
  want: readonly Condition[];
}[] = [
  {
    name: "the first condition gets the time of now, in whole seconds",
    before: undefined,
    next: { type: "Drained", status: "True", reason: "Empty", message: "" },
    want: [
      { type: "Drained", status: "True", reason: "Empty", message: "", lastTransitionTime: "2026-01-01T12:00:00Z" },
    ],
  },
  {
    name: "another message or reason does not move the time",
    before: [drained],
    next: { type: "Drained", status: "False", reason: "Blocked", message: "1 left", observedGeneration: 2 },
    want: [{ ...drained, reason: "Blocked", message: "1 left", observedGeneration: 2 }],
  },
  {
    name: "another status moves the time",
    before: [drained],
    next: { type: "Drained", status: "True", reason: "Empty", message: "" },
    want: [{ ...drained, status: "True", reason: "Empty", message: "", lastTransitionTime: "2026-01-01T12:00:00Z" }],
  },
  {
    name: "Unknown is a status like the others",
    before: [drained],
    next: { type: "Drained", status: "Unknown", reason: "NodeSilent", message: "" },
    want: [
      { ...drained, status: "Unknown", reason: "NodeSilent", message: "", lastTransitionTime: "2026-01-01T12:00:00Z" },
    ],
  },
  {
    name: "conditions are sorted by type and the others stay as they are",
    before: [released],
    next: { type: "Drained", status: "False", reason: "Evicting", message: "3 left" },
    want: [{ ...drained, lastTransitionTime: "2026-01-01T12:00:00Z" }, released],
  },
];
for (const { name, before, next, want } of cases) {
  test(name, () => {
    const given = structuredClone(before);
    deepStrictEqual(setCondition(before, next, NOW), want);
    deepStrictEqual(before, given, "the list given must not be changed");
  });
}

test("times have whole seconds, as the API server keeps them", () => {
  deepStrictEqual(toTime(new Date("2026-02-03T04:05:06.999Z")), "2026-02-03T04:05:06Z");
});
