/** Whole ways of a pool through its passes, on the wire: made, grown, shrunk with drained victims, settled, taken away. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { aPod } from "../../support/builders.ts";
import { startPoolRig } from "./rig.ts";

test("a pool of three is made, filled and said to be ready", async (t) => {
  const rig = await startPoolRig(t, { replicas: 3 });
  const told = await rig.untilQuiet();
  deepStrictEqual(told.slice(0, 3), ["pool adopted: FirstPass", "pool changed: GroupMissing", "pool scaled: ScaleOut"]);
  deepStrictEqual(await rig.instances(), ["blue-1 running", "blue-2 running", "blue-3 running"]);
  const { spec, status } = await rig.pool();
  deepStrictEqual(spec.providerIDList, [
    "memory:///zone-a/blue-1",
    "memory:///zone-a/blue-2",
    "memory:///zone-a/blue-3",
  ]);
  strictEqual(status?.ready, true);
  strictEqual(status?.replicas, 3);
  deepStrictEqual(
    status?.conditions?.map((one) => `${one.type} ${one.status}`),
    ["Ready True", "GroupReady True"],
  );
});

test("a settled pool costs no write, however often it is looked at", async (t) => {
  const rig = await startPoolRig(t);
  await rig.untilQuiet();
  const before = rig.writes().length;
  deepStrictEqual(await rig.untilQuiet(), ["pool settled: InStep"]);
  deepStrictEqual(await rig.untilQuiet(), ["pool settled: InStep"]);
  deepStrictEqual(rig.writes().slice(before), []);
});

test("fewer replicas: victims are drained one after the other, and only then taken out", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.scaleTo(4);
  await rig.untilQuiet();
  for (const number of [1, 2, 3, 4])
    await rig.create("workload", pods, aPod({ name: `web-${number}`, node: `node-blue-${number}`, graceSeconds: 5 }));
  await rig.scaleTo(2);
  const told = await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-1 running", "blue-2 running"]);
  deepStrictEqual(await rig.podNames(), ["web-1", "web-2"]);
  strictEqual(told.filter((one) => one === "pool recorded: ScaleIn").length, 2);
  const records = await rig.terminations();
  deepStrictEqual(
    records.map(({ metadata, spec, status }) => `${metadata.name} ${spec.cause} ${status?.phase}`).sort(),
    ["blue-blue-3 ScaleIn Released", "blue-blue-4 ScaleIn Released"],
  );
  const taken = rig.cloud.calls.filter(({ operation }) => operation === "terminate");
  deepStrictEqual(
    taken.map(({ target }) => target),
    ["memory:///zone-a/blue-3", "memory:///zone-a/blue-4"],
  );
  strictEqual((await rig.pool()).status?.replicas, 2);
  ok(
    rig.cloud.calls.some(({ operation }) => operation === "release"),
    "the hook that spoke then was answered",
  );
});

test("more replicas come at once, and never more than the pool allows", async (t) => {
  const rig = await startPoolRig(t, { replicas: 1, bounds: { minSize: 0, maxSize: 3 } });
  await rig.untilQuiet();
  await rig.scaleTo(9);
  await rig.untilQuiet();
  strictEqual((await rig.instances()).length, 3);
  const resized = (await rig.pool()).status?.conditions?.find(({ type }) => type === "Resized");
  strictEqual(resized?.message, "the MachinePool asks for 9 replicas, the pool allows 0 to 3: change one of them");
  strictEqual((await rig.pool()).status?.conditions?.[0]?.status, "True");
  await rig.scaleTo(3);
  await rig.untilQuiet();
  ok(!(await rig.pool()).status?.conditions?.some(({ type }) => type === "Resized"), "it is taken back");
});

test("the minimum holds, whatever is wished", async (t) => {
  const rig = await startPoolRig(t, { replicas: 3, bounds: { minSize: 2, maxSize: 5 } });
  await rig.untilQuiet();
  await rig.scaleTo(0);
  await rig.untilQuiet();
  strictEqual((await rig.instances()).length, 2);
});

test("a wish that is taken back while its victim drains ends with the right number", async (t) => {
  const rig = await startPoolRig(t, { replicas: 3 });
  await rig.untilQuiet();
  await rig.scaleTo(2);
  strictEqual((await rig.step()).did, "recorded");
  await rig.scaleTo(3);
  await rig.untilQuiet();
  strictEqual((await rig.instances()).filter((one) => one.endsWith("running")).length, 3);
  strictEqual(rig.cloud.inspectPool("blue")?.desired, 3);
});

test("a surge of two takes two at the same time", async (t) => {
  const rig = await startPoolRig(t, { replicas: 4, settings: { surge: 2 } });
  await rig.untilQuiet();
  await rig.scaleTo(1);
  const { others = [] } = await rig.step();
  strictEqual(others.filter(({ kind }) => kind === "InstanceTermination").length, 2);
  strictEqual((await rig.step()).did, "settled");
  await rig.untilQuiet();
  strictEqual((await rig.instances()).length, 1);
});

test("a template that changed replaces every instance, each drained through its hook", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2 });
  await rig.untilQuiet();
  await rig.create("workload", pods, aPod({ node: "node-blue-1", graceSeconds: 5 }));
  await rig.patchPool({ spec: { instanceType: "larger" } });
  await rig.untilQuiet();
  deepStrictEqual(await rig.instances(), ["blue-3 running", "blue-4 running"]);
  deepStrictEqual(await rig.podNames(), []);
  deepStrictEqual(
    (await rig.terminations()).map(({ spec }) => spec.cause),
    ["TerminationHook", "TerminationHook"],
  );
});

test("where somebody else decides about the size, it is copied and never changed", async (t) => {
  const annotations = { "cluster.x-k8s.io/replicas-managed-by": "external-autoscaler" };
  const rig = await startPoolRig(t, { replicas: 1, machinePoolMeta: { annotations } });
  await rig.untilQuiet();
  rig.cloud.resize("blue", 4);
  const told = await rig.untilQuiet();
  ok(told.includes("pool copied-replicas: ManagedElsewhere"), told.join());
  strictEqual((await rig.machinePool()).spec.replicas, 4);
  strictEqual((await rig.instances()).length, 4);
  ok(!rig.cloud.calls.some(({ operation }) => operation === "scale"));
});
