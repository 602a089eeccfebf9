/** Whether the Node is still the one that the drain began with. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { aNode, aPod } from "../support/builders.ts";
import { condition, draining, toTheEnd } from "./support/drains.ts";
import { startRig } from "./support/rig.ts";

async function renamed(t: TestContext) {
  const rig = await draining(t, [{ name: "web-1" }]);
  await rig.drain();
  await rig.workload.delete(nodes, { name: "node-1" });
  await rig.create("workload", nodes, aNode({ providerID: "memory:///zone-a/i-9" }));
  await rig.pass(31);
  return rig;
}

test("a Node that another machine has taken the name of is never touched", async (t) => {
  const rig = await renamed(t);
  await toTheEnd(rig);
  const node = await rig.node();
  deepStrictEqual([node?.spec?.unschedulable, node?.spec?.taints], [undefined, undefined]);
});

test("a Node that another machine has taken the name of loses no pod", async (t) => {
  const rig = await renamed(t);
  await rig.create("workload", pods, aPod({ name: "theirs" }));
  deepStrictEqual(await toTheEnd(rig), ["released NodeGone", "finished InstanceGone"]);
  deepStrictEqual(await rig.podNames(), ["theirs"]);
  const node = await rig.node();
  deepStrictEqual([node?.spec?.unschedulable, node?.spec?.taints], [undefined, undefined]);
  strictEqual((await condition(rig, "Drained"))?.[1], "NodeGone");
});

for (const cause of ["TerminationHook", "ScheduledMaintenance"] as const) {
  test(`a Node that its own machine registers anew is cordoned and drained again (${cause})`, async (t) => {
    const rig = await startRig(t);
    await rig.create("workload", pods, aPod({ name: "web-1" }));
    const isHeld = cause === "TerminationHook";
    await recordLeaving(rig.world, isHeld ? rig.cloud.beginTermination("i-1") : rig.cloud.notice("i-1", cause, 36_000));
    await rig.drain();
    await rig.workload.delete(nodes, { name: "node-1" });
    await rig.create("workload", nodes, aNode());
    await rig.pass(31);
    await rig.create("workload", pods, aPod({ name: "web-2" }));
    const told = [await rig.drain(), await rig.drain()].map(({ did }) => did);
    deepStrictEqual(told, ["cordoned", "evicted"]);
    strictEqual((await rig.termination())?.status?.nodeRef?.uid, (await rig.node())?.metadata.uid);
  });
}

test("a voluntary drain asks for the Node to the end: a person may have taken it back", async (t) => {
  const rig = await startRig(t);
  await recordLeaving(rig.world, rig.cloud.notice("i-1", "ScheduledMaintenance", 36_000));
  await rig.drain();
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { spec: { unschedulable: false } } });
  await rig.pass(6);
  strictEqual((await rig.drain()).because, "UncordonedByHand");
});
