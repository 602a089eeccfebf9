/** infrastructure.cluster.x-k8s.io/v1beta1 AzureMachinePoolMachine (CAPZ exp/api/v1beta1/azuremachinepoolmachine_types.go). */
import type { V1Beta1Condition } from "../core/v1beta1-condition.ts";
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { LongRunningOperationState } from "./azure-machine-pool.ts";

export const azureMachinePoolMachines: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
  plural: "azuremachinepoolmachines",
  kind: "AzureMachinePoolMachine",
};

export interface AzureMachinePoolMachineSpec {
  readonly providerID: string;
  /** Uniform: the number; Flexible: the virtual machine's name. */
  readonly instanceID?: string;
}

export interface AzureMachinePoolMachineStatus {
  readonly nodeRef?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
  };
  /** The kubelet's. */
  readonly version?: string;
  readonly provisioningState?: string;
  readonly instanceName?: string;
  readonly latestModelApplied?: boolean;
  /** The Node is there and Ready. */
  readonly ready?: boolean;
  readonly conditions?: readonly V1Beta1Condition[];
  readonly longRunningOperationStates?: readonly LongRunningOperationState[];
}

export interface AzureMachinePoolMachine extends KubernetesObject {
  readonly spec: AzureMachinePoolMachineSpec;
  readonly status?: AzureMachinePoolMachineStatus;
}
