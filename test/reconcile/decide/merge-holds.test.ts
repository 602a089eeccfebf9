/** Several notices for one instance become one hold. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { AutoScalingHook, Hold } from "../../../lib/api/lifecycle/hold.ts";
import { mergeHolds } from "../../../lib/reconcile/decide/merge-holds.ts";

const hold = (groupName: string, ...hooks: AutoScalingHook[]): Hold => ({ autoScaling: { groupName, hooks } });
const cases: { name: string; before?: Hold; notice: Hold; want: Hold }[] = [
  {
    name: "the first hold stands, sorted by hook",
    notice: hold("g", { name: "b" }, { name: "a" }),
    want: hold("g", { name: "a" }, { name: "b" }),
  },
  {
    name: "another hook joins",
    before: hold("g", { name: "a", token: "1" }),
    notice: hold("g", { name: "b", token: "2" }),
    want: hold("g", { name: "a", token: "1" }, { name: "b", token: "2" }),
  },
  {
    name: "a new token replaces the old",
    before: hold("g", { name: "a", token: "1" }),
    notice: hold("g", { name: "a", token: "2" }),
    want: hold("g", { name: "a", token: "2" }),
  },
  {
    name: "what a later notice does not know is not forgotten",
    before: hold("g", { name: "a", token: "1", heartbeatTimeoutSeconds: 300 }),
    notice: hold("g", { name: "a" }),
    want: hold("g", { name: "a", token: "1", heartbeatTimeoutSeconds: 300 }),
  },
  {
    name: "a hold of another group replaces the whole",
    before: hold("g", { name: "a" }),
    notice: hold("h", { name: "b" }),
    want: hold("h", { name: "b" }),
  },
  {
    name: "a hold of nothing changes nothing",
    before: hold("g", { name: "a" }),
    notice: {},
    want: hold("g", { name: "a" }),
  },
];
for (const { name, before, notice, want } of cases) test(name, () => deepStrictEqual(mergeHolds(before, notice), want));
