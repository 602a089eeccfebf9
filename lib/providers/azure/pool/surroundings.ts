/** Where a pool's scale set stands: subscription, group and network, read off the cluster's infrastructure of either kind. */
import {
  type AzureCluster,
  type AzureManagedControlPlane,
  type AzureSubnet,
  azureClusters,
  azureManagedControlPlanes,
} from "../../../api/azure/azure-cluster.ts";
import type { Cluster } from "../../../api/core/cluster.ts";
import type { ObjectReader } from "../../pool-provider.ts";

export interface Surroundings {
  /** Absent: the function's own. */
  readonly subscriptionId?: string;
  readonly resourceGroup: string;
  readonly location?: string;
  readonly additionalTags: Readonly<Record<string, string>>;
  readonly environment: string;
  readonly identity?: { readonly name: string; readonly namespace?: string };
  readonly network: {
    readonly resourceGroup: string;
    readonly name: string;
    readonly subnets: readonly AzureSubnet[];
    readonly ipv6: boolean;
  };
  /** Load balancer and pool by which Nodes reach the outside. */
  readonly outbound?: { readonly loadBalancer: string; readonly pool: string };
  readonly extendedLocation?: { readonly name: string; readonly type: string };
}

const PUBLIC_CLOUD = "AzurePublicCloud";
/** @source CAPZ azure/scope/managedcontrolplane.go: what AKS makes itself */
const AKS_OUTBOUND = { loadBalancer: "kubernetes", pool: "aksOutboundBackendPool" };

/** undefined: the infrastructure object is not there, or of no kind that pools can live in. */
export async function readSurroundings(cluster: Cluster, read: ObjectReader): Promise<Surroundings | undefined> {
  const { infrastructureRef, controlPlaneRef } = cluster.spec ?? {};
  const namespace = cluster.metadata.namespace ?? "";
  if (infrastructureRef?.kind === azureClusters.kind) {
    const found = await read<AzureCluster>(azureClusters, { namespace, name: infrastructureRef.name });
    return found && ofCluster(cluster, found);
  }
  if (controlPlaneRef?.kind !== azureManagedControlPlanes.kind) return undefined;
  const found = await read<AzureManagedControlPlane>(azureManagedControlPlanes, {
    namespace,
    name: controlPlaneRef.name,
  });
  return found && ofControlPlane(cluster, found);
}

type SharedSpec = AzureManagedControlPlane["spec"] | AzureCluster["spec"];

const shared = ({ subscriptionID, location, additionalTags, azureEnvironment, identityRef }: SharedSpec) => ({
  ...(subscriptionID && { subscriptionId: subscriptionID }),
  ...(location && { location }),
  additionalTags: additionalTags ?? {},
  environment: azureEnvironment || PUBLIC_CLOUD,
  ...(identityRef?.name && {
    identity: { name: identityRef.name, ...(identityRef.namespace && { namespace: identityRef.namespace }) },
  }),
});

const isIpv6 = (block: string) => block.includes(":");

/** Names that are left out are made as upstream's webhook makes them (CAPZ api/v1beta1/azurecluster_default.go). */
function ofCluster({ metadata }: Cluster, { metadata: own, spec }: AzureCluster): Surroundings {
  const resourceGroup = spec.resourceGroup || metadata.name;
  const { vnet, subnets = [], nodeOutboundLB } = spec.networkSpec ?? {};
  const loadBalancer = nodeOutboundLB && (nodeOutboundLB.name || own.name);
  const pool = nodeOutboundLB?.backendPool?.name || `${loadBalancer}-outboundBackendPool`;
  return {
    ...shared(spec),
    resourceGroup,
    network: {
      resourceGroup: vnet?.resourceGroup || resourceGroup,
      name: vnet?.name || `${own.name}-vnet`,
      subnets,
      ipv6: (vnet?.cidrBlocks ?? []).some(isIpv6),
    },
    ...(loadBalancer && { outbound: { loadBalancer, pool } }),
    ...(spec.extendedLocation && { extendedLocation: spec.extendedLocation }),
  };
}

function ofControlPlane({ metadata }: Cluster, { metadata: own, spec }: AzureManagedControlPlane): Surroundings {
  const resourceGroup = spec.resourceGroupName || metadata.name;
  const { virtualNetwork } = spec;
  const subnet = virtualNetwork?.subnet?.name || own.name;
  return {
    ...shared(spec),
    resourceGroup: spec.nodeResourceGroupName || `MC_${resourceGroup}_${own.name}_${spec.location ?? ""}`,
    network: {
      resourceGroup: virtualNetwork?.resourceGroup || resourceGroup,
      name: virtualNetwork?.name || own.name,
      subnets: [{ name: subnet, role: "node" }],
      ipv6: isIpv6(virtualNetwork?.cidrBlock ?? ""),
    },
    outbound: AKS_OUTBOUND,
  };
}
