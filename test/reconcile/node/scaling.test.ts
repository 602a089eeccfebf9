/** To nothing and back: phases, counters and Nodes of a pool whose size changes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { POOL } from "../../support/builders.ts";
import { idsTo, infrastructureOf, LATE_SECONDS, nodeOf, poolOf } from "./support/objects.ts";
import { startNodeRig } from "./support/rig.ts";

test("a pool scaled to nothing is Running with 0", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 0 }),
    infrastructure: infrastructureOf({ ids: [] }),
    nodes: [],
  });
  await rig.settle();
  const status = await rig.status();
  assert.equal(status.phase, "Running");
  assert.deepEqual(
    {
      ready: status.deprecated?.v1beta1?.readyReplicas,
      available: status.deprecated?.v1beta1?.availableReplicas,
      unavailable: status.deprecated?.v1beta1?.unavailableReplicas,
    },
    { ready: 0, available: 0, unavailable: 0 },
  );
});

test("scale to zero asked for, the Node still listed: ScalingDown, and the Node is kept", async (t) => {
  const rig = await startNodeRig(t, { pool: poolOf({ replicas: 0 }) });
  await rig.settle();
  assert.equal((await rig.status()).phase, "ScalingDown");
  assert.ok(await rig.node(1));
});

test("the list is empty and the count is 0: the Node is removed, then Running with 0", async (t) => {
  const rig = await startNodeRig(t, { pool: poolOf({ replicas: 0 }) });
  await rig.settle();
  rig.clock.advance(LATE_SECONDS);
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: [] } }, { replicas: 0 });
  assert.deepEqual(await rig.settle(), ["handed-over HandedOver", "wrote NodesRemoved", "waited Settled"]);
  assert.equal(await rig.node(1), undefined);
  const status = await rig.status();
  assert.deepEqual([status.phase, status.nodeRefs, status.replicas], ["Running", undefined, 0]);
});

test("from 0 to 1: ScalingUp until the Node is there, then Running", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 1 }),
    infrastructure: infrastructureOf({ ids: [] }),
    nodes: [],
  });
  await rig.settle();
  assert.equal((await rig.status()).phase, "ScalingUp");
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: idsTo(1) } }, { replicas: 1 });
  await rig.settle();
  assert.equal((await rig.status()).phase, "ScalingUp");
  const made = nodeOf(1);
  await rig.workload.create(nodes, made);
  await rig.workload.patch(nodes, { name: "node-1" }, { type: "merge", body: { status: made.status ?? {} } }, "status");
  await rig.settle();
  assert.equal((await rig.status()).phase, "Running");
});

test("somebody else owns the replicas: Scaling in place of ScalingUp and ScalingDown", async (t) => {
  const annotations = { "cluster.x-k8s.io/replicas-managed-by": "external-autoscaler" };
  const rig = await startNodeRig(t, { pool: poolOf({ replicas: 5, annotations }) });
  await rig.settle();
  assert.equal((await rig.status()).phase, "Scaling");
  await rig.change(machinePools, POOL, {
    metadata: { annotations: { "cluster.x-k8s.io/replicas-managed-by": "false" } },
  });
  await rig.settle();
  assert.equal((await rig.status()).phase, "ScalingUp");
});
