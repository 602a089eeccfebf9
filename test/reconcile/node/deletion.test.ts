/** A MachinePool on its way out: infrastructure first (drained by its own step), then Machines and Nodes, the finalizer last. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { KubernetesError } from "../../../lib/kubernetes/errors.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import type { World } from "../../../lib/reconcile/step.ts";
import { aTermination, CLUSTER, NOTICE_TIME, POOL } from "../../support/builders.ts";
import { kubeadmConfigs } from "./support/crds.ts";
import { infraOf, settled } from "./support/machine-scene.ts";
import { configOf, idOf, infrastructureOf, poolOf } from "./support/objects.ts";
import { conditionOf, type NodeRig, POOL_KEY, startNodeRig } from "./support/rig.ts";

const AT = { namespace: "team-a", name: POOL };
const HELD = { finalizers: ["example.com/drains"] };
const gone = (rig: NodeRig) => rig.read(machinePools).then((pool) => pool === undefined);
const release = (rig: NodeRig) => rig.change(awsMachinePools, POOL, { metadata: { finalizers: null } });

/** Settled, its infrastructure pool held back the way a drain holds it, and then deleted. */
async function deleting(t: Parameters<typeof startNodeRig>[0], seconds?: number): Promise<NodeRig> {
  const template = seconds === undefined ? {} : { deletion: { nodeDeletionTimeoutSeconds: seconds } };
  const rig = await startNodeRig(t, { infrastructure: infrastructureOf(HELD), pool: poolOf({ template }) });
  await rig.settle();
  await rig.management.delete(machinePools, AT);
  rig.forgetCalls();
  return rig;
}

/** The workload cluster refuses to delete Nodes. */
function stubborn(world: World): World {
  const refuse = () => Promise.reject(new KubernetesError("forbidden", "nodes: forbidden", { code: 403 }));
  return {
    ...world,
    clusters: {
      ...world.clusters,
      workload: async (cluster) => ({ ...(await world.clusters.workload(cluster)), delete: refuse }),
    },
  };
}

test("both references are deleted at once; the pool waits while its infrastructure drains, and its Node stays", async (t) => {
  const rig = await deleting(t);
  const first = await rig.step();
  assert.deepEqual([first.did, first.because], ["wrote", "ReferencesDeleted"]);
  assert.deepEqual(first.others, [{ kind: "AWSMachinePool", namespace: "team-a", name: POOL }]);
  const infrastructure = await rig.read<KubernetesObject>(awsMachinePools);
  assert.ok(infrastructure?.metadata.deletionTimestamp);
  assert.equal(await rig.read(kubeadmConfigs), undefined);
  const second = await rig.step();
  assert.deepEqual([second.because, second.againSeconds], ["ReferencesRemain", 15]);
  const status = await rig.status();
  assert.deepEqual([status.phase, status.readyReplicas], ["Deleting", 1]);
  assert.equal(conditionOf(status, "Deleting"), "True Deleting");
  assert.ok(await rig.node(1));
});

test("a wait while deleting writes nothing", async (t) => {
  const rig = await deleting(t);
  await rig.settle();
  rig.forgetCalls();
  await rig.step();
  assert.deepEqual(rig.writes(), []);
});

test("with the infrastructure gone the Nodes left over go, and the finalizer last", async (t) => {
  const rig = await deleting(t);
  await rig.settle();
  await release(rig);
  assert.deepEqual(await rig.settle(), ["handed-over HandedOver", "wrote NodesRemoved", "let-go Deleted"]);
  assert.equal(await rig.node(1), undefined);
  assert.equal(await gone(rig), true);
});

test("only the config is left, or only the infrastructure: both are waited for", async (t) => {
  const onlyInfrastructure = await startNodeRig(t, { config: null, infrastructure: infrastructureOf(HELD) });
  await onlyInfrastructure.settle();
  await onlyInfrastructure.management.delete(machinePools, AT);
  assert.equal((await onlyInfrastructure.settle()).at(-1), "waited ReferencesRemain");
  const onlyConfig = await startNodeRig(t, { config: configOf(undefined, HELD), infrastructure: null });
  await onlyConfig.settle();
  await onlyConfig.management.delete(machinePools, AT);
  assert.equal((await onlyConfig.settle()).at(-1), "waited ReferencesRemain");
});

test("nothing referred to exists any more: the pool goes at once", async (t) => {
  const rig = await startNodeRig(t, { config: null, infrastructure: null, nodes: [] });
  await rig.settle();
  await rig.management.delete(machinePools, AT);
  assert.deepEqual(await rig.settle(), ["let-go Deleted"]);
  assert.equal(await gone(rig), true);
});

test("a pass beside it was faster at the very end: that is no error", async (t) => {
  const rig = await startNodeRig(t, { config: null, infrastructure: null, nodes: [] });
  await rig.settle();
  await rig.management.delete(machinePools, AT);
  const { management } = rig.world.clusters;
  const raced: typeof management = {
    ...management,
    patch: async (...asked) => {
      await rig.change(machinePools, POOL, { metadata: { finalizers: null } });
      return management.patch(...asked);
    },
  };
  const world = { ...rig.world, clusters: { ...rig.world.clusters, management: raced } };
  assert.equal((await nodeStep(world, POOL_KEY)).did, "let-go");
  assert.equal(await gone(rig), true);
});

