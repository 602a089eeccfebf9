/** A pool on Azure between its three steps: passes over pool, Nodes and drains in turns, until nothing is left to do. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type AzureCluster, azureClusters } from "../../../../lib/api/azure/azure-cluster.ts";
import {
  type AzureMachinePool,
  azureMachinePools,
  BLOCK_MOVE_ANNOTATION,
} from "../../../../lib/api/azure/azure-machine-pool.ts";
import { clusters } from "../../../../lib/api/core/cluster.ts";
import { WATCH_FILTER_LABEL } from "../../../../lib/api/core/labels.ts";
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../../lib/api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../../../lib/api/kubernetes/secret.ts";
import { type InstanceTermination, instanceTerminations } from "../../../../lib/api/lifecycle/instance-termination.ts";
import { azureProvider } from "../../../../lib/providers/azure/index.ts";
import { machineApi } from "../../../../lib/providers/azure/machine-api.ts";
import { maintenanceApi } from "../../../../lib/providers/azure/maintenance-api.ts";
import { restClient } from "../../../../lib/providers/azure/rest.ts";
import { drainStep } from "../../../../lib/reconcile/drain-step.ts";
import { nodeStep } from "../../../../lib/reconcile/node-step.ts";
import { poolStep } from "../../../../lib/reconcile/pool-step.ts";
import type { PoolWorld } from "../../../../lib/reconcile/step.ts";
import { upstreamCrdsOf } from "../../../api/upstream-crds.ts";
import { FILTER, nodeOf, poolOf, theCluster } from "../../../reconcile/node/support/objects.ts";
import { type NodeRig, POOL_KEY, startNodeRig } from "../../../reconcile/node/support/rig.ts";
import { CLUSTER, NAMESPACE, POOL } from "../../../support/builders.ts";
import { anAzureCluster, aPool } from "./objects.ts";
import { CLIENT, startPoolRig } from "./rig.ts";

const KINDS = [
  "clusters",
  "machinepools",
  "machines",
  "machinedrainrules",
  "azureclusters",
  "azuremachinepools",
  "azuremachinepoolmachines",
];
const crds = () =>
  upstreamCrdsOf(...KINDS).map((crd) => {
    const isAzure = crd.metadata.name.startsWith("azure");
    const labels = {
      "cluster.x-k8s.io/v1beta1": "v1beta1",
      ...(!isAzure && { "cluster.x-k8s.io/v1beta2": "v1beta2" }),
    };
    return { ...crd, metadata: { ...crd.metadata, labels } };
  });
export const AT = { namespace: NAMESPACE, name: POOL };
export const KEY = { kind: azureMachinePools.kind, ...AT };
const TURN_SECONDS = 15;
const QUIET_TURNS = 4;

export type Rig = Awaited<ReturnType<typeof start>>;

export async function start(t: TestContext, replicas: number) {
  const cloud = await startPoolRig();
  t.after(cloud.close);
  const ref = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AzureMachinePool", name: POOL };
  const labels = { "cluster.x-k8s.io/cluster-name": CLUSTER, [WATCH_FILTER_LABEL]: FILTER };
  const rig = await startNodeRig(t, {
    crds: crds(),
    config: null,
    infrastructure: null,
    nodes: [],
    cluster: theCluster({
      infrastructureRef: { apiGroup: ref.apiGroup, kind: "AzureCluster", name: CLUSTER },
    } as never),
    pool: poolOf({
      replicas,
      template: { version: "v1.34.0", infrastructureRef: ref, bootstrap: { dataSecretName: "data" } },
    }),
  });
  await surround(rig, labels);
  const { compute, azure, clock } = cloud;
  const target = { endpoint: azure.endpoint, scope: "https://management.azure.com/.default" };
  const arm = restClient({ ...target, credential: azure.credential(CLIENT) });
  const settings = {
    subscriptionId: cloud.cloud.subscriptionId,
    policies: { freeze: "Ignore", reboot: "Ignore", redeploy: "Drain" } as const,
    now: () => clock.now(),
  };
  const world: PoolWorld = {
    ...rig.world,
    provider: azureProvider(
      { machines: machineApi(compute), maintenance: maintenanceApi(arm, settings.subscriptionId) },
      settings,
    ),
    poolProviders: [cloud.provider],
  };
  return { kubernetes: rig, cloud, world };
}

async function surround(rig: NodeRig, labels: Readonly<Record<string, string>>): Promise<void> {
  const status = { initialization: { infrastructureProvisioned: true } };
  const at = { namespace: NAMESPACE, name: CLUSTER };
  await rig.management.patch(clusters, at, { type: "merge", body: { status } }, "status");
  const data = { value: Buffer.from("#cloud-config").toString("base64") };
  const metadata = { name: "data", namespace: NAMESPACE };
  await rig.management.create<Secret>(secrets, { apiVersion: "v1", kind: "Secret", metadata, data });
  const azureCluster = anAzureCluster();
  await rig.management.create<AzureCluster>(azureClusters, {
    ...azureCluster,
    metadata: { name: CLUSTER, namespace: NAMESPACE },
    spec: { ...azureCluster.spec, networkSpec: { subnets: [{ name: "n", role: "node" }], vnet: { name: "v" } } },
  });
  const owner = await rig.pool();
  const ownerReferences = [
    { apiVersion: machinePools.apiVersion, kind: machinePools.kind, name: POOL, uid: owner.metadata.uid ?? "" },
  ];
  const { uid: _uid, generation: _generation, ...own } = aPool().metadata;
  // As upstream's controller leaves it.
  const annotations = { [BLOCK_MOVE_ANNOTATION]: "true" };
  const pool = { ...aPool(), metadata: { ...own, ...AT, labels, annotations, ownerReferences } };
  await rig.management.create<AzureMachinePool>(azureMachinePools, pool);
}

export const read = ({ kubernetes }: Rig) => kubernetes.management.get<AzureMachinePool>(azureMachinePools, AT);

export async function records({ kubernetes }: Rig): Promise<readonly InstanceTermination[]> {
  const all: InstanceTermination[] = [];
  for await (const page of kubernetes.management.list<InstanceTermination>(instanceTerminations)) all.push(...page);
  return all;
}

/** As kubelets would: a machine that runs has a Node. */
async function joinNodes({ kubernetes, cloud }: Rig): Promise<void> {
  for (const one of cloud.cloud.instances().filter(({ state }) => state === "Succeeded")) {
    const at = { name: one.computerName };
    const found = await kubernetes.workload.get<Node>(nodes, at).catch(() => undefined);
    if (found) continue;
    const readySince = cloud.clock.now().toISOString();
    const node = nodeOf(0, { providerID: cloud.cloud.providerIdOf(one), version: "v1.34.0", readySince });
    const made = await kubernetes.workload.create<Node>(nodes, { ...node, metadata: { ...node.metadata, ...at } });
    await kubernetes.workload.patch(
      nodes,
      at,
      {
        type: "merge",
        body: {
          status: (node as Node & { status?: object }).status,
          metadata: { resourceVersion: made.metadata.resourceVersion },
        },
      },
      "status",
    );
  }
}

