/** Whole drains, pass by pass, over the wire. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { disruptionBudgets } from "../../infra/local/cluster/kinds.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import type { LeavingInstance } from "../../lib/api/trigger.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import { aPod, NAMESPACE, POOL } from "../support/builders.ts";
import { condition, draining, everything, toTheEnd } from "./support/drains.ts";
import { aBudget, allOf, startRig } from "./support/rig.ts";

test("twenty pods and eight DaemonSet pods leave with at most 40 calls, from the notice to the end", async (t) => {
  const rig = await startRig(t);
  for (let index = 0; index < 20; index++) await rig.create("workload", pods, aPod({ name: `web-${index}` }));
  for (let index = 0; index < 8; index++) {
    const wish = { name: `agent-${index}`, controller: `DaemonSet/agent-${index}`, tolerations: everything };
    await rig.create("workload", pods, aPod(wish));
  }
  const recorded = await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  deepStrictEqual([recorded.did, recorded.because], ["recorded", "Cordoned"]);
  const toCordon = rig.calls().length + rig.cloud.calls.length;
  ok(toCordon <= 6, `${toCordon} calls until the cordon`);
  deepStrictEqual(await toTheEnd(rig, recorded.againSeconds), [
    "evicted Draining",
    "released Drained",
    "finished InstanceGone",
  ]);
  const calls = [...rig.calls().map(({ what }) => what), ...rig.cloud.calls.map(({ operation }) => operation)];
  ok(calls.length <= 40, `${calls.length} calls: ${calls.join(", ")}`);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
  strictEqual((await rig.termination())?.status?.phase, "Released");
  strictEqual(await rig.node(), undefined);
});

test("when every pod has left the Node is not asked for: four calls release it, and four close the record", async (t) => {
  const rig = await draining(t, [
    { name: "web-1" },
    { name: "agent-1", controller: "DaemonSet/agent", tolerations: everything },
  ]);
  await rig.drain();
  const made = async () => {
    const before = [rig.calls().length, rig.cloud.calls.length] as const;
    const { because } = await rig.drain();
    const asked = rig.cloud.calls.slice(before[1]).map(({ operation }) => operation);
    const whats = rig.calls().slice(before[0]);
    return [because, [...whats.map(({ what }) => what), ...asked].sort((a, b) => (a < b ? -1 : 1))];
  };
  await rig.pass(31);
  const both = ["GET instanceterminations", "PATCH instanceterminations/status"];
  deepStrictEqual(await made(), ["Drained", [both[0], "GET pods", both[1], "release"]]);
  await rig.pass(11);
  deepStrictEqual(await made(), ["InstanceGone", ["DELETE nodes", ...both, "observeInstance"]]);
});

test("after an accepted release nobody is asked to come: a sweep looks when the cloud has not told of the end", async (t) => {
  const rig = await draining(t, []);
  await rig.drain();
  await rig.pass(5);
  const released = await rig.drain();
  deepStrictEqual([released.did, released.againSeconds], ["released", undefined]);
  strictEqual((await rig.termination())?.status?.nextLookTime, "2026-03-01T12:01:05Z");
  const due = async () => (await allOf(sweep(rig.world))).map(({ kind }) => kind);
  await rig.pass(90);
  deepStrictEqual(await due(), []);
  await rig.pass(1);
  deepStrictEqual(await due(), ["look"]);
  strictEqual((await rig.drain()).because, "InstanceGone");
  strictEqual(await rig.node(), undefined);
});

test("what a pass cannot list is not empty: nothing is released, although the Node was seen before", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  await rig.drain();
  await rig.pass(31);
  rig.servers.workload.inject({ match: { path: /\/pods/ }, times: 1, code: 503 });
  deepStrictEqual((await rig.drain()).because, "ApiServerFailed");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("a pod that a budget protects stays, is asked again after 5 s at the earliest, and is named with its budget", async (t) => {
  const rig = await draining(t, [{ name: "web-1", labels: { app: "web" } }, { name: "other" }]);
  await rig.create("workload", disruptionBudgets, aBudget("web", 0));
  const outcome = await rig.drain();
  deepStrictEqual(outcome.counted, { evictionsAccepted: 1, evictionsDisruptionBudget: 1 });
  strictEqual(outcome.againSeconds, 5);
  const [status, reason, message] = (await condition(rig, "Drained")) ?? [];
  deepStrictEqual([status, reason], ["False", "DisruptionBudget"]);
  match(message ?? "", /default\/web-1: cannot evict pod as it would violate .* The disruption budget web needs 1/);
  const { status: first } = (await rig.termination()) ?? {};
  deepStrictEqual(
    first?.waitingFor?.map(({ pod, reason: why }) => `${pod} ${why}`),
    ["default/other Terminating", "default/web-1 DisruptionBudget"],
  );
  deepStrictEqual(first?.pods, { total: 2, evicted: 0, remaining: 2 });
  await rig.pass(2);
  strictEqual((await rig.drain()).did, "waited");
  await rig.workload.patch(
    disruptionBudgets,
    { namespace: "default", name: "web" },
    { type: "merge", body: { status: { disruptionsAllowed: 1 } } },
    "status",
  );
  const told = await toTheEnd(rig, 3);
  deepStrictEqual(told.slice(0, 2), ["evicted Draining", "released Drained"]);
  deepStrictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a missing right to evict is one clear condition and no storm", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  rig.servers.workload.inject({ match: { method: "POST", path: /eviction/ }, times: 1, code: 403 });
  const outcome = await rig.drain();
  strictEqual(outcome.againSeconds, 30);
  strictEqual((await condition(rig, "Drained"))?.[1], "Forbidden");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("a missing right to list pods is one clear condition, and nothing is released", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  rig.servers.workload.inject({ match: { path: /\/pods/ }, times: 1, code: 403 });
  const outcome = await rig.drain();
  deepStrictEqual([outcome.did, outcome.because, outcome.againSeconds], ["waited", "Forbidden", 60]);
  deepStrictEqual((await condition(rig, "Drained"))?.slice(0, 2), ["Unknown", "Forbidden"]);
});

test("at the deadline of a Spot notice a protected pod is deleted with what is left of its grace", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod({ name: "web-1", labels: { app: "web" }, graceSeconds: 60 }));
  await rig.create("workload", disruptionBudgets, aBudget("web", 0));
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
  const deletions: number[] = [];
  for (let again: number | undefined = 0; again !== undefined && deletions.length === 0; ) {
    await rig.pass(again);
    const outcome = await rig.drain();
    if (rig.writes().includes("DELETE pods")) deletions.push(rig.clock.now().getTime() / 1000);
    again = outcome.againSeconds;
  }
  const since = (deletions[0] ?? 0) - Date.parse("2026-03-01T12:00:00Z") / 1000;
  strictEqual(since, 50, "110 s until the deadline less 60 s of grace");
  await rig.pass(60);
  deepStrictEqual(await rig.podNames(), []);
});

test("while the workload API is down heartbeats go on, and the drain is not lost", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  rig.servers.workload.down();
  for (let again = 0, spent = 0; spent < 600; spent += again) {
    rig.clock.advance(again);
    const outcome = await rig.drain();
    ok(outcome.againSeconds, `${outcome.did} ${outcome.because}: nobody would come back`);
    again = outcome.againSeconds;
  }
  ok((rig.cloud.inspect("i-1")?.hooks[0]?.heartbeats ?? 0) >= 3);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
  deepStrictEqual((await condition(rig, "Drained"))?.slice(0, 2), ["Unknown", "ApiServerUnreachable"]);
  rig.servers.workload.up();
  const told = await toTheEnd(rig, 15);
  deepStrictEqual(told.at(-1), "finished InstanceGone");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a dry run writes nothing but its plan", async (t) => {
  const rig = await startRig(t, { settings: { dryRun: true } });
  await rig.create("workload", pods, aPod({ name: "web-1" }));
  const notice: LeavingInstance = rig.cloud.beginTermination("i-1");
  await recordLeaving(rig.world, notice);
  rig.clock.advance(200);
  const outcome = await rig.drain();
  strictEqual(outcome.did, "planned");
  deepStrictEqual(rig.writes(), ["POST instanceterminations", "PATCH instanceterminations/status"]);
  deepStrictEqual((await rig.termination())?.status?.plan, [
    "cordon Node node-1",
    "evict 1 pods of order 0: default/web-1",
    "stop waiting at 2026-03-01T20:19:50Z (HoldMaximum)",
    "release hook drain of workers",
  ]);
  deepStrictEqual(
    rig.cloud.calls.filter(({ operation }) => /release|heartbeat/.test(operation)),
    [],
  );
});

test("a Spot notice during a hook's drain: one record, both ends closed", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  const tightened = await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
  strictEqual(tightened.did, "tightened");
  await toTheEnd(rig);
  strictEqual((await rig.termination())?.spec.deadlineTime, "2026-03-01T12:02:00.000Z");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a pass that sees nothing new writes nothing but when somebody will look again", async (t) => {
  const rig = await draining(t, [{ name: "web-1", graceSeconds: 600 }]);
  const first = await rig.drain();
  const before = rig.writes().length;
  const second = await rig.drain();
  deepStrictEqual([first.againSeconds, second.againSeconds, rig.writes().length - before], [30, undefined, 0]);
});

test("a pool that is paused in the middle of a drain is not drained on, and its hold is kept", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  const place = { namespace: NAMESPACE, name: POOL };
  const body = { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } } };
  await rig.management.patch(machinePools, place, { type: "merge", body });
  rig.clock.advance(151);
  const outcome = await rig.drain();
  deepStrictEqual([outcome.because, outcome.counted], ["Paused", { heartbeats: 1 }]);
  deepStrictEqual(await rig.podNames(), ["web-1"]);
  match((await condition(rig, "Drained"))?.[2] ?? "", /MachinePool workers is paused/);
});
