/** The clouds whose pools live on any API server: what their infrastructure pool says of a group of so many instances. */
import { awsMachines } from "../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { azureMachinePools } from "../../lib/api/azure/azure-machine-pool.ts";
import { azureMachinePoolMachines } from "../../lib/api/azure/azure-machine-pool-machine.ts";
import type { Resource } from "../../lib/api/kubernetes/meta.ts";
import { awsPoolKind } from "../../lib/providers/aws/pool-kind.ts";
import { azurePoolKind } from "../../lib/providers/azure/pool-kind.ts";
import type { PoolKind } from "../../lib/providers/provider.ts";

export interface Life {
  readonly cloud: string;
  readonly pools: PoolKind;
  readonly pool: Resource;
  readonly machine: Resource;
  /** Of core's contract -> the version that fulfils it. */
  readonly contracts: Readonly<Record<string, string>>;
  /** Without instances. */
  readonly spec: object;
  /** Providers' ids of these instances. */
  readonly idsOf: (numbers: readonly number[]) => readonly string[];
  readonly statusOf: (numbers: readonly number[]) => object;
}

const awsIds = (numbers: readonly number[]) => numbers.map((number) => `aws:///eu-west-1a/i-0${process.pid}${number}`);
const AWS: Life = {
  cloud: "AWS",
  pools: awsPoolKind,
  pool: awsMachinePools,
  machine: awsMachines,
  contracts: { "cluster.x-k8s.io/v1beta1": "v1beta1", "cluster.x-k8s.io/v1beta2": "v1beta2" },
  spec: { awsLaunchTemplate: { instanceType: "m5.large" }, minSize: 0, maxSize: 3 },
  idsOf: awsIds,
  statusOf: ({ length }) => ({ ready: true, replicas: length, infrastructureMachineKind: awsMachines.kind }),
};

const SET = `/subscriptions/s/resourceGroups/edge/providers/Microsoft.Compute/virtualMachineScaleSets/set-${process.pid}`;
const azureIds = (numbers: readonly number[]) => numbers.map((number) => `azure://${SET}/virtualMachines/${number}`);
const AZURE: Life = {
  cloud: "Azure",
  pools: azurePoolKind,
  pool: azureMachinePools,
  machine: azureMachinePoolMachines,
  contracts: { "cluster.x-k8s.io/v1beta1": "v1beta1" },
  spec: {
    location: "westeurope",
    providerID: `azure://${SET}`,
    template: { vmSize: "Standard_D4s_v5", osDisk: { osType: "Linux" } },
  },
  idsOf: azureIds,
  statusOf: (numbers) => ({
    ready: true,
    replicas: numbers.length,
    lastReconciledReplicas: numbers.length,
    provisioningState: "Succeeded",
    infrastructureMachineKind: azureMachinePoolMachines.kind,
    instances: numbers.map((number) => ({
      providerID: azureIds([number])[0],
      instanceID: String(number),
      instanceName: `set_${number}`,
      provisioningState: "Succeeded",
      version: "v1.33.1",
      latestModelApplied: true,
    })),
    longRunningOperationStates: [
      { type: "PUT", resourceGroup: "edge", serviceName: "scalesets", name: "set", data: "e30" },
    ],
    image: { computeGallery: { gallery: "g", name: "n", version: "1.33.1" } },
  }),
};

export const LIVES: readonly Life[] = [AWS, AZURE];
