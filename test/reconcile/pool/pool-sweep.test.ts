/** Hints and sweeps on the wire: what they cost, and that they reach the pools of this deployment and no other. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { sweepPools } from "../../../lib/reconcile/pool-sweep.ts";
import { relateStep } from "../../../lib/reconcile/relate-step.ts";
import { aMachine, aMachinePool, CLUSTER, NAMESPACE } from "../../support/builders.ts";
import { allOf } from "../support/rig.ts";
import { NAME, type PoolRig, startPoolRig } from "./rig.ts";

const both = [
  { kind: "MachinePool", namespace: NAMESPACE, name: NAME },
  { kind: "AWSMachinePool", namespace: NAMESPACE, name: NAME },
];
const hint = (kind: string, name: string) => ({ kind, namespace: NAMESPACE, name });
/** A pool of the same cluster that another deployment reconciles. */
const addForeign = (rig: PoolRig) =>
  rig.create(
    "management",
    machinePools,
    aMachinePool({ name: "foreign", labels: { "cluster.x-k8s.io/watch-filter": "other" } }),
  );

test("a Cluster leads to its pools, in one call, and to no other deployment's", async (t) => {
  const rig = await startPoolRig(t);
  await addForeign(rig);
  const before = rig.calls().length;
  const outcome = await relateStep(rig.world, hint("Cluster", CLUSTER));
  deepStrictEqual([outcome.did, outcome.others], ["looked", both]);
  strictEqual(rig.calls().length - before, 1);
  deepStrictEqual((await relateStep(rig.world, hint("Cluster", "other"))).did, "ignored");
});

test("a Machine leads to its pool by its labels, in two calls", async (t) => {
  const rig = await startPoolRig(t);
  const labels = { "cluster.x-k8s.io/cluster-name": CLUSTER, "cluster.x-k8s.io/pool-name": NAME };
  await rig.create("management", machines, aMachine({ name: "m-1", labels }));
  await rig.create(
    "management",
    machines,
    aMachine({ name: "m-2", labels: { ...labels, "cluster.x-k8s.io/pool-name": "x" } }),
  );
  const before = rig.calls().length;
  deepStrictEqual((await relateStep(rig.world, hint("Machine", "m-1"))).others, both);
  strictEqual(rig.calls().length - before, 2);
  strictEqual((await relateStep(rig.world, hint("Machine", "m-2"))).because, "NoPool");
});

test("without a watch filter a hint leads nowhere and costs nothing", async (t) => {
  const rig = await startPoolRig(t, { settings: { watchFilter: "" } });
  strictEqual((await relateStep(rig.world, hint("Cluster", CLUSTER))).because, "NoWatchFilter");
  deepStrictEqual(await allOf(sweepPools(rig.world, [awsMachinePools])), []);
  deepStrictEqual(rig.calls(), []);
});

test("a sweep names each pool that is on its way once, in one list per kind, and writes nothing", async (t) => {
  const rig = await startPoolRig(t);
  await addForeign(rig);
  const before = rig.calls().length;
  deepStrictEqual(await allOf(sweepPools(rig.world, [awsMachinePools])), both);
  strictEqual(rig.calls().length - before, 2);
  deepStrictEqual(rig.writes(), []);
});

test("a settled pool is named once in ten minutes", async (t) => {
  const rig = await startPoolRig(t);
  await rig.untilQuiet();
  const { generation = 1 } = (await rig.machinePool()).metadata;
  const status = { phase: "Running", replicas: 3, observedGeneration: generation };
  await rig.management.patch(
    machinePools,
    { namespace: NAMESPACE, name: NAME },
    { type: "merge", body: { status } },
    "status",
  );
  let named = 0;
  for (let minute = 0; minute < 10; minute++) {
    named += (await allOf(sweepPools(rig.world, [awsMachinePools]))).filter(
      ({ kind }) => kind === "AWSMachinePool",
    ).length;
    rig.clock.advance(60);
  }
  ok(named >= 1 && named <= 2, `${named} times`);
});

test("a kind that nobody here knows leads nowhere, although a pool refers to it", async (t) => {
  const rig = await startPoolRig(t);
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "FuturePool", name: NAME };
  const body = { spec: { template: { spec: { infrastructureRef } } } };
  await rig.management.patch(machinePools, { namespace: NAMESPACE, name: NAME }, { type: "merge", body });
  const { did, because, others } = await relateStep(rig.poolWorld, hint("FuturePool", NAME));
  deepStrictEqual([did, because, others], ["ignored", "UnknownKind", undefined]);
  strictEqual((await relateStep(rig.poolWorld, hint("PoolHint", NAME))).because, "OtherProvider");
});
