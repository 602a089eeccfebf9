/** The hold's side of a drain: kept alive, released once, verified. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { ProviderError } from "../../lib/providers/errors.ts";
import { drainStep } from "../../lib/reconcile/drain-step.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { aPod, type PodWishes } from "../support/builders.ts";
import { secondsToNext } from "./support/drains.ts";
import { KEY, type Rig, type RigOptions, startRig } from "./support/rig.ts";

const throttled = new ProviderError("throttled", "cloud.call", "", "slow down");
const denied = new ProviderError("denied", "cloud.call", "allow it", "not authorized");
const operations = (rig: Rig, operation: string) =>
  rig.cloud.calls.filter((call) => call.operation === operation).length;

async function held(t: TestContext, options: RigOptions = {}, pod?: PodWishes): Promise<Rig> {
  const rig = await startRig(t, options);
  if (pod) await rig.create("workload", pods, aPod(pod));
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  return rig;
}

/** As a queue would: until nobody is to come, or for so many seconds. */
async function run(rig: Rig, maxSeconds: number): Promise<readonly string[]> {
  const told: string[] = [];
  for (let again: number | undefined = 0, spent = 0; again !== undefined && spent <= maxSeconds; spent += again ?? 0) {
    await rig.pass(again);
    const outcome = await rig.drain();
    told.push(`${outcome.did} ${outcome.because}`);
    again = await secondsToNext(rig, outcome);
  }
  return told;
}

test("a long drain keeps its hold alive with about two heartbeats per timeout", async (t) => {
  const rig = await held(t, {}, { graceSeconds: 3600 });
  await run(rig, 1500);
  const heartbeats = rig.cloud.inspect("i-1")?.hooks[0]?.heartbeats ?? 0;
  ok(heartbeats >= 8 && heartbeats <= 12, `${heartbeats} heartbeats in 1500 s of 300 s timers`);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("heartbeats are remembered in status: another sandbox goes on where this one ended", async (t) => {
  const rig = await held(t, {}, { graceSeconds: 3600 });
  await run(rig, 160);
  strictEqual((await rig.termination())?.status?.lastHeartbeatTime, "2026-03-01T12:02:30Z");
  rig.clock.advance(10);
  await drainStep({ ...rig.world }, KEY);
  strictEqual(operations(rig, "heartbeat"), 1);
});

test("a release that the cloud throttles is made again until it is accepted, and then not again", async (t) => {
  const rig = await held(t);
  rig.cloud.fail("release", throttled, 2);
  const told = await run(rig, 600);
  deepStrictEqual(told, [
    "waited SecondLook",
    "failed CloudThrottled",
    "failed CloudThrottled",
    "released Drained",
    "finished InstanceGone",
  ]);
  strictEqual(operations(rig, "release"), 3);
});

test("a missing permission to release is one condition and no storm", async (t) => {
  const rig = await held(t);
  rig.cloud.fail("release", denied);
  await rig.drain();
  await rig.pass(6);
  const outcome = await rig.drain();
  deepStrictEqual([outcome.because, outcome.againSeconds], ["CloudDenied", 60]);
  const released = (await rig.termination())?.status?.conditions?.find(({ type }) => type === "Released");
  deepStrictEqual([released?.status, released?.reason], ["False", "CloudDenied"]);
});

test("a throttled heartbeat stops nothing else", async (t) => {
  const rig = await held(t, {}, { graceSeconds: 3600 });
  await rig.drain();
  rig.cloud.fail("heartbeat", throttled);
  rig.clock.advance(151);
  const outcome = await rig.drain();
  deepStrictEqual([outcome.did, outcome.because, outcome.againSeconds], ["waited", "PodsLeaving", 15]);
  rig.clock.advance(15);
  await rig.drain();
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.heartbeats, 1);
});

test("the Node of an instance that is gone is noticed by its silence", async (t) => {
  const rig = await held(t, {}, { graceSeconds: 3600 });
  await rig.drain();
  rig.cloud.terminate("i-1");
  const conditions = [{ type: "Ready", status: "Unknown", lastTransitionTime: rig.clock.now().toISOString() }];
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { status: { conditions } } }, "status");
  rig.clock.advance(5);
  strictEqual((await rig.drain()).because, "InstanceGone");
  strictEqual(await rig.node(), undefined);
  strictEqual((await rig.termination())?.status?.phase, "Released");
});

