/** cluster.x-k8s.io/v1beta2 Machine, as far as a drain reads it (cluster-api api/core/v1beta2/machine_types.go). */
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { MachineDeletion } from "./machine-pool.ts";

export const machines: Resource = { apiVersion: "cluster.x-k8s.io/v1beta2", plural: "machines", kind: "Machine" };

export interface Machine extends KubernetesObject {
  readonly spec: {
    readonly clusterName: string;
    readonly providerID?: string;
    readonly deletion?: MachineDeletion;
  };
  readonly status?: { readonly nodeRef?: { readonly name: string } };
}
