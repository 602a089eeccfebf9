/** Permissive stand-ins for the upstream kinds that the stories do without: identities, EKS, and the bootstrap configs of EKS. */

const INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io";
const BOOTSTRAP = "bootstrap.cluster.x-k8s.io";

const toCrd = (group: string, kind: string, plural: string, scope: "Cluster" | "Namespaced") => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: `${plural}.${group}`,
    labels: { "cluster.x-k8s.io/v1beta1": "v1beta2", "cluster.x-k8s.io/v1beta2": "v1beta2" },
  },
  spec: {
    group,
    scope,
    names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: "v1beta2",
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});

export const EXTRA_CRDS = [
  toCrd(INFRASTRUCTURE, "AWSClusterControllerIdentity", "awsclustercontrolleridentities", "Cluster"),
  toCrd(INFRASTRUCTURE, "AWSClusterRoleIdentity", "awsclusterroleidentities", "Cluster"),
  toCrd(INFRASTRUCTURE, "AWSClusterStaticIdentity", "awsclusterstaticidentities", "Cluster"),
  toCrd("controlplane.cluster.x-k8s.io", "AWSManagedControlPlane", "awsmanagedcontrolplanes", "Namespaced"),
  toCrd(BOOTSTRAP, "EKSConfig", "eksconfigs", "Namespaced"),
  toCrd(BOOTSTRAP, "NodeadmConfig", "nodeadmconfigs", "Namespaced"),
];
