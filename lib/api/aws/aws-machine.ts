/** infrastructure.cluster.x-k8s.io/v1beta2 AWSMachine, as far as one that stands for an instance of a pool (CAPA api/v1beta2/awsmachine_types.go). */
import type { MachineAddress } from "../core/machine.ts";
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";

export const awsMachines: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
  plural: "awsmachines",
  kind: "AWSMachine",
};

export interface AwsMachineSpec {
  readonly providerID: string;
  readonly instanceID?: string;
  readonly instanceType: string;
  readonly ami?: { readonly id?: string };
  readonly iamInstanceProfile?: string;
  readonly sshKeyName?: string;
  readonly spotMarketOptions?: { readonly maxPrice?: string };
}

export interface AwsMachineStatus {
  readonly ready?: boolean;
  readonly interruptible?: boolean;
  readonly addresses?: readonly MachineAddress[];
}

export interface AwsMachine extends KubernetesObject {
  readonly spec: AwsMachineSpec;
  readonly status?: AwsMachineStatus;
}
