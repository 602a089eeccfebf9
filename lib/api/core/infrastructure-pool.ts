/** What every infrastructure pool and infrastructure machine has in common (cluster-api book, contracts v1beta1 and v1beta2). */
import type { KubernetesObject } from "../kubernetes/meta.ts";
import type { MachineAddress } from "./machine.ts";
import type { V1Beta1Condition } from "./v1beta1-condition.ts";

export interface InfrastructurePool extends KubernetesObject {
  readonly spec: { readonly providerIDList?: readonly string[] };
  readonly status?: {
    /** Contract v1beta1. */
    readonly ready?: boolean;
    /** Contract v1beta2. */
    readonly initialization?: { readonly provisioned?: boolean };
    /** Instances that exist. */
    readonly replicas?: number;
    /** Set: every instance has an infrastructure machine of this kind, in the pool's own group and version. */
    readonly infrastructureMachineKind?: string;
    readonly conditions?: readonly V1Beta1Condition[];
  };
}

export interface InfrastructureMachine extends KubernetesObject {
  readonly spec: Readonly<Record<string, unknown>> & { readonly providerID?: string };
  readonly status?: Readonly<Record<string, unknown>> & {
    readonly ready?: boolean;
    readonly interruptible?: boolean;
    readonly addresses?: readonly MachineAddress[];
  };
}

/** The provider's part of an infrastructure machine; name, labels and owners are the reconciler's. */
export interface InfrastructureMachineWish {
  readonly spec: Readonly<Record<string, unknown>> & { readonly providerID: string };
  readonly status: Readonly<Record<string, unknown>>;
  /** The cloud may take the instance at any time. */
  readonly interruptible: boolean;
}
