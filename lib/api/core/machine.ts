/** cluster.x-k8s.io/v1beta2 Machine, as far as pools read and write it (cluster-api api/core/v1beta2/machine_types.go). */

import type { Condition, KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { NodeSystemInfo } from "../kubernetes/node.ts";
import type { Bootstrap, ContractReference, MachineDeletion, ReadinessGate } from "./machine-pool.ts";

export const machines: Resource = { apiVersion: "cluster.x-k8s.io/v1beta2", plural: "machines", kind: "Machine" };

export const MACHINE_FINALIZER = "machine.cluster.x-k8s.io";

export interface MachineSpec {
  readonly clusterName: string;
  readonly bootstrap?: Bootstrap;
  readonly infrastructureRef?: ContractReference;
  readonly version?: string;
  readonly providerID?: string;
  readonly minReadySeconds?: number;
  readonly readinessGates?: readonly ReadinessGate[];
  readonly deletion?: MachineDeletion;
}

export interface MachineAddress {
  readonly type: "Hostname" | "ExternalIP" | "InternalIP" | "ExternalDNS" | "InternalDNS";
  readonly address: string;
}

export type MachinePhase =
  | "Pending"
  | "Provisioning"
  | "Provisioned"
  | "Running"
  | "Updating"
  | "Deleting"
  | "Deleted"
  | "Failed"
  | "Unknown";

export interface MachineStatus {
  readonly conditions?: readonly Condition[];
  readonly initialization?: {
    readonly infrastructureProvisioned?: boolean;
    readonly bootstrapDataSecretCreated?: boolean;
  };
  readonly nodeRef?: { readonly name: string };
  readonly nodeInfo?: NodeSystemInfo;
  readonly addresses?: readonly MachineAddress[];
  readonly phase?: MachinePhase;
  readonly observedGeneration?: number;
}

export interface Machine extends KubernetesObject {
  readonly spec: MachineSpec;
  readonly status?: MachineStatus;
}
