/** cluster.x-k8s.io/v1beta2 Cluster, as far as a drain reads it, and where its kubeconfig is. */
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";

export const clusters: Resource = { apiVersion: "cluster.x-k8s.io/v1beta2", plural: "clusters", kind: "Cluster" };

export interface Cluster extends KubernetesObject {
  readonly spec?: { readonly paused?: boolean };
}

/** Key of the kubeconfig inside the Secret `<cluster>-kubeconfig` (cluster-api util/secret). */
export const KUBECONFIG_SECRET_KEY = "value";
export const kubeconfigSecretName = (clusterName: string): string => `${clusterName}-kubeconfig`;
