/** The judge of the full profile can say no: each promise is broken by one wrong observation, and by nothing else. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import {
  ALWAYS,
  capacityKept,
  countersTrue,
  kubeletsAre,
  leftMany,
  mostAtOnce,
  nothingForbidden,
  nothingLeft,
  type Rule,
} from "../../../infra/local/stories/full/promises.ts";
import type { FullSeen } from "../../../infra/local/stories/full/seen.ts";

const counters = ["replicas", "readyReplicas", "availableReplicas", "upToDateReplicas", "nodeRefs"];

/** One of three has left, as it should. */
const good: FullSeen = {
  killedPods: [],
  budgets: [{ name: "default/web", lowestHealthy: 4, wanted: 4 }],
  holds: [],
  evictions: 3,
  deletions: [],
  calls: { kubernetes: 1, cloud: 1 },
  invocations: 1,
  failedInvocations: 0,
  deadLetters: 0,
  instancesLeft: [],
  nodesLeft: [],
  terminations: [{ name: "workers-i-1", phase: "Released" }],
  seconds: 50,
  lowestCapacity: 2,
  mostLeaving: 1,
  launched: [],
  ended: ["i-1"],
  marked: [],
  waits: ["lifeguard-drain of i-1: continued"],
  undrained: [],
  knowsRoles: true,
  forbidden: [],
  cloudCalls: [],
  errors: [],
  settledWrites: [],
  settledSeconds: 660,
  inCloud: [],
  inKubernetes: [],
  counters: [
    "Running",
    ...[...counters, "nodes", "machines", "infrastructureMachines"].map((name) => `${name} 2`),
  ].join(", "),
  kubelets: ["v1.34.1"],
  said: [],
};
const RULES: readonly Rule[] = [
  ...ALWAYS,
  nothingForbidden,
  capacityKept(2),
  countersTrue(2),
  kubeletsAre("v1.34.1"),
  leftMany(1),
  mostAtOnce(1),
  nothingLeft,
];

const broken: { readonly name: string; readonly seen: Partial<FullSeen>; readonly promise: RegExp }[] = [
  { name: "a pod that lost its process", seen: { killedPods: ["default/db-0"] }, promise: /lost its process/ },
  { name: "an instance that left with pods", seen: { undrained: ["default/web-1 on node-1"] }, promise: /drained/ },
  { name: "a hold that timed out", seen: { waits: ["lifeguard-drain of i-1: timed out"] }, promise: /held once/ },
  { name: "an instance that was never held", seen: { waits: [] }, promise: /held once/ },
  { name: "a hold that is still open", seen: { waits: [...good.waits, "h of i-2: still open"] }, promise: /held once/ },
  {
    name: "a record that is not finished",
    seen: { terminations: [{ name: "workers-i-1", phase: "Draining" }] },
    promise: /record/,
  },
  { name: "an instance without a record", seen: { terminations: [] }, promise: /record/ },
  {
    name: "two records of one instance",
    seen: { terminations: [...good.terminations, ...good.terminations] },
    promise: /record/,
  },
  { name: "a Node that stays", seen: { nodesLeft: ["node-1"] }, promise: /neither instance nor Node/ },
  { name: "a write at rest", seen: { settledWrites: ["PATCH machinepools/status"] }, promise: /at rest/ },
  { name: "a call without a right", seen: { forbidden: ["GET secrets"] }, promise: /shipped roles/ },
  { name: "a pass that failed", seen: { errors: ["pool-continued: invalid"] }, promise: /logged an error/ },
  { name: "a moment with too few Nodes", seen: { lowestCapacity: 1 }, promise: /never fewer than 2/ },
  { name: "a pool that never had a Node", seen: { lowestCapacity: Number.POSITIVE_INFINITY }, promise: /never fewer/ },
  {
    name: "a counter that lies",
    seen: { counters: good.counters.replace("nodeRefs 2", "nodeRefs 3") },
    promise: /counter/,
  },
  {
    name: "a Machine too many",
    seen: { counters: good.counters.replace(", machines 2", ", machines 3") },
    promise: /counter/,
  },
  { name: "an old kubelet", seen: { kubelets: ["v1.33.0", "v1.34.1"] }, promise: /kubelet/ },
  { name: "two Nodes emptied at once", seen: { mostLeaving: 2 }, promise: /at a time/ },
  { name: "a template that is left", seen: { inCloud: ["launch template workers"] }, promise: /nothing is left/ },
  { name: "a finalizer that is left", seen: { inKubernetes: ["MachinePool workers"] }, promise: /nothing is left/ },
];

test("the judge is content with a good story", () =>
  deepStrictEqual(
    RULES.map((rule) => rule(good)).filter(({ kept }) => !kept),
    [],
  ));

for (const { name, seen, promise } of broken) {
  test(`the judge sees ${name}`, () => {
    const said = RULES.map((rule) => rule({ ...good, ...seen })).filter(({ kept }) => !kept);
    strictEqual(said.length, 1);
    ok(promise.test(said[0]?.promise ?? ""), said[0]?.promise);
  });
}

test("an instance more than expected is seen", () => {
  const seen = { ...good, ended: ["i-1", "i-2"], waits: [...good.waits, "lifeguard-drain of i-2: continued"] };
  const terminations = [...good.terminations, { name: "workers-i-2", phase: "Released" }];
  const said = RULES.map((rule) => rule({ ...seen, terminations })).filter(({ kept }) => !kept);
  deepStrictEqual(
    said.map(({ promise }) => promise),
    ["1 instances left, and no more"],
  );
});
