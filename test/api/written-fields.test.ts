/** What node-step writes survives upstream's own CRDs: nothing is refused, nothing is pruned, so that nothing is written twice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AwsMachine, awsMachines } from "../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { azureMachinePools } from "../../lib/api/azure/azure-machine-pool.ts";
import {
  type AzureMachinePoolMachine,
  azureMachinePoolMachines,
} from "../../lib/api/azure/azure-machine-pool-machine.ts";
import { type Machine, machines } from "../../lib/api/core/machine.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../lib/api/kubernetes/meta.ts";
import { awsPoolKind } from "../../lib/providers/aws/pool-kind.ts";
import { azurePoolKind } from "../../lib/providers/azure/pool-kind.ts";
import { nodeStep } from "../../lib/reconcile/node-step.ts";
import { nodeOf, poolOf } from "../reconcile/node/support/objects.ts";
import { POOL_KEY, startNodeRig } from "../reconcile/node/support/rig.ts";
import { POOL } from "../support/builders.ts";
import { misfits, SKIP, schemaOf, upstreamCrdsOf } from "./upstream-crds.ts";

/** clusterctl adds the labels that kustomize gives the installed CRDs: who fulfils which contract. */
const contractsOf = (name: string) => ({
  "cluster.x-k8s.io/v1beta1": "v1beta1",
  ...(!name.startsWith("azure") && { "cluster.x-k8s.io/v1beta2": "v1beta2" }),
});
const KINDS = ["clusters", "machinepools", "machines", "kubeadmconfigs", "awsmachinepools", "awsmachines"];
const installed = () =>
  upstreamCrdsOf(...KINDS, "azuremachinepools", "azuremachinepoolmachines").map((crd) => ({
    ...crd,
    metadata: { ...crd.metadata, labels: contractsOf(crd.metadata.name) },
  }));

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

const AZURE_ID =
  "azure:///subscriptions/s/resourceGroups/edge/providers/Microsoft.Compute/virtualMachineScaleSets/pool/virtualMachines/4";
const azureInfrastructure = {
  apiVersion: azureMachinePools.apiVersion,
  kind: azureMachinePools.kind,
  metadata: { name: POOL, namespace: "team-a", labels: { "cluster.x-k8s.io/cluster-name": "prod" } },
  spec: {
    location: "westeurope",
    template: { vmSize: "Standard_D2s_v5", osDisk: { osType: "Linux" } },
    providerIDList: [AZURE_ID],
  },
  status: {
    ready: true,
    replicas: 1,
    infrastructureMachineKind: "AzureMachinePoolMachine",
    instances: [{ providerID: AZURE_ID, provisioningState: "Succeeded", latestModelApplied: true }],
  },
};

test("an Azure pool settles on upstream's own CRDs; a Node that vanishes leaves its machine not ready in one pass", {
  skip: SKIP,
}, async (t) => {
  const rig = await startNodeRig(t, {
    crds: installed(),
    infrastructure: azureInfrastructure,
    pool: poolOf({
      template: {
        version: "v1.33.1",
        infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: azureMachinePools.kind, name: POOL },
      },
    }),
    nodes: [nodeOf(1, { providerID: AZURE_ID, version: "v1.33.1", readySince: "2026-03-01T11:00:00Z" })],
  });
  const world = { ...rig.world, provider: { ...rig.world.provider, pools: azurePoolKind } };
  const step = () => nodeStep(world, POOL_KEY);
  const settle = async () => {
    for (let again: number | undefined = 0; again === 0 || again === 1; ) again = (await step()).againSeconds;
  };
  await settle();
  rig.forgetCalls();
  await step();
  assert.deepEqual(rig.writes(), []);
  const read = () => rig.read<AzureMachinePoolMachine>(azureMachinePoolMachines, `${POOL}-4`);
  const machine = await read();
  assert.equal(machine?.status?.ready, true);
  assert.equal(machine?.status?.version, "v1.33.1");
  const { spec, status = {} } = machine ?? {};
  assert.deepEqual(misfits(schemaOf("azuremachinepoolmachines", "v1beta1"), { spec, status }), []);
  const nodes = { apiVersion: "v1", plural: "nodes", kind: "Node" };
  await rig.workload.delete(nodes, { name: "node-1" });
  await step();
  const after = await read();
  assert.equal(after?.status?.ready, false);
  const healthy = after?.status?.conditions?.find(({ type }) => type === "NodeHealthy");
  assert.deepEqual([healthy?.status, healthy?.severity, healthy?.reason], ["False", "Error", "NodeNotFound"]);
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
