/** The identities whose credentials a cluster is managed with (CAPA api/v1beta2/awsidentity_types.go); all cluster-scoped. */
import type { AllowedNamespaces } from "../core/allowed-namespaces.ts";
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { IdentityReference } from "./aws-cluster.ts";

const identity = (kind: string, plural: string): Resource => ({
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
  plural,
  kind,
});

export const awsControllerIdentities = identity("AWSClusterControllerIdentity", "awsclustercontrolleridentities");
export const awsStaticIdentities = identity("AWSClusterStaticIdentity", "awsclusterstaticidentities");
export const awsRoleIdentities = identity("AWSClusterRoleIdentity", "awsclusterroleidentities");

export interface AwsIdentity extends KubernetesObject {
  readonly spec?: {
    readonly allowedNamespaces?: AllowedNamespaces | null;
    /** AWSClusterStaticIdentity: a Secret in the controller's namespace, keys AccessKeyID, SecretAccessKey, SessionToken. */
    readonly secretRef?: string;
    /** AWSClusterRoleIdentity from here on. */
    readonly roleARN?: string;
    readonly sessionName?: string;
    /** 900..43200. */
    readonly durationSeconds?: number;
    readonly inlinePolicy?: string;
    readonly policyARNs?: readonly string[];
    readonly externalID?: string;
    readonly sourceIdentityRef?: IdentityReference;
  };
}
