/** What pools read of AzureCluster and AzureManagedControlPlane (CAPZ api/v1beta1/azurecluster_types.go, azuremanagedcontrolplane_types.go). */
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";

const resource = (kind: string, plural: string): Resource => ({
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
  plural,
  kind,
});

export const azureClusters = resource("AzureCluster", "azureclusters");
export const azureManagedControlPlanes = resource("AzureManagedControlPlane", "azuremanagedcontrolplanes");

export interface AzureSubnet {
  readonly name: string;
  readonly role: "node" | "control-plane" | "bastion" | "cluster";
}

/** Of both kinds. */
interface Shared {
  /** Absent: the function's own. */
  readonly subscriptionID?: string;
  readonly location?: string;
  readonly additionalTags?: Readonly<Record<string, string>>;
  readonly identityRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
  /** AzurePublicCloud (default), AzureChinaCloud, AzureUSGovernmentCloud. */
  readonly azureEnvironment?: string;
}

export interface AzureClusterSpec extends Shared {
  /** Absent: the cluster's name. Pools go there too. */
  readonly resourceGroup?: string;
  readonly networkSpec?: {
    readonly vnet?: {
      readonly name: string;
      readonly resourceGroup?: string;
      readonly cidrBlocks?: readonly string[];
    };
    readonly subnets?: readonly AzureSubnet[];
    readonly nodeOutboundLB?: { readonly name?: string; readonly backendPool?: { readonly name?: string } };
  };
  readonly extendedLocation?: { readonly name: string; readonly type: "EdgeZone" };
}

export interface AzureManagedControlPlaneSpec extends Shared {
  readonly resourceGroupName?: string;
  /** Absent: MC_<resource group>_<name>_<location>. */
  readonly nodeResourceGroupName?: string;
  readonly virtualNetwork?: {
    readonly name: string;
    readonly resourceGroup?: string;
    readonly cidrBlock: string;
    readonly subnet?: { readonly name: string; readonly cidrBlock: string };
  };
}

export interface AzureCluster extends KubernetesObject {
  readonly spec: AzureClusterSpec;
}

export interface AzureManagedControlPlane extends KubernetesObject {
  readonly spec: AzureManagedControlPlaneSpec;
}
