/** An AzureMachinePool on upstream's own CRDs: pool-step, node-step and drain-step against a scale set in the local Azure. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { azureMachinePools, BLOCK_MOVE_ANNOTATION } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { type Pod, pods } from "../../../../lib/api/kubernetes/pod.ts";
import { misfits, SKIP, schemaOf } from "../../../api/upstream-crds.ts";
import { aPod, POOL } from "../../../support/builders.ts";
import { AT, change, read, records, start, turn, untilQuiet } from "./step-rig.ts";

test("a pool of two settles ready on upstream's CRDs, and a further look writes nothing", { skip: SKIP }, async (t) => {
  const rig = await start(t, 2);
  await untilQuiet(rig);
  const pool = await read(rig);
  assert.deepEqual(
    [pool.status?.ready, pool.status?.replicas, pool.spec.providerIDList?.length],
    [true, 2, 2],
    JSON.stringify(pool.status),
  );
  assert.deepEqual(
    pool.status?.conditions?.filter(({ status }) => status !== "True"),
    [],
  );
  // Numbers or shares have no type in the CRD.
  const { strategy: _strategy, ...spec } = pool.spec;
  assert.deepEqual(misfits(schemaOf("azuremachinepools", "v1beta1"), { spec, status: pool.status }), []);
  assert.equal(pool.metadata.annotations?.[BLOCK_MOVE_ANNOTATION], undefined, "nothing is lost by a move");
  assert.equal((await rig.kubernetes.status()).phase, "Running");
  rig.kubernetes.forgetCalls();
  const writes = rig.cloud.calls("/write").length;
  await turn(rig);
  assert.deepEqual(rig.kubernetes.writes(), []);
  assert.equal(rig.cloud.calls("/write").length, writes);
});

test("fewer replicas: a machine is drained first and then deleted by name", { skip: SKIP }, async (t) => {
  const rig = await start(t, 2);
  await untilQuiet(rig);
  const [oldest] = rig.cloud.cloud.instances();
  assert.ok(oldest);
  await rig.kubernetes.workload.create<Pod>(
    pods,
    aPod({ name: "web", node: oldest.computerName, graceSeconds: 5 }) as Pod,
  );
  await change(rig, { spec: { replicas: 1 } });
  const told = await untilQuiet(rig);
  assert.ok(told.includes("drain evicted: Draining"), told.join());
  assert.equal(rig.cloud.named().includes(oldest.name), false);
  assert.deepEqual(
    (await records(rig)).map(({ spec, status }) => `${spec.cause} ${spec.removal?.decrement} ${status?.phase}`),
    ["ScaleIn true Released"],
  );
  assert.equal((await read(rig)).status?.replicas, 1);
});

test("another version rolls the pool by way of drains, one more machine at a time", { skip: SKIP }, async (t) => {
  const rig = await start(t, 2);
  await untilQuiet(rig);
  const before = rig.cloud.named();
  await change(rig, { spec: { template: { spec: { version: "v1.35.0" } } } });
  const told = await untilQuiet(rig);
  assert.equal(told.filter((one) => one === "pool recorded: RollingUpdate").length, 2);
  assert.ok(rig.cloud.named().every((name) => !before.includes(name)));
  const pool = await read(rig);
  assert.deepEqual([pool.status?.replicas, pool.status?.image?.computeGallery?.version], [2, "1.35.0"]);
});

test("a pool that is deleted: every Node is drained, then the empty set goes, then the pool", {
  skip: SKIP,
}, async (t) => {
  const rig = await start(t, 3);
  await untilQuiet(rig);
  const { workload, management } = rig.kubernetes;
  for (const one of rig.cloud.cloud.instances())
    await workload.create<Pod>(
      pods,
      aPod({ name: `web-${one.instanceId}`, node: one.computerName, graceSeconds: 5 }) as Pod,
    );
  await management.delete(azureMachinePools, AT);
  const setsDeleted = () => rig.cloud.calls("Microsoft.Compute/virtualMachineScaleSets/delete").length;
  for (let turns = 0; setsDeleted() === 0; turns++) {
    assert.ok(turns < 100, "the set is deleted");
    await turn(rig);
  }
  assert.deepEqual(rig.cloud.cloud.instances(), [], "nobody was in it");
  const left: string[] = [];
  for await (const page of workload.list<Pod>(pods)) left.push(...page.map(({ metadata }) => metadata.name));
  assert.deepEqual(left, []);
  await untilQuiet(rig);
  assert.equal(await management.get(azureMachinePools, AT).catch(() => undefined), undefined);
  assert.equal(rig.cloud.set(POOL), undefined);
});
