/** One MachinePool from the first apply to the settled state, over the wire. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import { CLUSTER, POOL } from "../../support/builders.ts";
import { kubeadmConfigs } from "./support/crds.ts";
import { idOf, idsTo, infrastructureOf, livingPool, nodeOf, poolOf, theCluster } from "./support/objects.ts";
import { conditionOf, oldConditionOf, startNodeRig } from "./support/rig.ts";

test("a new pool with everything ready is handed over, adopted, labelled and Running", async (t) => {
  const rig = await startNodeRig(t);
  assert.deepEqual(await rig.settle(), [
    "handed-over HandedOver",
    "wrote Adopted",
    "wrote NodesLabelled",
    "waited Settled",
  ]);
  const { metadata, spec, status } = await rig.pool();
  assert.deepEqual(metadata.finalizers, ["machinepool.cluster.x-k8s.io"]);
  assert.deepEqual(spec.providerIDList, [idOf(1)]);
  assert.equal(spec.template.spec.bootstrap?.dataSecretName, "data-1");
  assert.equal(status?.phase, "Running");
  assert.equal(status?.observedGeneration, metadata.generation);
  assert.deepEqual(await rig.eventReasons(), ["SuccessfulSetNodeRefs"]);
});

test("a settled pool costs no write, and five calls", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  rig.forgetCalls();
  assert.deepEqual(await rig.step(), {
    did: "waited",
    because: "Settled",
    object: { kind: "MachinePool", namespace: "team-a", name: POOL },
  });
  assert.deepEqual(rig.writes(), []);
  assert.deepEqual(
    rig.calls().map(({ what }) => what),
    ["GET machinepools", "GET clusters", "GET awsmachinepools", "GET kubeadmconfigs", "GET nodes"],
  );
});

test("a foreign finalizer and a foreign owner stay beside ours", async (t) => {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "notes", uid: "u-1" };
  const pool = poolOf({ finalizers: ["example.com/theirs"], ownerReferences: [owner] });
  const rig = await startNodeRig(t, { pool });
  await rig.settle();
  const { metadata } = await rig.pool();
  assert.deepEqual(metadata.finalizers, ["example.com/theirs", "machinepool.cluster.x-k8s.io"]);
  const cluster = await rig.read<KubernetesObject>(clusters, CLUSTER);
  assert.deepEqual(metadata.ownerReferences, [
    owner,
    { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "Cluster", name: CLUSTER, uid: cluster?.metadata.uid },
  ]);
  assert.equal(metadata.labels?.["cluster.x-k8s.io/cluster-name"], CLUSTER);
});

test("config and infrastructure pool get the pool as controller and the cluster's label", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  const { metadata } = await rig.pool();
  for (const resource of [kubeadmConfigs, awsMachinePools]) {
    const object = await rig.read<KubernetesObject>(resource);
    assert.deepEqual(object?.metadata.ownerReferences, [
      {
        apiVersion: "cluster.x-k8s.io/v1beta2",
        kind: "MachinePool",
        name: POOL,
        uid: metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    assert.equal(object?.metadata.labels?.["cluster.x-k8s.io/cluster-name"], CLUSTER);
  }
});

test("a Node that turns NotReady after Running lowers the counters", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 2 }),
    infrastructure: infrastructureOf({ ids: idsTo(2) }),
    nodes: [nodeOf(1), nodeOf(2)],
  });
  await rig.settle();
  assert.equal((await rig.status()).phase, "Running");
  const body = { status: nodeOf(2, { ready: "False" }).status ?? {} };
  await rig.workload.patch(nodes, { name: "node-2" }, { type: "merge", body }, "status");
  const outcome = await rig.step();
  // A pass in between asks for the same moment.
  const { againSeconds = 0 } = outcome;
  assert.ok(againSeconds > 1 && againSeconds <= 15);
  rig.clock.advance(1);
  assert.equal((await rig.step()).againSeconds, againSeconds - 1);
  const status = await rig.status();
  assert.deepEqual([status.readyReplicas, status.availableReplicas, status.phase], [1, 1, "ScalingUp"]);
  assert.equal(status.nodeRefs?.length, 2);
  assert.equal(conditionOf(status, "MachinesReady"), "False NotReady");
  assert.equal(oldConditionOf(status, "ReplicasReady"), "False WaitingForReplicasReady");
});

test("the same instances in another order change nothing but the list and the order of nodeRefs", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 2 }),
    infrastructure: infrastructureOf({ ids: idsTo(2) }),
    nodes: [nodeOf(1), nodeOf(2)],
  });
  await rig.settle();
  const before = await rig.status();
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: [idOf(2), idOf(1)] } });
  await rig.settle();
  const { nodeRefs, ...after } = await rig.status();
  assert.deepEqual(
    nodeRefs?.map(({ name }) => name),
    ["node-2", "node-1"],
  );
  assert.deepEqual({ phase: after.phase, old: after.deprecated }, { phase: before.phase, old: before.deprecated });
  assert.deepEqual(await rig.eventReasons(), ["SuccessfulSetNodeRefs"]);
});

test("a Node deleted and made again under its name is another Node: nodeRefs follow the uid", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  const [before] = (await rig.status()).nodeRefs ?? [];
  await rig.workload.delete(nodes, { name: "node-1" });
  await rig.workload.create(nodes, nodeOf(1));
  await rig.settle();
  const [after] = (await rig.status()).nodeRefs ?? [];
  assert.equal(after?.name, "node-1");
  assert.notEqual(after?.uid, before?.uid);
});

test("two Nodes with one providerID are said, and neither is counted", async (t) => {
  const twin = nodeOf(1, { name: "node-old", ready: "False" });
  const rig = await startNodeRig(t, { nodes: [nodeOf(1), twin] });
  await rig.settle();
  const status = await rig.status();
  assert.deepEqual([status.readyReplicas, status.nodeRefs], [0, undefined]);
  assert.equal(conditionOf(status, "MachinesReady"), "False AmbiguousNodes");
  const { message } = status.conditions?.find(({ type }) => type === "MachinesReady") ?? {};
  assert.match(message ?? "", /i-1 is claimed by Nodes node-1, node-old: delete the Node that is stale/);
  assert.deepEqual(await rig.eventReasons(), ["AmbiguousNodes"]);
  await rig.workload.delete(nodes, { name: "node-old" });
  await rig.settle();
  assert.equal((await rig.status()).phase, "Running");
});

test("a status that was lost is derived again, without a write elsewhere", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  const before = await rig.status();
  // A move to another management cluster brings metadata and spec, and no status.
  const nothing = Object.fromEntries(Object.keys(before).map((field) => [field, null]));
  await rig.change(machinePools, POOL, {}, nothing);
  assert.deepEqual(await rig.status(), {});
  rig.forgetCalls();
  await rig.settle();
  assert.deepEqual(await rig.status(), before);
  assert.deepEqual(
    rig.writes().filter((what) => what !== "POST events"),
    ["PATCH machinepools/status"],
  );
});

test("a pool of another watch filter, or of none, is left alone", async (t) => {
  for (const labels of [{}, { "cluster.x-k8s.io/watch-filter": "others" }]) {
    const rig = await startNodeRig(t, { pool: poolOf({ labels }) });
    const outcome = await rig.step();
    assert.deepEqual([outcome.did, outcome.because], ["ignored", "OtherWatchFilter"]);
    assert.deepEqual(
      rig.calls().map(({ what }) => what),
      ["GET machinepools"],
    );
  }
});

test("a pool of a kind that another deployment serves is left alone", async (t) => {
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "OtherMachinePool", name: POOL };
  const rig = await startNodeRig(t, { pool: poolOf({ template: { infrastructureRef } }) });
  const outcome = await rig.step();
  assert.deepEqual([outcome.did, outcome.because], ["ignored", "OtherProvider"]);
  assert.deepEqual(rig.writes(), []);
});

test("a pool that is gone is nothing to do", async (t) => {
  const rig = await startNodeRig(t);
  await rig.management.delete(machinePools, { namespace: "team-a", name: POOL });
  const outcome = await rig.step();
  assert.deepEqual([outcome.did, outcome.because], ["ignored", "NotFound"]);
});

test("a living pool without its Cluster is waited for, and says so once", async (t) => {
  const rig = await startNodeRig(t, { cluster: null, pool: livingPool() });
  const outcome = await rig.step();
  assert.deepEqual([outcome.did, outcome.because, outcome.againSeconds], ["waited", "NoCluster", undefined]);
  const available = (await rig.status()).conditions?.find(({ type }) => type === "Available");
  assert.deepEqual(
    [available?.status, available?.message],
    ["False", `* there is no Cluster ${CLUSTER} in this namespace: create it, or delete the pool`],
  );
  await rig.step();
  assert.deepEqual(rig.writes(), ["PATCH machinepools/status"]);
});

test("paused by the Cluster, by the annotation, or by both: only the condition is written", async (t) => {
  const annotations = { "cluster.x-k8s.io/paused": "" };
  const cases = [
    { cluster: theCluster({ paused: true }), pool: poolOf(), message: "Cluster spec.paused is set to true" },
    {
      cluster: theCluster(),
      pool: poolOf({ annotations }),
      message: "MachinePool has the cluster.x-k8s.io/paused annotation",
    },
  ];
  for (const { cluster, pool, message } of cases) {
    const rig = await startNodeRig(t, { cluster, pool });
    assert.equal((await rig.step()).because, "Paused");
    assert.equal((await rig.step()).because, "Paused");
    assert.deepEqual(rig.writes(), ["PATCH machinepools/status"]);
    const status = await rig.status();
    assert.equal(conditionOf(status, "Paused"), "True Paused");
    assert.equal(status.conditions?.[0]?.message, message);
    assert.equal(status.phase, undefined);
  }
});

test("a pool that goes on after a pause says so", async (t) => {
  const rig = await startNodeRig(t, { cluster: theCluster({ paused: true }) });
  await rig.step();
  await rig.change(clusters, CLUSTER, { spec: { paused: false } });
  await rig.settle();
  assert.equal(conditionOf(await rig.status(), "Paused"), "False NotPaused");
});

test("a dry run writes nothing at all", async (t) => {
  const rig = await startNodeRig(t);
  const world = { ...rig.world, settings: { ...rig.world.settings, dryRun: true } };
  const outcome = await nodeStep(world, { kind: "MachinePool", namespace: "team-a", name: POOL });
  assert.deepEqual([outcome.did, outcome.because], ["planned", "HandedOver"]);
  assert.deepEqual(rig.writes(), []);
});