/** As kubelets would: what was evicted ends within a turn. */
async function endPods({ kubernetes }: Rig): Promise<void> {
  for await (const page of kubernetes.workload.list<Pod>(pods)) {
    const ending = page.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    for (const { metadata } of ending) {
      const at = { namespace: metadata.namespace ?? "", name: metadata.name };
      await kubernetes.workload.delete(pods, at, { gracePeriodSeconds: 0 });
    }
  }
}

/** One look at everything that events would lead to. @returns what was done, waiting aside */
export async function turn(rig: Rig): Promise<readonly string[]> {
  const { world, cloud, kubernetes } = rig;
  const told: string[] = [];
  const say = (who: string, { did, because = "" }: { readonly did: string; readonly because?: string }) => {
    if (!["settled", "waited", "ignored"].includes(did)) told.push(`${who} ${did}: ${because}`);
  };
  say("pool", await poolStep(world, KEY));
  say("nodes", await nodeStep(world, POOL_KEY));
  for (const { metadata, status } of await records(rig)) {
    if (status?.finishTime !== undefined) continue;
    const key = { kind: "InstanceTermination", namespace: NAMESPACE, name: metadata.name };
    say("drain", await drainStep(world, key));
  }
  for (const clock of [cloud.clock, kubernetes.clock]) clock.advance(TURN_SECONDS);
  await joinNodes(rig);
  await endPods(rig);
  return told;
}

export async function untilQuiet(rig: Rig): Promise<readonly string[]> {
  const told: string[] = [];
  for (let quiet = 0, turns = 0; quiet < QUIET_TURNS; turns++) {
    assert.ok(turns < 150, `it comes to rest: ${told.slice(-20).join(", ")}`);
    const done = await turn(rig);
    told.push(...done);
    quiet = done.length > 0 ? 0 : quiet + 1;
  }
  return told;
}

export const change = ({ kubernetes }: Rig, body: object) =>
  kubernetes.management.patch(machinePools, AT, { type: "merge", body });
