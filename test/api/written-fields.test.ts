/** What node-step writes survives upstream's own CRDs: nothing is refused, nothing is pruned, so that nothing is written twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AwsMachine, awsMachines } from "../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { type Machine, machines } from "../../lib/api/core/machine.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../lib/api/kubernetes/meta.ts";
import { awsPoolKind } from "../../lib/providers/aws/pool-kind.ts";
import { nodeStep } from "../../lib/reconcile/node-step.ts";
import { nodeOf, poolOf } from "../reconcile/node/support/objects.ts";
import { POOL_KEY, startNodeRig } from "../reconcile/node/support/rig.ts";
import { POOL } from "../support/builders.ts";
import { misfits, SKIP, schemaOf, upstreamCrdsOf } from "./upstream-crds.ts";

const CONTRACTS = { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" };
/** clusterctl adds the labels that kustomize gives the installed CRDs. */
const installed = () =>
  upstreamCrdsOf("clusters", "machinepools", "machines", "kubeadmconfigs", "awsmachinepools", "awsmachines").map(
    (crd) => ({
      ...crd,
      metadata: { ...crd.metadata, labels: CONTRACTS },
    }),
  );

const ID = "aws:///eu-west-1a/i-0abc";
const launchTemplate = { instanceType: "m5.large", ami: { id: "ami-1" }, spotMarketOptions: {} };
const infrastructure = {
  apiVersion: awsMachinePools.apiVersion,
  kind: awsMachinePools.kind,
  metadata: { name: POOL, namespace: "team-a" },
  spec: { minSize: 0, maxSize: 3, awsLaunchTemplate: launchTemplate, providerIDList: [ID] },
  status: { ready: true, replicas: 1, infrastructureMachineKind: "AWSMachine" },
};

test("a pool with Machines settles on upstream's own CRDs, and a further pass writes nothing", {
  skip: SKIP,
}, async (t) => {
  const rig = await startNodeRig(t, {
    crds: installed(),
    infrastructure,
    pool: poolOf({ template: { version: "v1.33.1", minReadySeconds: 1, deletion: { nodeDrainTimeoutSeconds: 60 } } }),
    nodes: [nodeOf(1, { providerID: ID, version: "v1.33.1", readySince: "2026-03-01T11:00:00Z" })],
  });
  const world = { ...rig.world, provider: { ...rig.world.provider, pools: awsPoolKind } };
  const step = () => nodeStep(world, POOL_KEY);
  for (let again: number | undefined = 0; again === 0 || again === 1; ) again = (await step()).againSeconds;
  rig.forgetCalls();
  assert.equal((await step()).because, "Settled");
  assert.deepEqual(rig.writes(), []);
  const pool = await rig.pool();
  assert.equal(pool.status?.phase, "Running");
  const machine = await rig.read<Machine>(machines, `${POOL}-i-0abc`);
  const awsMachine = await rig.read<AwsMachine>(awsMachines, `${POOL}-i-0abc`);
  assert.deepEqual(
    [machine?.status?.phase, awsMachine?.spec.instanceType, awsMachine?.status?.interruptible],
    ["Running", "m5.large", true],
  );
  assert.equal(
    (await rig.workload.get<KubernetesObject>({ apiVersion: "v1", plural: "nodes", kind: "Node" }, { name: "node-1" }))
      .metadata.labels?.["cluster.x-k8s.io/interruptible"],
    "",
  );
  const parts = ({ spec, status }: { spec: object; status?: object }) => ({ spec, status });
  assert.deepEqual(misfits(schemaOf("machinepools", "v1beta2"), parts(pool)), []);
  assert.deepEqual(machine && misfits(schemaOf("machines", "v1beta2"), parts(machine)), []);
});

test("a pool in trouble says so in fields that upstream's CRD keeps", { skip: SKIP }, async (t) => {
  const rig = await startNodeRig(t, { crds: installed(), config: null, infrastructure: null, nodes: [] });
  await rig.settle();
  rig.forgetCalls();
  await rig.step();
  assert.deepEqual(rig.writes(), []);
  await rig.management.delete(machinePools, { namespace: "team-a", name: POOL });
  await rig.settle();
  assert.equal(await rig.read(machinePools), undefined);
});