test("a pass beside it let the pool go while this one was about to say something of it: that is no error", async (t) => {
  const rig = await startNodeRig(t, { config: null });
  await rig.settle();
  await rig.management.delete(machinePools, AT);
  const { management } = rig.world.clusters;
  let wantedToSay = 0;
  const raced: typeof management = {
    ...management,
    patch: async (...asked) => {
      if (asked[3] === "status") {
        wantedToSay++;
        await rig.change(machinePools, POOL, { metadata: { finalizers: null } });
      }
      return management.patch(...asked);
    },
  };
  const world = { ...rig.world, clusters: { ...rig.world.clusters, management: raced } };
  for (let passes = 0; passes < 3; passes++) await nodeStep(world, POOL_KEY);
  assert.deepEqual([await gone(rig), wantedToSay], [true, 1]);
});

test("a foreign finalizer stays when ours goes", async (t) => {
  const rig = await startNodeRig(t, {
    pool: poolOf({ finalizers: ["example.com/theirs"] }),
    config: null,
    infrastructure: null,
    nodes: [],
  });
  await rig.settle();
  await rig.management.delete(machinePools, AT);
  await rig.settle();
  assert.deepEqual((await rig.pool()).metadata.finalizers, ["example.com/theirs"]);
});

test("terminations of the pool are waited for before its Nodes go", async (t) => {
  const rig = await deleting(t);
  await rig.create(instanceTerminations, aTermination({ providerID: idOf(1) }));
  await rig.settle();
  await release(rig);
  assert.equal((await rig.settle()).at(-1), "waited TerminationsRemain");
  assert.ok(await rig.node(1));
  await rig.change(
    instanceTerminations,
    `${POOL}-i-1`,
    {},
    { phase: "Released", releaseTime: NOTICE_TIME, finishTime: NOTICE_TIME },
  );
  await rig.settle();
  assert.equal(await gone(rig), true);
});

const timeouts = [
  { name: "Nodes that cannot be deleted hold the pool within nodeDeletionTimeoutSeconds", seconds: 600, stays: true },
  {
    name: "Nodes that cannot be deleted hold the pool no longer than nodeDeletionTimeoutSeconds",
    seconds: 10,
    stays: false,
  },
  { name: "nodeDeletionTimeoutSeconds 0 means for ever", seconds: 0, stays: true },
  { name: "no nodeDeletionTimeoutSeconds means for ever", seconds: undefined, stays: true },
];
for (const { name, seconds, stays } of timeouts)
  test(name, async (t) => {
    const rig = await deleting(t, seconds);
    await rig.settle();
    await release(rig);
    rig.clock.advance(60);
    const world = stubborn(rig.world);
    await nodeStep(world, POOL_KEY);
    const outcome = await nodeStep(world, POOL_KEY);
    assert.equal(outcome.because, stays ? "Forbidden" : "NodesLeftBehind");
    assert.equal(await gone(rig), !stays);
  });

test("a slow cloud does not cost the Nodes their removal: they are tried once, timeout or not", async (t) => {
  const rig = await deleting(t, 10);
  await rig.settle();
  rig.clock.advance(600);
  await release(rig);
  await rig.settle();
  assert.equal(await rig.node(1), undefined);
  assert.equal(await gone(rig), true);
});

test("a workload cluster that is gone holds the pool no longer than nodeDeletionTimeoutSeconds", async (t) => {
  const rig = await deleting(t, 10);
  await rig.settle();
  await release(rig);
  await rig.servers.workload.close();
  assert.equal((await rig.settle()).at(-1), "waited NodesRemain");
  rig.clock.advance(11);
  assert.equal((await rig.settle()).at(-1), "let-go Deleted");
});

test("a pool whose Cluster is missing can still be deleted", async (t) => {
  const rig = await deleting(t);
  await rig.management.delete(clusters, { namespace: "team-a", name: CLUSTER });
  await release(rig);
  await rig.settle();
  assert.equal(await gone(rig), true);
});

test("a paused pool is not deleted, and one that was moved is not touched", async (t) => {
  const rig = await deleting(t);
  await rig.change(machinePools, POOL, { metadata: { annotations: { "cluster.x-k8s.io/paused": "" } } });
  assert.equal((await rig.step()).because, "Paused");
  const moved = { "cluster.x-k8s.io/paused": null, "clusterctl.cluster.x-k8s.io/delete-for-move": "" };
  await rig.change(machinePools, POOL, { metadata: { annotations: moved } });
  assert.equal((await rig.step()).because, "Moved");
  const infrastructure = await rig.read<KubernetesObject>(awsMachinePools);
  assert.equal(infrastructure?.metadata.deletionTimestamp, undefined);
});

test("an infrastructure machine whose Machine was never made, or is gone already, goes with its pool", async (t) => {
  const rig = await settled(t);
  for (const number of [1, 2]) {
    await rig.change(machines, `${POOL}-i-${number}`, { metadata: { finalizers: null } });
    await rig.management.delete(machines, { namespace: "team-a", name: `${POOL}-i-${number}` });
  }
  await rig.management.delete(machinePools, AT);
  await rig.settle();
  assert.equal(await gone(rig), true);
  assert.deepEqual([await infraOf(rig, 1), await infraOf(rig, 2)], [undefined, undefined]);
});
