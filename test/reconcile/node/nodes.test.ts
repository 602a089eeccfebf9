/** The Nodes of a pool: found by exact providerID, counted truly, labelled. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { NOTICE_TIME, POOL } from "../../support/builders.ts";
import { idOf, idsTo, infrastructureOf, nodeOf, poolOf } from "./support/objects.ts";
import { conditionOf, startNodeRig } from "./support/rig.ts";

const UNINITIALIZED = { key: "node.cluster.x-k8s.io/uninitialized", effect: "NoSchedule" };

test("the uninitialized taint goes, four annotations and the instance's label come, everything else stays", async (t) => {
  const other = { key: "example.com/gpu", value: "yes", effect: "NoExecute" };
  const node = nodeOf(1, {
    taints: [UNINITIALIZED, other],
    annotations: { "example.com/mine": "1" },
    labels: { "example.com/mine": "1" },
  });
  const rig = await startNodeRig(t, { nodes: [node] });
  await rig.settle();
  const { metadata, spec } = (await rig.node(1)) ?? { metadata: { name: "" } };
  assert.deepEqual(spec?.taints, [other]);
  assert.deepEqual(metadata.annotations, {
    "example.com/mine": "1",
    "cluster.x-k8s.io/cluster-name": "prod",
    "cluster.x-k8s.io/cluster-namespace": "team-a",
    "cluster.x-k8s.io/owner-kind": "MachinePool",
    "cluster.x-k8s.io/owner-name": POOL,
  });
  assert.deepEqual(metadata.labels, { "example.com/mine": "1", "lifecycle.cluster.x-k8s.io/instance": "i-1" });
});

test("template labels of managed domains reach the Node and leave it again; all others do not", async (t) => {
  const templateLabels = {
    "node-role.kubernetes.io/worker": "",
    "node.cluster.x-k8s.io/team": "a",
    "sub.node-restriction.kubernetes.io/x": "1",
    "example.com/no": "1",
  };
  const rig = await startNodeRig(t, { pool: poolOf({ templateLabels }) });
  await rig.settle();
  const labelled = (await rig.node(1))?.metadata;
  assert.deepEqual(Object.keys(labelled?.labels ?? {}).sort(), [
    "lifecycle.cluster.x-k8s.io/instance",
    "node-role.kubernetes.io/worker",
    "node.cluster.x-k8s.io/team",
    "sub.node-restriction.kubernetes.io/x",
  ]);
  assert.equal(
    labelled?.annotations?.["cluster.x-k8s.io/labels-from-machine"],
    "node-role.kubernetes.io/worker,node.cluster.x-k8s.io/team,sub.node-restriction.kubernetes.io/x",
  );
  const labels = { "node-role.kubernetes.io/worker": null, "sub.node-restriction.kubernetes.io/x": null };
  await rig.change(machinePools, POOL, { spec: { template: { metadata: { labels } } } });
  await rig.settle();
  assert.deepEqual(Object.keys((await rig.node(1))?.metadata.labels ?? {}).sort(), [
    "lifecycle.cluster.x-k8s.io/instance",
    "node.cluster.x-k8s.io/team",
  ]);
});

test("providerIDs of several clouds in one list are all found", async (t) => {
  const vmss = "azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets";
  const ids = [
    "aws:///us-east-1a/i-1",
    "gce:///p/z/gce-1",
    `${vmss}/a/virtualMachines/0`,
    `${vmss}/b/virtualMachines/0`,
  ];
  const all = ids.map((providerID, index) => nodeOf(index, { providerID }));
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 4 }),
    infrastructure: infrastructureOf({ ids }),
    nodes: all,
  });
  await rig.settle();
  const { nodeRefs, readyReplicas } = await rig.status();
  assert.deepEqual([nodeRefs?.map(({ name }) => name), readyReplicas], [["node-0", "node-1", "node-2", "node-3"], 4]);
});

test("a providerID that differs by one character names no Node of ours", async (t) => {
  const rig = await startNodeRig(t, { nodes: [nodeOf(1, { providerID: `${idOf(1)}0` })] });
  const told = await rig.settle();
  assert.equal(told.at(-1), "waited Settled");
  const status = await rig.status();
  assert.deepEqual([status.readyReplicas, status.nodeRefs], [0, undefined]);
  const stranger = await rig.node(1);
  assert.equal(stranger?.metadata.labels, undefined, "and is not touched");
});

test("Nodes that are not Ready are referred to and not counted", async (t) => {
  const rig = await startNodeRig(t, { nodes: [nodeOf(1, { ready: "False" })] });
  await rig.settle();
  const status = await rig.status();
  assert.deepEqual(
    [
      status.nodeRefs?.length,
      status.readyReplicas,
      status.availableReplicas,
      status.deprecated?.v1beta1?.unavailableReplicas,
    ],
    [1, 0, 0, 1],
  );
});

test("minReadySeconds: a fresh Node is ready and not available, and the pass comes back when it is", async (t) => {
  const template = { minReadySeconds: 20 };
  const rig = await startNodeRig(t, { pool: poolOf({ template }), nodes: [nodeOf(1, { readySince: NOTICE_TIME })] });
  await rig.settle();
  const fresh = await rig.status();
  assert.deepEqual([fresh.readyReplicas, fresh.availableReplicas], [1, 0]);
  assert.equal(conditionOf(fresh, "Available"), "False NotAvailable");
  const { againSeconds } = await rig.step();
  assert.equal(againSeconds, 20);
  rig.clock.advance(20);
  assert.equal((await rig.step()).againSeconds, undefined);
  assert.equal((await rig.status()).availableReplicas, 1);
});

test("versions are counted over the Nodes, and absent while none is known", async (t) => {
  const three = { pool: poolOf({ replicas: 3 }), infrastructure: infrastructureOf({ ids: idsTo(3) }) };
  const rig = await startNodeRig(t, {
    ...three,
    nodes: [nodeOf(1, { version: "v1.33.1" }), nodeOf(2, { version: "v1.32.0" }), nodeOf(3, { version: "v1.33.1" })],
  });
  await rig.settle();
  assert.deepEqual((await rig.status()).versions, [
    { version: "v1.32.0", replicas: 1 },
    { version: "v1.33.1", replicas: 2 },
  ]);
  const none = await startNodeRig(t, { nodes: [] });
  await none.settle();
  assert.equal((await none.status()).versions, undefined);
});

test("a kubelet of another version than the pool's is not up to date; a suffix of a managed service is no difference", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 2, template: { version: "v1.33.1" } }),
    infrastructure: infrastructureOf({ ids: idsTo(2) }),
    nodes: [nodeOf(1, { version: "v1.33.1-eks-abc" }), nodeOf(2, { version: "v1.33.10" })],
  });
  await rig.settle();
  const status = await rig.status();
  assert.equal(status.upToDateReplicas, 1);
  assert.equal(conditionOf(status, "MachinesUpToDate"), "False NotUpToDate");
  assert.equal(conditionOf(status, "RollingOut"), "True RollingOut");
});

test("a large pool is labelled in batches, and the calls for looking do not grow with its Nodes but by pages", async (t) => {
  const count = 120;
  const all = Array.from({ length: count }, (_, index) => nodeOf(index + 1));
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: count }),
    infrastructure: infrastructureOf({ ids: idsTo(count) }),
    nodes: all,
  });
  const told = await rig.settle();
  assert.equal(told.filter((one) => one === "wrote NodesLabelled").length, 2);
  rig.forgetCalls();
  await rig.step();
  assert.equal(rig.calls().length, 5);
  assert.equal((await rig.status()).readyReplicas, count);
});
