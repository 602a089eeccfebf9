/** The end of a pool: everything drained first, then the cloud's leftovers, then the finalizer; and the ways around a drain. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { pods } from "../../../lib/api/kubernetes/pod.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import { aPod, CLUSTER, NAMESPACE } from "../../support/builders.ts";
import { aBudget } from "../support/rig.ts";
import { NAME, type PoolRig, startPoolRig } from "./rig.ts";

const deletePool = (rig: PoolRig) => rig.management.delete(awsMachinePools, { namespace: NAMESPACE, name: NAME });
const withPods = async (rig: PoolRig) => {
  for (const number of [1, 2])
    await rig.create("workload", pods, aPod({ name: `web-${number}`, node: `node-blue-${number}`, graceSeconds: 5 }));
};

test("every instance is drained, then the group goes, then the finalizer", async (t) => {
  const rig = await startPoolRig(t, { replicas: 2, bounds: { minSize: 1, maxSize: 3 } });
  await rig.untilQuiet();
  await withPods(rig);
  await deletePool(rig);
  const told = await rig.untilQuiet();
  const steps = told.filter((one) => /^pool (changed|recorded|let-go)/.test(one));
  deepStrictEqual(steps, [
    "pool changed: MinimumHolds",
    "pool recorded: PoolDeleted",
    "pool changed: NoInstanceLeft",
    "pool let-go: NothingLeft",
  ]);
  deepStrictEqual(await rig.podNames(), []);
  strictEqual(rig.cloud.inspectPool(NAME), undefined);
  await rejects(rig.pool(), /not found/);
  ok((await rig.terminations()).every(({ status }) => status?.phase === "Released"));
});

test("pods that a budget protects keep their instance and so the pool", async (t) => {
  const rig = await startPoolRig(t, { replicas: 1 });
  await rig.untilQuiet();
  await rig.create("workload", pods, aPod({ node: "node-blue-1", labels: { app: "web" } }));
  const budgets = { apiVersion: "policy/v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget" };
  await rig.create("workload", budgets, aBudget("web", 0));
  await deletePool(rig);
  for (let passes = 0; passes < 6; passes++) {
    await rig.step();
    await rig.drainOpen();
    await rig.pass(20);
  }
  const [record] = await rig.terminations();
  strictEqual(record?.status?.waitingFor?.[0]?.reason, "DisruptionBudget");
  deepStrictEqual(await rig.podNames(), ["web-1"]);
  deepStrictEqual(await rig.instances(), ["blue-1 running"]);
  ok((await rig.pool()).metadata.finalizers?.length, "the pool waits");
});

const withoutDrain: { name: string; prepare: (rig: PoolRig) => Promise<void> }[] = [
  {
    name: "a pool that opts out of the drain",
    prepare: (rig) =>
      rig.patchPool({ metadata: { annotations: { "lifecycle.cluster.x-k8s.io/drain-on-delete": "false" } } }),
  },
  {
    name: "a pool whose cluster is being deleted",
    prepare: async (rig) => {
      const at = { namespace: NAMESPACE, name: CLUSTER };
      await rig.management.patch(clusters, at, {
        type: "merge",
        body: { metadata: { finalizers: ["example.com/x"] } },
      });
      await rig.management.delete(clusters, at);
    },
  },
];
for (const { name, prepare } of withoutDrain) {
  test(`${name} goes with its pods`, async (t) => {
    const rig = await startPoolRig(t, { replicas: 2 });
    await rig.untilQuiet();
    await rig.create("workload", pods, aPod({ node: "node-blue-1", labels: { app: "web" } }));
    const budgets = { apiVersion: "policy/v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget" };
    await rig.create("workload", budgets, aBudget("web", 0));
    await prepare(rig);
    await deletePool(rig);
    await rig.untilQuiet();
    deepStrictEqual(await rig.podNames(), ["web-1"], "nobody evicted it");
    await rejects(rig.pool(), /not found/);
  });
}

test("a pool that never got a group goes without a call that changes the cloud", async (t) => {
  const rig = await startPoolRig(t, { provisioned: false });
  await rig.untilQuiet();
  await deletePool(rig);
  const told = await rig.untilQuiet();
  deepStrictEqual(told, ["pool let-go: NothingLeft"]);
  ok(!rig.cloud.calls.some(({ operation }) => operation === "apply"));
});

test("a cloud that refuses the deletion is said, and the finalizer stays", async (t) => {
  const rig = await startPoolRig(t, { replicas: 0 });
  await rig.untilQuiet();
  await deletePool(rig);
  rig.cloud.fail("apply", new ProviderError("denied", "memory.delete", "allow it", "you may not"));
  const outcome = await rig.step();
  deepStrictEqual([outcome.did, outcome.because, outcome.againSeconds], ["failed", "CloudDenied", 60]);
  const pool = await rig.pool();
  strictEqual(pool.metadata.finalizers?.length, 1);
  strictEqual(pool.status?.conditions?.[0]?.reason, "GroupChangeFailed");
  await rig.untilQuiet();
  await rejects(rig.pool(), /not found/);
});

test("a pool that clusterctl moved away is left alone", async (t) => {
  const rig = await startPoolRig(t, { replicas: 1 });
  await rig.untilQuiet();
  await rig.patchPool({ metadata: { annotations: { "clusterctl.cluster.x-k8s.io/delete-for-move": "" } } });
  await deletePool(rig);
  deepStrictEqual(await rig.untilQuiet(), ["pool ignored: MovedAway"]);
  deepStrictEqual(await rig.instances(), ["blue-1 running"]);
});
