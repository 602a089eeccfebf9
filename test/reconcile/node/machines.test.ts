/** A Machine and an infrastructure machine for every instance: made, linked, kept as they should be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { type Machine, machines } from "../../../lib/api/core/machine.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { memberSelector } from "../../../lib/reconcile/decide/pool-names.ts";
import { CLUSTER, POOL } from "../../support/builders.ts";
import { infraOf, KIND, machineOf, pair, said, settled } from "./support/machine-scene.ts";
import { FILTER, idOf, idsTo, infrastructureOf, nodeOf, poolOf } from "./support/objects.ts";
import { startNodeRig } from "./support/rig.ts";

test("two instances get two Machines and two infrastructure machines of the same names, linked to each other", async (t) => {
  const rig = await settled(t);
  const { uid } = (await rig.pool()).metadata;
  const machine = await machineOf(rig, 1);
  const infrastructure = await infraOf(rig, 1);
  assert.deepEqual(machine?.metadata.labels, {
    "cluster.x-k8s.io/cluster-name": CLUSTER,
    "cluster.x-k8s.io/pool-name": POOL,
    "cluster.x-k8s.io/watch-filter": FILTER,
  });
  assert.deepEqual(
    machine?.metadata.ownerReferences?.map(({ kind, uid: owner, controller }) => [kind, owner, controller]),
    [["MachinePool", uid, true]],
  );
  assert.deepEqual(machine?.metadata.finalizers, ["machine.cluster.x-k8s.io"]);
  assert.deepEqual(machine?.spec, {
    clusterName: CLUSTER,
    bootstrap: { dataSecretName: "" },
    infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AWSMachine", name: `${POOL}-i-1` },
    providerID: idOf(1),
    version: "v1.33.1",
  });
  assert.deepEqual(infrastructure?.spec, { providerID: idOf(1) });
  assert.deepEqual(
    infrastructure?.metadata.ownerReferences?.map(({ kind, controller }) => [kind, controller]),
    [
      ["AWSMachinePool", undefined],
      ["Machine", true],
    ],
  );
});

test("a Machine tells of its Node, its phase and its conditions", async (t) => {
  const rig = await settled(t);
  const machine = await machineOf(rig, 1);
  assert.deepEqual(machine?.status?.nodeRef, { name: "node-1" });
  assert.equal(machine?.status?.nodeInfo?.kubeletVersion, "v1.33.1");
  assert.equal(machine?.status?.phase, "Running");
  const types = ["Ready", "Available", "UpToDate", "NodeReady", "InfrastructureReady", "Deleting"];
  assert.deepEqual(
    types.map((type) => said(machine, type)),
    ["True Ready", "True Available", "True UpToDate", "True NodeReady", "True Provisioned", "False NotDeleting"],
  );
  assert.equal((await rig.node(1))?.metadata.annotations?.["cluster.x-k8s.io/machine"], `${POOL}-i-1`);
});

test("Machines that are as they should be cost two lists and no write", async (t) => {
  const rig = await settled(t);
  assert.equal((await rig.step()).because, "Settled");
  assert.deepEqual(rig.writes(), []);
  assert.equal(rig.calls().length, 7);
});

test("without infrastructureMachineKind no Machine is made, and none is looked for", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  assert.equal(await machineOf(rig, 1), undefined);
  assert.equal(
    rig.calls().some(({ what }) => what.includes("machines")),
    false,
  );
});

test("the template's labels, annotations, timeouts and gates reach the Machines", async (t) => {
  const deletion = { nodeDrainTimeoutSeconds: 60, nodeVolumeDetachTimeoutSeconds: 30 };
  const readinessGates = [{ conditionType: "Backed" }];
  const rig = await settled(t, {
    templateLabels: { team: "a" },
    templateAnnotations: { note: "b" },
    template: { deletion, readinessGates, minReadySeconds: 5 },
  });
  const machine = await machineOf(rig, 2);
  assert.equal(machine?.metadata.labels?.team, "a");
  assert.deepEqual(machine?.metadata.annotations, { note: "b" });
  assert.deepEqual(
    [machine?.spec.deletion, machine?.spec.readinessGates, machine?.spec.minReadySeconds],
    [deletion, readinessGates, 5],
  );
});

test("a Machine that drifted is put right, what others added stays, and the version follows the kubelet", async (t) => {
  const rig = await settled(t, { templateLabels: { team: "a" } });
  const theirs = { labels: { team: "b", mine: "1" }, annotations: { "example.com/x": "1" } };
  await rig.change(machines, `${POOL}-i-1`, { metadata: theirs, spec: { clusterName: CLUSTER, version: "v0.0.0" } });
  await rig.settle();
  const machine = await machineOf(rig, 1);
  assert.deepEqual([machine?.metadata.labels?.team, machine?.metadata.labels?.mine], ["a", "1"]);
  assert.deepEqual(machine?.metadata.annotations, { "example.com/x": "1" });
  assert.equal(machine?.spec.version, "v1.33.1");
});

test("Machines and infrastructure machines that exist under other names are found by their providerID and kept", async (t) => {
  const options = pair();
  const rig = await startNodeRig(t, { ...options, pool: poolOf({ replicas: 2, uid: "x" }) });
  const labels = { "cluster.x-k8s.io/cluster-name": CLUSTER, "cluster.x-k8s.io/pool-name": POOL };
  for (const number of [1, 2]) {
    const metadata = { name: `old-${number}`, namespace: "team-a", labels };
    await rig.create(awsMachines, { metadata, spec: { providerID: idOf(number) } } as KubernetesObject);
    const infrastructureRef = {
      apiGroup: "infrastructure.cluster.x-k8s.io",
      kind: "AWSMachine",
      name: `old-${number}`,
    };
    await rig.create(machines, { metadata, spec: { clusterName: CLUSTER, infrastructureRef } } as KubernetesObject);
  }
  await rig.settle();
  assert.equal(await machineOf(rig, 1), undefined);
  const adopted = await rig.read<Machine>(machines, "old-1");
  assert.equal(adopted?.spec.providerID, idOf(1));
  assert.equal(adopted?.spec.infrastructureRef?.name, "old-1");
  assert.equal((await rig.node(1))?.metadata.annotations?.["cluster.x-k8s.io/machine"], "old-1");
});

test("a Machine that somebody else controls is not ours", async (t) => {
  const rig = await startNodeRig(t, pair());
  const labels = { "cluster.x-k8s.io/cluster-name": CLUSTER, "cluster.x-k8s.io/pool-name": POOL };
  const owner = { apiVersion: "cluster.x-k8s.io/v1beta2", kind: "MachineSet", name: "s", uid: "u", controller: true };
  const metadata = { name: "theirs", namespace: "team-a", labels, ownerReferences: [owner] };
  await rig.create(machines, {
    metadata,
    spec: { clusterName: CLUSTER, providerID: "memory:///zone-a/i-9" },
  } as KubernetesObject);
  await rig.settle();
  const theirs = await rig.read<Machine>(machines, "theirs");
  assert.equal(theirs?.metadata.finalizers, undefined);
  assert.equal(theirs?.metadata.deletionTimestamp, undefined);
});

test("a long pool name is found by its hash", async (t) => {
  const rig = await settled(t);
  const long = poolOf({ name: "p".repeat(70) });
  assert.match(memberSelector(long), /pool-name=hash_[A-Za-z0-9_-]+_z$/);
  assert.ok(await machineOf(rig, 1));
});

test("one more than the replicas, whose Node is awaited, is looked for often, and left to the sweep after five minutes", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ replicas: 1 }),
    // A provider that counts only those whose Node is Ready.
    infrastructure: infrastructureOf({ ids: idsTo(2), status: { ...KIND, replicas: 1 } }),
    nodes: [nodeOf(1, { version: "v1.33.1" })],
  });
  await rig.settle();
  const { againSeconds = 0 } = await rig.step();
  assert.ok(againSeconds > 0 && againSeconds <= 15, `in ${againSeconds} s`);
  rig.clock.advance(301);
  assert.equal((await rig.step()).againSeconds, undefined);
});
