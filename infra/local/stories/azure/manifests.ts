/** What a user of pools on Azure applies: Cluster, network, bootstrap config, MachinePool and AzureMachinePool. */
import { azureClusters } from "../../../../lib/api/azure/azure-cluster.ts";
import { type AzureMachinePoolSpec, azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { clusters } from "../../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, WATCH_FILTER_LABEL } from "../../../../lib/api/core/labels.ts";
import type { AzureCloud } from "../../azure/cloud.ts";
import { of, type PoolNames, refTo, WATCH_FILTER } from "../full/manifests.ts";

export const NAMES: PoolNames = {
  namespace: "team-b",
  cluster: "edge",
  pool: "edge-workers",
  infrastructure: azureMachinePools,
};
export const RESOURCE_GROUP = "edge-pools";

/** Somebody else made the network already. */
export const clusterObjects = ({
  subscriptionId,
  location,
}: Pick<AzureCloud, "subscriptionId" | "location">): object[] => [
  {
    ...of(clusters),
    metadata: { name: NAMES.cluster, namespace: NAMES.namespace },
    spec: { infrastructureRef: refTo(azureClusters, NAMES.cluster) },
    status: { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } },
  },
  {
    ...of(azureClusters),
    metadata: { name: NAMES.cluster, namespace: NAMES.namespace, labels: { [CLUSTER_NAME_LABEL]: NAMES.cluster } },
    spec: {
      subscriptionID: subscriptionId,
      resourceGroup: RESOURCE_GROUP,
      location,
      networkSpec: {
        vnet: { name: "edge-vnet", cidrBlocks: ["10.0.0.0/16"] },
        subnets: [{ name: "edge-nodes", role: "node" }],
        nodeOutboundLB: { name: "edge" },
      },
    },
    status: { ready: true },
  },
];

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZWRieW5vYm9keWF0YWxsanVzdGFyb3d0ZXN0 someone";

export type PoolSpec = Partial<Omit<AzureMachinePoolSpec, "template">> & {
  readonly template?: Partial<AzureMachinePoolSpec["template"]>;
};

export const azureMachinePool = ({ template, ...spec }: PoolSpec, location: string): object => ({
  ...of(azureMachinePools),
  metadata: { name: NAMES.pool, namespace: NAMES.namespace, labels: { [WATCH_FILTER_LABEL]: WATCH_FILTER } },
  spec: {
    location,
    ...spec,
    template: {
      vmSize: "Standard_D4s_v5",
      osDisk: { osType: "Linux", diskSizeGB: 64, managedDisk: { storageAccountType: "Premium_LRS" } },
      sshPublicKey: Buffer.from(KEY).toString("base64"),
      ...template,
    },
  },
});
