/** One pool as upstream leaves it, its scale set in Azure with a terminate notification, and the Nodes of its machines. */
import { ComputeManagementClient } from "@azure/arm-compute";
import type { GridEvent } from "../../../../infra/local/azure/event-grid.ts";
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { secrets } from "../../../../lib/api/kubernetes/secret.ts";
import { createAny } from "../../clusters.ts";
import { createUpstreamPool } from "../../upstream-pool.ts";
import { type Mode, type SetWish, scaleSetWish } from "../rig.ts";
import type { Harness } from "./harness.ts";

export const NAMESPACE = "team-a";
export const POOL = "workers-a";
export const CLUSTER = "blue";
const RESOURCE_GROUP = "blue";

export interface Stage {
  readonly machines: readonly Instance[];
  /** Somebody deletes machines by name, in one operation; answers the events that Event Grid then says. */
  deleteByHand(...machines: readonly Instance[]): Promise<readonly GridEvent[]>;
  nodeOf(machine: Instance): Promise<Node>;
}

export interface StageWish extends SetWish {
  readonly mode?: Mode;
}

/** @returns the machines, running, each with its Node */
export async function setStage(harness: Harness, count: number, wish: StageWish = {}): Promise<Stage> {
  const { azure, clock, management, workload } = harness;
  const { cloud, endpoint } = azure;
  const compute = new ComputeManagementClient(
    azure.credential("66666666-7777-4888-9999-aaaaaaaaaaaa"),
    cloud.subscriptionId,
    {
      endpoint,
      retryOptions: { maxRetries: 0 },
    },
  );
  const set = scaleSetWish(POOL, { cluster: CLUSTER, ...wish }, count);
  await compute.virtualMachineScaleSets.createOrUpdate(RESOURCE_GROUP, POOL, set).submitted();
  clock.advance(60);
  const machines = cloud.instances();
  await createAny(management.client, "namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAMESPACE },
  });
  await management.client.create(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `${CLUSTER}-kubeconfig`, namespace: NAMESPACE },
    data: { value: Buffer.from(workload.api.kubeconfig("lifeguard")).toString("base64") },
  });
  const nodeRefs: object[] = [];
  for (const machine of machines) nodeRefs.push(await createNode(harness, machine));
  await createPool(harness, machines, nodeRefs);
  return {
    machines,
    deleteByHand: async (...leaving) => {
      const heard: GridEvent[] = [];
      const end = cloud.onEvent((event) => void heard.push(event));
      const instanceIds = leaving.map(({ instanceId }) => instanceId);
      await compute.virtualMachineScaleSets.deleteInstances(RESOURCE_GROUP, POOL, { instanceIds }).submitted();
      end();
      return heard.filter(({ eventType }) => eventType.endsWith("ScheduledEventEmitted"));
    },
    nodeOf: ({ computerName }) => workload.client.get<Node>(nodes, { name: computerName }),
  };
}

async function createNode({ workload, azure }: Harness, machine: Instance) {
  const { metadata } = await workload.client.create<Node>(nodes, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: machine.computerName },
    spec: { providerID: azure.cloud.providerIdOf(machine) },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
  return { apiVersion: "v1", kind: "Node", name: metadata.name, uid: metadata.uid };
}

async function createPool(
  { management, azure }: Harness,
  machines: readonly Instance[],
  nodeRefs: readonly object[],
): Promise<void> {
  const { subscriptionId } = azure.cloud;
  const providerID = `azure:///subscriptions/${subscriptionId}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/${POOL}`;
  await createUpstreamPool(management.client, {
    namespace: NAMESPACE,
    name: POOL,
    clusterName: CLUSTER,
    infrastructure: azureMachinePools,
    providerIDList: machines.map((machine) => azure.cloud.providerIdOf(machine)),
    nodeRefs,
    spec: { location: "westeurope", template: {}, providerID },
  });
}
