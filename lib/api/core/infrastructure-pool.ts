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

/** The Node of an instance, as far as an infrastructure machine tells of it. */
export interface InstanceNode {
  readonly name: string;
  readonly uid: string;
  readonly ready: boolean;
  /** The kubelet's. */
  readonly version?: string;
}

export interface InfrastructureMachineStatus {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly conditions: readonly Omit<V1Beta1Condition, "lastTransitionTime">[];
}

/** The provider's part of an infrastructure machine; owners and the common labels are the reconciler's. */
export interface InfrastructureMachineWish {
  /** Upstream's name; absent: the reconciler's own. */
  readonly name?: string;
  /**
   * Upstream's own: deleted by a person it stays until its instance is drained and gone, like its Machine. Absent: nothing
   * keeps it, and it is made anew.
   */
  readonly finalizer?: string;
  /** Beside the common ones. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What its Node adds to the status: undefined where there is none (any more). Pure. */
  readonly withNode?: (
    node: InstanceNode | undefined,
    before: Readonly<Record<string, unknown>> | undefined,
  ) => InfrastructureMachineStatus;
  readonly spec: Readonly<Record<string, unknown>> & { readonly providerID: string };
  readonly status: Readonly<Record<string, unknown>>;
  /** The cloud may take the instance at any time. */
  readonly interruptible: boolean;
}
