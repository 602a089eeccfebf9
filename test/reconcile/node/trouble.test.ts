/** What goes wrong is said where people look, keeps nothing else from being done, and passes when it is mended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { kubeconfigSecretName } from "../../../lib/api/core/cluster.ts";
import { machines } from "../../../lib/api/core/machine.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import { connectClusters } from "../../../lib/kubernetes/clusters.ts";
import { KubernetesError } from "../../../lib/kubernetes/errors.ts";
import { nodeStep } from "../../../lib/reconcile/node-step.ts";
import { CLUSTER, POOL } from "../../support/builders.ts";
import { idsTo, infrastructureOf, livingPool } from "./support/objects.ts";
import { conditionOf, POOL_KEY, startNodeRig } from "./support/rig.ts";

test("a workload cluster that does not answer leaves the counters, hands over all the same, and is said", async (t) => {
  const rig = await startNodeRig(t);
  await rig.settle();
  await rig.servers.workload.close();
  await rig.change(awsMachinePools, POOL, { spec: { providerIDList: idsTo(2) } }, { replicas: 2 });
  await rig.settle();
  const { spec, status = {} } = await rig.pool();
  assert.deepEqual(spec.providerIDList, idsTo(2));
  assert.deepEqual([status.replicas, status.readyReplicas, status.nodeRefs?.length], [2, 1, 1]);
  assert.equal(conditionOf(status, "MachinesReady"), "Unknown ConnectionDown");
  assert.equal(conditionOf(status, "Available"), "Unknown AvailableUnknown");
  await rig.step();
  assert.deepEqual(await rig.eventReasons(), ["FailedSetNodeRef", "SuccessfulSetNodeRefs"]);
});

test("a Node that cannot be written to keeps the pass from nothing else, and is said in its outcome", async (t) => {
  const rig = await startNodeRig(t, { pool: livingPool() });
  await rig.step();
  await rig.step();
  const { clusters: both } = rig.world;
  const world = {
    ...rig.world,
    clusters: {
      ...both,
      workload: async (cluster: { namespace: string; name: string }) => {
        const client = await both.workload(cluster);
        return {
          ...client,
          patch: () => Promise.reject(new KubernetesError("forbidden", "nodes: forbidden", { code: 403 })),
        };
      },
    },
  };
  const outcome = await nodeStep(world, { kind: "MachinePool", namespace: "team-a", name: POOL });
  assert.deepEqual([outcome.did, outcome.because, outcome.againSeconds], ["failed", "Forbidden", 60]);
  assert.equal((await rig.status()).readyReplicas, 1);
});

test("a cluster without a kubeconfig Secret is said with what to do, and the hand-over goes on", async (t) => {
  const rig = await startNodeRig(t);
  await rig.management.delete(secrets, { namespace: "team-a", name: kubeconfigSecretName(CLUSTER) });
  const kubeconfig = rig.servers.management.kubeconfig("cold", ["system:masters"]);
  const world = { ...rig.world, clusters: connectClusters({ management: async () => kubeconfig }).during(undefined) };
  await nodeStep(world, POOL_KEY);
  await nodeStep(world, POOL_KEY);
  const { againSeconds } = await nodeStep(world, POOL_KEY);
  assert.equal(againSeconds, 60);
  const { spec, status = {} } = await rig.pool();
  assert.deepEqual(spec.providerIDList, idsTo(1));
  assert.equal(conditionOf(status, "MachinesReady"), "Unknown InspectionFailed");
  const { message } = status.conditions?.find(({ type }) => type === "MachinesReady") ?? {};
  assert.match(message ?? "", /prod-kubeconfig in the management cluster, but there is no such Secret/);
});

test("Nodes that cannot be written to keep no Machine from being made", async (t) => {
  const infrastructure = infrastructureOf({ status: { infrastructureMachineKind: "AWSMachine" } });
  const rig = await startNodeRig(t, { infrastructure });
  const refusal = new KubernetesError("forbidden", "nodes: forbidden", { code: 403 });
  const workload = async (cluster: { namespace: string; name: string }) => ({
    ...(await rig.world.clusters.workload(cluster)),
    patch: () => Promise.reject(refusal),
  });
  const world = { ...rig.world, clusters: { ...rig.world.clusters, workload } };
  for (let pass = 0; pass < 6; pass++) await nodeStep(world, POOL_KEY);
  assert.ok(await rig.read(machines, `${POOL}-i-1`));
  assert.deepEqual(await nodeStep(world, POOL_KEY), {
    did: "failed",
    because: "Forbidden",
    message: "nodes: forbidden",
    object: POOL_KEY,
    againSeconds: 60,
  });
  assert.ok((await rig.eventReasons()).includes("FailedNodesLabelled"));
});

test("a Machine that the API refuses is said in an Event, once", async (t) => {
  const infrastructure = infrastructureOf({ status: { infrastructureMachineKind: "AWSMachine" } });
  const rig = await startNodeRig(t, { infrastructure });
  const { management } = rig.world.clusters;
  const refusal = new KubernetesError("invalid", "machines: spec.version is not allowed", { code: 422 });
  const create: KubernetesClient["create"] = (resource, body) =>
    resource.kind === machines.kind ? Promise.reject(refusal) : management.create(resource, body);
  const world = { ...rig.world, clusters: { ...rig.world.clusters, management: { ...management, create } } };
  let refused = 0;
  for (let pass = 0; pass < 8; pass++)
    await nodeStep(world, POOL_KEY).catch((error: unknown) => {
      assert.equal(error, refusal);
      refused++;
    });
  assert.ok(refused > 1);
  const told = (await rig.eventReasons()).filter((reason) => reason === "FailedMachinesWritten");
  assert.equal(told.length, 1);
  assert.equal((await rig.pool()).status?.phase, "Running");
});
