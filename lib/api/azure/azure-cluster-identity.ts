/** infrastructure.cluster.x-k8s.io/v1beta1 AzureClusterIdentity: whose credentials a cluster is managed with (CAPZ api/v1beta1/azureclusteridentity_types.go). */
import type { AllowedNamespaces } from "../core/allowed-namespaces.ts";
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";

export const azureClusterIdentities: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
  plural: "azureclusteridentities",
  kind: "AzureClusterIdentity",
};

export type AzureIdentityType =
  | "ServicePrincipal"
  | "UserAssignedMSI"
  | "ManualServicePrincipal"
  | "ServicePrincipalCertificate"
  | "WorkloadIdentity"
  | "UserAssignedIdentityCredential";

export interface AzureClusterIdentity extends KubernetesObject {
  readonly spec: {
    readonly type: AzureIdentityType;
    readonly tenantID: string;
    readonly clientID: string;
    /** A Secret with the key clientSecret, or certificate. */
    readonly clientSecret?: { readonly name?: string; readonly namespace?: string };
    readonly certPath?: string;
    readonly allowedNamespaces?: AllowedNamespaces | null;
  };
}
