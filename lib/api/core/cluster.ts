/** cluster.x-k8s.io/v1beta2 Cluster, as far as pools read it, and where its kubeconfig is (cluster-api api/core/v1beta2/cluster_types.go). */
import type { Condition, KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { ContractReference } from "./machine-pool.ts";

export const clusters: Resource = { apiVersion: "cluster.x-k8s.io/v1beta2", plural: "clusters", kind: "Cluster" };

export interface Cluster extends KubernetesObject {
  readonly spec?: {
    readonly paused?: boolean;
    readonly controlPlaneEndpoint?: { readonly host?: string; readonly port?: number };
    readonly infrastructureRef?: ContractReference;
    readonly controlPlaneRef?: ContractReference;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly initialization?: {
      readonly infrastructureProvisioned?: boolean;
      readonly controlPlaneInitialized?: boolean;
    };
  };
}

/** Key of the kubeconfig inside the Secret `<cluster>-kubeconfig` (cluster-api util/secret). */
export const KUBECONFIG_SECRET_KEY = "value";
export const kubeconfigSecretName = (clusterName: string): string => `${clusterName}-kubeconfig`;
