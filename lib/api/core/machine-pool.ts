/** cluster.x-k8s.io/v1beta2 MachinePool, as far as a drain reads it (cluster-api api/core/v1beta2/machinepool_types.go). */
import type { Condition, KubernetesObject, Resource } from "../kubernetes/meta.ts";

export const machinePools: Resource = {
  apiVersion: "cluster.x-k8s.io/v1beta2",
  plural: "machinepools",
  kind: "MachinePool",
};

export interface MachineDeletion {
  /** 0 or absent: no limit. */
  readonly nodeDrainTimeoutSeconds?: number;
  /** 0 or absent: no limit. */
  readonly nodeVolumeDetachTimeoutSeconds?: number;
}

export interface MachinePool extends KubernetesObject {
  readonly spec: {
    readonly clusterName: string;
    readonly replicas?: number;
    readonly providerIDList?: readonly string[];
    readonly template: {
      readonly metadata?: {
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
      };
      readonly spec: {
        readonly infrastructureRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
        readonly deletion?: MachineDeletion;
      };
    };
  };
  readonly status?: {
    /** `Paused` is the one upstream really sets; it covers Cluster.spec.paused and the annotation. */
    readonly conditions?: readonly Condition[];
    /** One per Node found, in providerIDList order. */
    readonly nodeRefs?: readonly { readonly name?: string; readonly uid?: string }[];
  };
}
