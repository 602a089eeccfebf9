/** Which records a sweep wakes. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { InstanceTermination } from "../../../lib/api/lifecycle/instance-termination.ts";
import { isOverdue } from "../../../lib/reconcile/decide/overdue.ts";
import { aTermination } from "../../support/builders.ts";
import { at, seconds } from "../support/views.ts";

const cases: { name: string; seen: InstanceTermination; want: boolean }[] = [
  {
    name: "a look promised for later is waited for",
    seen: aTermination({}, { status: { nextLookTime: at(70) } }),
    want: false,
  },
  {
    name: "a look that is a little late is waited for",
    seen: aTermination({}, { status: { nextLookTime: at(31) } }),
    want: false,
  },
  {
    name: "a look half a minute late has been lost",
    seen: aTermination({}, { status: { nextLookTime: at(29) } }),
    want: true,
  },
  {
    name: "minutes before its deadline a look that is a little late has been lost",
    seen: aTermination({ deadlineTime: at(180) }, { status: { nextLookTime: at(50) } }),
    want: true,
  },
  {
    name: "minutes before its deadline a look that is about due is waited for",
    seen: aTermination({ deadlineTime: at(180) }, { status: { nextLookTime: at(57) } }),
    want: false,
  },
  {
    name: "with a deadline in hours a look that is a little late is waited for",
    seen: aTermination({ deadlineTime: at(7200) }, { status: { nextLookTime: at(50) } }),
    want: false,
  },
  {
    name: "a new record's first look is on its way",
    seen: aTermination({}, { creationTimestamp: at(40) }),
    want: false,
  },
  {
    name: "a record without a look for half a minute was forgotten",
    seen: aTermination({}, { creationTimestamp: at(20) }),
    want: true,
  },
  {
    name: "an edit that nobody has taken up does not wait for the next look: its hint may be lost",
    seen: aTermination({}, { generation: 2, status: { observedGeneration: 1, nextLookTime: at(600) } }),
    want: true,
  },
  {
    name: "an edit that has been taken up waits for the next look",
    seen: aTermination({}, { generation: 2, status: { observedGeneration: 2, nextLookTime: at(600) } }),
    want: false,
  },
  {
    name: "a finished record rests",
    seen: aTermination({}, { status: { finishTime: at(0), nextLookTime: at(0) } }),
    want: false,
  },
  {
    name: "a finished record is woken after its time to live",
    seen: aTermination({}, { status: { finishTime: at(-40) } }),
    want: true,
  },
  {
    name: "a finished record that is deleted is let go at once",
    seen: aTermination({}, { deletionTimestamp: at(59), status: { finishTime: at(50) } }),
    want: true,
  },
  {
    name: "a deleted record that somebody will look at is left to them",
    seen: aTermination({}, { deletionTimestamp: at(59), status: { nextLookTime: at(70) } }),
    want: false,
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(isOverdue(seen, seconds(60), 100), want));
