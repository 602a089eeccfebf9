/** Hints of ARM and of health: whoever recorded the machine looks, its pool looks, and nobody else is disturbed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { outcomesOf } from "../../clusters.ts";
import { fixture } from "../fixture.ts";
import { asEvent, asMessage, type Harness, POOL_LOOKS, startHarness } from "./harness.ts";
import { NAMESPACE, POOL, type Stage, setStage } from "./stage.ts";

const RECONCILING = { LIFEGUARD_WATCH_FILTER: "lifeguard" };
let harness: Harness;
let stage: Stage;
before(async () => {
  harness = await startHarness();
  stage = await setStage(harness, 3, { mode: "Flexible" });
  const labels = { "cluster.x-k8s.io/watch-filter": "lifeguard" };
  const at = { namespace: NAMESPACE, name: POOL };
  await harness.management.client.patch(azureMachinePools, at, { type: "merge", body: { metadata: { labels } } });
});
after(() => harness.close());

const machine = (index: number): Instance => {
  const found = stage.machines[index];
  assert.ok(found);
  return found;
};
const about = (name: string, id: string) =>
  JSON.parse(
    JSON.stringify(fixture(name))
      .replaceAll("edge-flex_4f2a9c1d", id)
      .replaceAll("edge-mp-0", POOL)
      .replaceAll(/edge-pools/gi, "blue"),
  );
const POOL_KEY = { kind: "AzureMachinePool", namespace: NAMESPACE, name: POOL };

test("a machine that is gone wakes its record, and its pool", async () => {
  const leaving = machine(0);
  const emit = await harness.load("scheduled-event-emitted");
  for (const event of await stage.deleteByHand(leaving)) await emit(asEvent(event));
  harness.takeKeys(0);
  const invoke = await harness.load("resource-changed", RECONCILING);
  const { error, lines } = await invoke(asEvent(about("flexible-machine-deleted", leaving.name)));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["looked: ", "looked: "]);
  assert.equal(harness.takeKeys(0).length, 1);
  assert.deepEqual(harness.takeKeys(0, POOL_LOOKS), [POOL_KEY]);
});

test("a scale set that somebody changed wakes its pool, and none where no pool is reconciled", async () => {
  const invoke = await harness.load("resource-changed", RECONCILING);
  await invoke(asEvent(about("scale-set-written", "")));
  assert.deepEqual(harness.takeKeys(0, POOL_LOOKS), [POOL_KEY]);
  const draining = await harness.load("resource-changed");
  const { calls, lines } = await draining(asEvent(about("scale-set-written", "")));
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: NoPool"]);
});

test("a machine that nobody recorded is looked at by nobody", async () => {
  const invoke = await harness.load("health-changed");
  const { error, lines } = await invoke(asEvent(about("availability-status-changed", machine(1).name)));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["ignored: NotRecorded"]);
  assert.deepEqual(harness.takeKeys(0), []);
});

test("the worker of pools relates a hint, and reports a pool that is not there", async () => {
  const invoke = await harness.load("pool-continued", RECONCILING);
  const key = (kind: string, name: string) => asMessage(JSON.stringify({ kind, namespace: NAMESPACE, name }));
  const missing = await invoke(key("AzureMachinePool", "nobody"));
  assert.equal(missing.error, undefined);
  const hint = await invoke(key("Cluster", "blue"));
  assert.equal(hint.error, undefined);
  assert.equal(outcomesOf(hint.lines).length, 1);
  const idle = await harness.load("pool-continued");
  assert.deepEqual(outcomesOf((await idle(key("Cluster", "blue"))).lines), ["ignored: NoWatchFilter"]);
});