test("a hook that comes after a Spot drain is over is completed at once", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
  await rig.drain();
  await rig.pass(6);
  strictEqual((await rig.drain()).because, "Drained");
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  strictEqual((await rig.drain()).because, "StillHeld");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a hook's message that comes after the end completes what still waits, by a record of its own", async (t) => {
  const rig = await startRig(t, { hooks: [{ name: "drain", heartbeatTimeoutSeconds: 7200 }] });
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "ScheduledMaintenance", 100));
  await rig.drain();
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  await rig.drain();
  rig.clock.advance(30);
  strictEqual((await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"))).did, "recorded");
  await run(rig, 100);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("CordonOnly keeps the hold alive and never completes it", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod());
  await recordLeaving(rig.world, { ...rig.cloud.beginTermination("i-1"), mode: "CordonOnly" });
  await run(rig, 1200);
  ok((rig.cloud.inspect("i-1")?.hooks[0]?.heartbeats ?? 0) >= 6);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
  deepStrictEqual([await rig.podNames(), (await rig.termination())?.status?.phase], [["web-1"], "Cordoned"]);
});

test("at the hold's own maximum what is left is deleted and the hold released before the cloud takes it", async (t) => {
  const rig = await held(
    t,
    { hooks: [{ name: "drain", heartbeatTimeoutSeconds: 30 }] },
    { annotations: { "karpenter.sh/do-not-disrupt": "true" } },
  );
  await run(rig, 3100);
  const [hook] = rig.cloud.inspect("i-1")?.hooks ?? [];
  deepStrictEqual([hook?.ending, await rig.podNames()], ["completed", []]);
});

test("a workload API that stays down past the deadline does not let the hold time out", async (t) => {
  const rig = await held(t, {}, {});
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
  rig.servers.workload.down();
  for (let again: number | undefined = 0, spent = 0; again !== undefined && spent < 115; spent += again ?? 0) {
    rig.clock.advance(again);
    again = (await rig.drain()).againSeconds;
  }
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
  strictEqual(
    (await rig.termination())?.status?.conditions?.find(({ type }) => type === "Drained")?.reason,
    "DeadlinePassed",
  );
});

test("a voluntary drain without a hold releases nothing and rests until the instance is gone", async (t) => {
  const rig = await startRig(t);
  const { deadlineTime: _, ...notice } = rig.cloud.notice("i-1", "RebalanceRecommendation", 0);
  await recordLeaving(rig.world, notice);
  const told = await run(rig, 900);
  deepStrictEqual([...new Set(told)], ["waited SecondLook", "released Drained", "waited InstanceLeaving"]);
  ok(told.length <= 8, `${told.length} passes in a quarter of an hour`);
  strictEqual(operations(rig, "release"), 0);
});

test("two passes at the same time: one of them writes the status, the other comes again", async (t) => {
  const rig = await held(t, {}, {});
  const outcomes = await Promise.all([rig.drain(), rig.drain()]);
  ok(outcomes.some(({ did }) => did === "evicted"));
  ok(outcomes.some(({ againSeconds }) => againSeconds !== undefined));
  const promised = Date.parse((await rig.termination())?.status?.nextLookTime ?? "") > rig.clock.now().getTime();
  for (const { did, againSeconds } of outcomes)
    ok(did !== "conflicted" || againSeconds === 1 || (againSeconds === undefined && promised));
  await rig.pass(31);
  await run(rig, 200);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a look at a record that is no more is acknowledged", async (t) => {
  const rig = await startRig(t);
  deepStrictEqual(await rig.drain(), { did: "ignored", because: "NotFound", object: KEY });
});

test("a management API that fails in the middle of a pass loses nothing", async (t) => {
  const rig = await held(t, {}, {});
  rig.servers.management.inject({ match: { method: "PATCH", path: /status/ }, times: 1, code: 503 });
  const outcome = await rig.drain();
  deepStrictEqual([outcome.did, outcome.because], ["failed", "ApiServerFailed"]);
  await rig.pass(outcome.againSeconds ?? 0);
  await run(rig, 200);
  strictEqual((await rig.termination())?.status?.phase, "Released");
});

test("the wish to wait before the release is kept", async (t) => {
  const rig = await held(t);
  const place = { namespace: KEY.namespace, name: KEY.name };
  const body = { spec: { drain: { waitBeforeReleaseSeconds: 40 } } };
  await rig.management.patch(instanceTerminations, place, { type: "merge", body });
  deepStrictEqual((await run(rig, 200)).slice(0, 3), [
    "waited SecondLook",
    "waited WaitBeforeRelease",
    "released Drained",
  ]);
});
