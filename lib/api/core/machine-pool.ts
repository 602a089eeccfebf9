/** cluster.x-k8s.io/v1beta2 MachinePool (cluster-api api/core/v1beta2/machinepool_types.go). */
import type { Condition, KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { V1Beta1Condition } from "./v1beta1-condition.ts";

export const machinePools: Resource = {
  apiVersion: "cluster.x-k8s.io/v1beta2",
  plural: "machinepools",
  kind: "MachinePool",
};

export const MACHINE_POOL_FINALIZER = "machinepool.cluster.x-k8s.io";

export interface MachineDeletion {
  /** 0 or absent: no limit. */
  readonly nodeDrainTimeoutSeconds?: number;
  /** 0 or absent: no limit. */
  readonly nodeVolumeDetachTimeoutSeconds?: number;
  /** 0 or absent: retried for ever; upstream's webhook fills in 10. */
  readonly nodeDeletionTimeoutSeconds?: number;
}

/** A reference of contract v1beta2: the version is found at the CRD, the namespace is the referrer's. */
export interface ContractReference {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

/** `dataSecretName` may be the empty string: managed pools need no bootstrap data. */
export interface Bootstrap {
  readonly configRef?: ContractReference;
  readonly dataSecretName?: string;
}

export interface ReadinessGate {
  readonly conditionType: string;
  readonly polarity?: "Positive" | "Negative";
}

export interface MachinePoolSpec {
  readonly clusterName: string;
  readonly replicas?: number;
  /** One per instance, as the infrastructure pool gives them; at most 10,000. */
  readonly providerIDList?: readonly string[];
  readonly failureDomains?: readonly string[];
  readonly template: {
    readonly metadata?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    readonly spec: {
      readonly clusterName?: string;
      readonly bootstrap?: Bootstrap;
      readonly infrastructureRef: ContractReference;
      /** With a leading "v". */
      readonly version?: string;
      readonly minReadySeconds?: number;
      readonly readinessGates?: readonly ReadinessGate[];
      readonly deletion?: MachineDeletion;
    };
  };
}

/** `Failed` and `Unknown` are never set, by upstream either. */
export type MachinePoolPhase =
  | "Pending"
  | "Provisioning"
  | "Provisioned"
  | "Running"
  | "ScalingUp"
  | "ScalingDown"
  | "Scaling"
  | "Deleting"
  | "Failed"
  | "Unknown";

/** One per Node found, in providerIDList order. */
export interface NodeReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
}

export interface VersionCount {
  readonly version: string;
  readonly replicas?: number;
}

/** Contract v1beta1, kept for its readers. 0 is written as absence would be read: as 0. */
export interface MachinePoolV1Beta1Status {
  readonly conditions?: readonly V1Beta1Condition[];
  /** Never written here: upstream core panics on infrastructure objects that carry it. */
  readonly failureReason?: string;
  readonly failureMessage?: string;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
}

export interface MachinePoolStatus {
  /** `Paused` is the one upstream really sets; it covers Cluster.spec.paused and the annotation. */
  readonly conditions?: readonly Condition[];
  readonly initialization?: {
    readonly infrastructureProvisioned?: boolean;
    readonly bootstrapDataSecretCreated?: boolean;
  };
  readonly nodeRefs?: readonly NodeReference[];
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly upToDateReplicas?: number;
  /** Absent when no version is known; never empty. */
  readonly versions?: readonly VersionCount[];
  readonly phase?: MachinePoolPhase;
  readonly observedGeneration?: number;
  readonly deprecated?: { readonly v1beta1?: MachinePoolV1Beta1Status };
}

export interface MachinePool extends KubernetesObject {
  readonly spec: MachinePoolSpec;
  readonly status?: MachinePoolStatus;
}
