/** Permissive stand-ins for the upstream kinds that the stories do without: identities, managed control planes, and the bootstrap configs of EKS. */

const INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io";
const BOOTSTRAP = "bootstrap.cluster.x-k8s.io";

interface Kind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope?: "Cluster";
  readonly version?: string;
}

const toCrd = ({ group, kind, plural, scope, version = "v1beta2" }: Kind) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: {
    name: `${plural}.${group}`,
    labels: {
      "cluster.x-k8s.io/v1beta1": version,
      ...(version === "v1beta2" && { "cluster.x-k8s.io/v1beta2": version }),
    },
  },
  spec: {
    group,
    scope: scope ?? "Namespaced",
    names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});

const ofInfrastructure = (kind: string, plural: string, more: Pick<Kind, "scope" | "version"> = {}) =>
  toCrd({ group: INFRASTRUCTURE, kind, plural, ...more });

export const EXTRA_CRDS = [
  ofInfrastructure("AWSClusterControllerIdentity", "awsclustercontrolleridentities", { scope: "Cluster" }),
  ofInfrastructure("AWSClusterRoleIdentity", "awsclusterroleidentities", { scope: "Cluster" }),
  ofInfrastructure("AWSClusterStaticIdentity", "awsclusterstaticidentities", { scope: "Cluster" }),
  toCrd({ group: "controlplane.cluster.x-k8s.io", kind: "AWSManagedControlPlane", plural: "awsmanagedcontrolplanes" }),
  toCrd({ group: BOOTSTRAP, kind: "EKSConfig", plural: "eksconfigs" }),
  toCrd({ group: BOOTSTRAP, kind: "NodeadmConfig", plural: "nodeadmconfigs" }),
];

export const AZURE_CRDS = [
  ofInfrastructure("AzureClusterIdentity", "azureclusteridentities", { version: "v1beta1" }),
  ofInfrastructure("AzureManagedControlPlane", "azuremanagedcontrolplanes", { version: "v1beta1" }),
];
