/** What stands for an instance that has just joined outlives a list that lacks it for a moment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import type { Clusters } from "../../../lib/reconcile/step.ts";
import { aTermination, NOTICE_TIME, POOL } from "../../support/builders.ts";
import { infraOf, machineOf, settled } from "./support/machine-scene.ts";
import { idOf, idsTo, LATE_SECONDS } from "./support/objects.ts";
import { type NodeRig, POOL_KEY } from "./support/rig.ts";

const list = (rig: NodeRig, ids: readonly string[]) =>
  rig.change(awsMachinePools, POOL, { spec: { providerIDList: ids } }, { replicas: ids.length });

const whatStands = async (rig: NodeRig) =>
  [await machineOf(rig, 2), await infraOf(rig, 2), await rig.node(2)].map((one) => one?.metadata.uid);
const GONE = [undefined, undefined, undefined];

async function silence(rig: NodeRig): Promise<void> {
  const ready = { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown", lastTransitionTime: NOTICE_TIME };
  const body = { status: { conditions: [ready] } };
  await rig.workload.patch<Node>(nodes, { name: "node-2" }, { type: "merge", body }, "status");
}

test("a late view loses an instance that has just joined: its Machine and its Node are the same afterwards", async (t) => {
  const rig = await settled(t);
  const before = await whatStands(rig);
  await list(rig, [idOf(1)]);
  await rig.settle();
  assert.deepEqual(await whatStands(rig), before);
  await list(rig, idsTo(2));
  await rig.settle();
  assert.deepEqual(await whatStands(rig), before);
  assert.equal((await rig.status()).nodeRefs?.length, 2);
});

test("it is looked for again every minute, and believed to be gone when it would be old", async (t) => {
  const rig = await settled(t);
  await list(rig, [idOf(1)]);
  await rig.settle();
  assert.equal((await rig.step()).againSeconds, 60);
  rig.clock.advance(LATE_SECONDS - 20);
  assert.equal((await rig.step()).againSeconds, 20);
  rig.clock.advance(20);
  await rig.settle();
  assert.deepEqual(await whatStands(rig), GONE);
  assert.equal((await rig.step()).againSeconds, undefined);
});

test("a kubelet that fell silent is no sign of life", async (t) => {
  const rig = await settled(t);
  await silence(rig);
  await list(rig, [idOf(1)]);
  await rig.settle();
  assert.deepEqual(await whatStands(rig), GONE);
});

const finish = async (rig: NodeRig, status: object) => {
  await rig.create(instanceTerminations, aTermination({ providerID: idOf(2) }, { name: `${POOL}-i-2` }));
  const finished = { phase: "Released", finishTime: NOTICE_TIME, ...status };
  await rig.change(instanceTerminations, `${POOL}-i-2`, {}, finished);
};

test("whom a finished termination has let go is gone, however young", async (t) => {
  const rig = await settled(t);
  await finish(rig, { releaseTime: NOTICE_TIME });
  await list(rig, [idOf(1)]);
  await rig.settle();
  assert.deepEqual(await whatStands(rig), GONE);
});

test("a termination that only found the instance gone has asked the same late cloud", async (t) => {
  const rig = await settled(t);
  const before = await whatStands(rig);
  await finish(rig, {});
  await list(rig, [idOf(1)]);
  await rig.settle();
  assert.deepEqual(await whatStands(rig), before);
});

/** Before the pass reads the Nodes, this happens. */
const slowly = ({ clusters }: NodeRig["world"], happen: () => Promise<void>): Clusters => ({
  management: clusters.management,
  workload: async (cluster) => {
    await happen();
    return clusters.workload(cluster);
  },
});

test("a pass that began before an old instance came back into the list removes nothing of it", async (t) => {
  const rig = await settled(t);
  const before = await whatStands(rig);
  rig.clock.advance(LATE_SECONDS);
  await list(rig, [idOf(1)]);
  assert.equal((await rig.step()).because, "HandedOver");
  const clusters = slowly(rig.world, () => list(rig, idsTo(2)));
  const { did, againSeconds } = await nodeStep({ ...rig.world, clusters }, POOL_KEY);
  assert.deepEqual([did, againSeconds], ["waited", 1]);
  assert.deepEqual(await whatStands(rig), before);
});

test("while the list cannot be read once more, nothing is removed", async (t) => {
  const rig = await settled(t);
  const before = await whatStands(rig);
  rig.clock.advance(LATE_SECONDS);
  await list(rig, [idOf(1)]);
  assert.equal((await rig.step()).because, "HandedOver");
  const unreadable = async () =>
    rig.servers.management.inject({ match: { method: "GET", path: /\/awsmachinepools\// }, times: 1, code: 503 });
  const { did, againSeconds } = await nodeStep({ ...rig.world, clusters: slowly(rig.world, unreadable) }, POOL_KEY);
  assert.deepEqual([did, againSeconds], ["waited", 15]);
  assert.deepEqual(await whatStands(rig), before);
});
