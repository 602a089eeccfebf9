/** Objects of a management cluster for pool tests: quiet ones, of which each test changes one thing. */
import type { AzureCluster, AzureClusterSpec } from "../../../../lib/api/azure/azure-cluster.ts";
import type { AzureMachinePool, AzureMachinePoolSpec } from "../../../../lib/api/azure/azure-machine-pool.ts";
import type { AzureMachinePoolTemplate } from "../../../../lib/api/azure/azure-machine-template.ts";
import type { Cluster } from "../../../../lib/api/core/cluster.ts";
import type { MachinePool } from "../../../../lib/api/core/machine-pool.ts";
import type { BootstrapData, PoolRequest } from "../../../../lib/providers/pool-provider.ts";

export const POOL = "workers-a";
export const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
export const RESOURCE_GROUP = "edge-pools";
export const KEY_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZWRieW5vYm9keWF0YWxsanVzdGFyb3d0ZXN0 someone";

export const bootstrapOf = (text: string, more: Partial<BootstrapData> = {}): BootstrapData => ({
  secretName: "workers-a-bootstrap",
  format: "cloud-config",
  value: new TextEncoder().encode(text),
  ...more,
});
export const joinData = (token = "abcdef.0123456789abcdef") => bootstrapOf(`#cloud-config\ntoken: ${token}\n`);

export const anAzureCluster = (spec: Partial<AzureClusterSpec> = {}): AzureCluster => ({
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
  kind: "AzureCluster",
  metadata: { name: "blue", namespace: "team" },
  spec: {
    subscriptionID: SUBSCRIPTION,
    resourceGroup: RESOURCE_GROUP,
    location: "westeurope",
    networkSpec: {
      vnet: { name: "blue-vnet", cidrBlocks: ["10.0.0.0/16"] },
      subnets: [
        { name: "blue-nodes", role: "node" },
        { name: "blue-masters", role: "control-plane" },
      ],
      nodeOutboundLB: { name: "blue" },
    },
    ...spec,
  },
});

export interface Overrides {
  readonly name?: string;
  readonly spec?: Partial<AzureMachinePoolSpec>;
  readonly template?: Partial<AzureMachinePoolTemplate>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly status?: AzureMachinePool["status"];
  readonly deleting?: boolean;
  readonly replicas?: number;
  readonly version?: string;
  readonly failureDomains?: readonly string[];
  readonly managedBy?: string;
  readonly bootstrap?: BootstrapData | "none";
  readonly cluster?: Cluster["spec"];
}

export function aPool(overrides: Overrides = {}): AzureMachinePool {
  const { name = POOL, spec, template, annotations, namespace = "team", status, deleting } = overrides;
  return {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
    kind: "AzureMachinePool",
    metadata: {
      name,
      namespace,
      uid: "0fa9c1b4-71d2-4e0b-8b10-5a7e33d2c9f4",
      generation: 1,
      ...(annotations && { annotations }),
      ...(deleting && { deletionTimestamp: "2026-11-20T09:00:00Z" }),
    },
    spec: {
      location: "westeurope",
      orchestrationMode: "Uniform",
      ...spec,
      template: {
        vmSize: "Standard_D4s_v5",
        osDisk: { osType: "Linux", diskSizeGB: 64, managedDisk: { storageAccountType: "Premium_LRS" } },
        sshPublicKey: Buffer.from(KEY_LINE).toString("base64"),
        ...spec?.template,
        ...template,
      },
    },
    ...(status && { status }),
  };
}

export function aMachinePool(overrides: Overrides = {}): MachinePool {
  const { name = POOL, replicas = 3, version = "v1.34.0", failureDomains, managedBy, namespace = "team" } = overrides;
  return {
    metadata: {
      name,
      namespace,
      ...(managedBy && { annotations: { "cluster.x-k8s.io/replicas-managed-by": managedBy } }),
    },
    spec: {
      clusterName: "blue",
      replicas,
      ...(failureDomains && { failureDomains }),
      template: {
        spec: {
          version,
          infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AzureMachinePool", name },
        },
      },
    },
  };
}

export function aCluster({ cluster, namespace = "team" }: Overrides = {}): Cluster {
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AzureCluster", name: "blue" };
  return { metadata: { name: "blue", namespace }, spec: { infrastructureRef, ...cluster } };
}

type Asked = Omit<PoolRequest, "read" | "now" | "pool"> & { readonly pool: AzureMachinePool };

export function aPoolRequest(overrides: Overrides = {}): Asked {
  const { bootstrap = joinData() } = overrides;
  return {
    pool: aPool(overrides),
    machinePool: aMachinePool(overrides),
    cluster: aCluster(overrides),
    ...(bootstrap !== "none" && { bootstrap }),
  };
}
