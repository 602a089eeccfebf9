/** The sweep finds what was missed, and writes nothing when nothing was. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { ProviderError } from "../../lib/providers/errors.ts";
import type { TerminationProvider } from "../../lib/providers/provider.ts";
import { recordedOf } from "../../lib/reconcile/look-step.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import type { World } from "../../lib/reconcile/step.ts";
import { type Swept, sweep } from "../../lib/reconcile/sweep-step.ts";
import { aPod, aPool } from "../support/builders.ts";
import { toTheEnd } from "./support/drains.ts";
import { allOf, KEY, startRig } from "./support/rig.ts";

const told = (swept: readonly Swept[]) =>
  swept.map((one) => (one.kind === "look" ? `look ${one.key.name}` : `${one.instanceId} ${one.outcome.did}`));
const sweepAll = async (world: World) => told(await allOf(sweep(world)));

test("an instance that waits although its event was lost is recorded, cordoned, and its timer restarted", async (t) => {
  const rig = await startRig(t);
  rig.cloud.beginTermination("i-1");
  rig.clock.advance(100);
  deepStrictEqual(await sweepAll(rig.world), ["i-1 recorded"]);
  strictEqual((await rig.node())?.spec?.unschedulable, true);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.heartbeats, 1);
  await toTheEnd(rig);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a settled pool costs no write, however often it is swept", async (t) => {
  const rig = await startRig(t);
  deepStrictEqual(await sweepAll(rig.world), []);
  deepStrictEqual(await sweepAll(rig.world), []);
  deepStrictEqual(rig.writes(), []);
});

test("a drain that somebody will look at is left alone, one that nobody came back to is woken", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod({ graceSeconds: 600 }));
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  const { againSeconds = 0 } = await rig.drain();
  rig.clock.advance(againSeconds + 20);
  deepStrictEqual(await sweepAll(rig.world), []);
  rig.clock.advance(20);
  deepStrictEqual(await sweepAll(rig.world), ["look workers-i-1"]);
});

test("a record that no pass has seen yet is woken half a minute after it was made", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  rig.clock.advance(29);
  deepStrictEqual(await sweepAll(rig.world), []);
  rig.clock.advance(3);
  deepStrictEqual(await sweepAll(rig.world), ["look workers-i-1"]);
});

test("a finished record is woken after its time to live, and then forgotten", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  await toTheEnd(rig);
  deepStrictEqual(await sweepAll(rig.world), []);
  rig.clock.advance(3601);
  deepStrictEqual(await sweepAll(rig.world), ["look workers-i-1"]);
  strictEqual((await rig.drain()).did, "forgot");
  strictEqual(await rig.termination(), undefined);
});

const hooks = ["audit", "drain"].map((name) => ({ name, heartbeatTimeoutSeconds: 300 }));

test("a second hook whose event was lost is found by the sweep, kept alive, and released with the first", async (t) => {
  const rig = await startRig(t, { hooks });
  const notice = rig.cloud.beginTermination("i-1");
  const only = { autoScaling: { groupName: "workers", hooks: [{ name: "drain", heartbeatTimeoutSeconds: 300 }] } };
  await recordLeaving(rig.world, { ...notice, hold: only });
  await rig.pass(6);
  await rig.drain();
  deepStrictEqual(await sweepAll(rig.world), ["i-1 tightened"]);
  // It is not found a second time; nobody has looked at what was found.
  deepStrictEqual(await sweepAll(rig.world), ["look workers-i-1"]);
  await toTheEnd(rig);
  deepStrictEqual(
    rig.cloud.inspect("i-1")?.hooks.map(({ heartbeats, ending }) => [heartbeats, ending]),
    [
      [1, "completed"],
      [1, "completed"],
    ],
  );
});

test("a hook that waits although only a notice without a hold is recorded is found by the sweep", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
  rig.cloud.beginTermination("i-1");
  deepStrictEqual(await sweepAll(rig.world), ["i-1 tightened"]);
  await toTheEnd(rig);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
});

test("a record that only plans is not told what waits", async (t) => {
  const rig = await startRig(t, { hooks, settings: { dryRun: true } });
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
  rig.cloud.beginTermination("i-1");
  deepStrictEqual(await sweepAll({ ...rig.world, settings: { ...rig.world.settings, dryRun: false } }), []);
});

test("a deployment that only plans keeps no hold, also of a record that was made while the sweep looked", async (t) => {
  const rig = await startRig(t, { hooks, settings: { dryRun: true } });
  rig.cloud.beginTermination("i-1");
  const { provider } = rig.world;
  const findHeld: TerminationProvider["findHeld"] = async (...asked) => {
    await recordLeaving(rig.world, rig.cloud.notice("i-1", "SpotInterruption", 120));
    return (await provider.findHeld?.(...asked)) ?? [];
  };
  deepStrictEqual(await sweepAll({ ...rig.world, provider: { ...provider, findHeld } }), ["i-1 tightened"]);
  deepStrictEqual(
    rig.cloud.inspect("i-1")?.hooks.map(({ heartbeats }) => heartbeats),
    [0, 0],
  );
});

test("paused pools are not asked for", async (t) => {
  const rig = await startRig(t, { pool: aPool({ annotations: { "cluster.x-k8s.io/paused": "" } }) });
  rig.cloud.beginTermination("i-1");
  deepStrictEqual(await sweepAll(rig.world), []);
});

test("one instance that cannot be recorded keeps no other from being found", async (t) => {
  const rig = await startRig(t, { pool: aPool({ ids: [] }) });
  rig.cloud.addInstance({ id: "i-2", groupName: "workers" });
  rig.cloud.beginTermination("i-1");
  rig.cloud.beginTermination("i-2");
  rig.cloud.fail("locate", new ProviderError("throttled", "memory.locate", "", "slow down"));
  deepStrictEqual(await sweepAll(rig.world), ["i-1 failed", "i-2 recorded"]);
});

test("a look at instances names their open records, in one call", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  const before = rig.calls().length;
  deepStrictEqual(await recordedOf(rig.world, ["i-1", "i-2", "i-1"]), [KEY]);
  strictEqual(rig.calls().length - before, 1);
  deepStrictEqual(await recordedOf(rig.world, []), []);
  await toTheEnd(rig);
  deepStrictEqual(await recordedOf(rig.world, ["i-1"]), []);
});
