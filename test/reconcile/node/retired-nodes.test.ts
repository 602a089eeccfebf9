/** Nodes are removed when their instance is gone for certain, and only those that are ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import type { Node } from "../../../lib/api/kubernetes/node.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { aTermination, NOTICE_TIME, POOL } from "../../support/builders.ts";
import { idOf, idsTo, infrastructureOf, LATE_SECONDS, nodeOf, poolOf } from "./support/objects.ts";
import { startNodeRig } from "./support/rig.ts";

test("the Node of an instance that left the list is removed, with its uid", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 2 }),
    infrastructure: infrastructureOf({ ids: idsTo(2) }),
    nodes: [nodeOf(1), nodeOf(2)],
  });
  await rig.settle();
  rig.clock.advance(LATE_SECONDS);
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: [idOf(1)] } }, { replicas: 1 });
  await rig.settle();
  assert.equal(await rig.node(2), undefined);
  assert.ok(await rig.node(1));
  assert.ok((await rig.eventReasons()).includes("SuccessfulDeleteNodes"));
});

test("the Node of a vanished instance stays as long as its termination is not finished", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 2 }),
    infrastructure: infrastructureOf({ ids: idsTo(2) }),
    nodes: [nodeOf(1), nodeOf(2)],
  });
  await rig.settle();
  await rig.create(instanceTerminations, aTermination({ providerID: idOf(2) }, { name: "workers-i-2" }));
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: [idOf(1)] } }, { replicas: 1 });
  await rig.settle();
  assert.ok(await rig.node(2));
  await rig.change(
    instanceTerminations,
    "workers-i-2",
    {},
    { phase: "Released", releaseTime: NOTICE_TIME, finishTime: NOTICE_TIME },
  );
  await rig.settle();
  assert.equal(await rig.node(2), undefined);
});

test("no Node is removed while the infrastructure pool is not ready, or says half of it", async (t) => {
  for (const status of [{ ready: false, replicas: 0 }, { replicas: 1 }]) {
    const rig = await startNodeRig(t);
    await rig.settle();
    await rig.change(awsMachinePools, POOL, { spec: { providerIDList: [] } }, status);
    await rig.settle();
    assert.ok(await rig.node(1), JSON.stringify(status));
  }
});

test("a Node of another pool, and one of nobody, is never removed", async (t) => {
  const theirs = nodeOf(8, {
    annotations: {
      "cluster.x-k8s.io/owner-kind": "MachinePool",
      "cluster.x-k8s.io/owner-name": "others",
      "cluster.x-k8s.io/cluster-name": "prod",
      "cluster.x-k8s.io/cluster-namespace": "team-a",
    },
  });
  const rig = await startNodeRig(t, { nodes: [nodeOf(1), theirs, nodeOf(9)] });
  await rig.settle();
  assert.ok(await rig.node(8));
  assert.ok(await rig.node(9));
});

test("a Node without a status to remember it is still removed: its annotations say whose it was", async (t) => {
  const leftover: Node = nodeOf(7, {
    annotations: {
      "cluster.x-k8s.io/owner-kind": "MachinePool",
      "cluster.x-k8s.io/owner-name": POOL,
      "cluster.x-k8s.io/cluster-name": "prod",
      "cluster.x-k8s.io/cluster-namespace": "team-a",
    },
  });
  const rig = await startNodeRig(t, { nodes: [nodeOf(1), leftover] });
  rig.clock.advance(LATE_SECONDS);
  await rig.settle();
  assert.equal(await rig.node(7), undefined);
});
