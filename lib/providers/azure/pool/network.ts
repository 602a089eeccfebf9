/** The network interfaces of new machines: which subnets, how many addresses, and the way out. */
import type {
  VirtualMachineScaleSetIPConfiguration,
  VirtualMachineScaleSetNetworkConfiguration,
  VirtualMachineScaleSetNetworkProfile,
} from "@azure/arm-compute";
import type { AzureNetworkInterface } from "../../../api/azure/azure-machine-template.ts";
import { type AzureRequest, isFlexible } from "./request.ts";

/** The one that Flexible sets need. */
const NETWORK_API_VERSION = "2020-11-01";

/** Exactly as many as the spec names, one where it names none; the deprecated fields are the first one's. */
export function interfacesOf({ pool }: Pick<AzureRequest, "pool">): readonly AzureNetworkInterface[] {
  const { networkInterfaces = [], subnetName, acceleratedNetworking } = pool.spec.template;
  if (networkInterfaces.length > 0) return networkInterfaces;
  return [{ ...(subnetName && { subnetName }), ...(acceleratedNetworking !== undefined && { acceleratedNetworking }) }];
}

/** An interface without a subnet takes the only one of role node. */
export function subnetProblem(request: Pick<AzureRequest, "pool" | "surroundings">): string | undefined {
  if (interfacesOf(request).every(({ subnetName }) => subnetName)) return undefined;
  const nodes = nodeSubnets(request);
  if (nodes.length === 1) return undefined;
  const found =
    nodes.length === 0 ? "has no subnet of role node" : `has several subnets of role node (${nodes.join(", ")})`;
  return `the cluster ${found}: name one in spec.template.networkInterfaces[].subnetName`;
}

const nodeSubnets = ({ surroundings }: Pick<AzureRequest, "surroundings">): readonly string[] =>
  surroundings.network.subnets.filter(({ role }) => role === "node").map(({ name }) => name);

/**
 * @param accelerates  whether the size can; asked for where the spec leaves it open
 * @source             CAPZ azure/services/scalesets/spec.go (getVirtualMachineScaleSetNetworkConfiguration)
 */
export function networkProfileOf(
  request: AzureRequest,
  name: string,
  accelerates: boolean,
): VirtualMachineScaleSetNetworkProfile {
  const pool = request.pool.spec.template.acceleratedNetworking;
  const configurations = interfacesOf(request).map(
    (one, index): VirtualMachineScaleSetNetworkConfiguration => ({
      name: `${name}-nic-${index}`,
      primary: index === 0,
      enableIPForwarding: true,
      enableAcceleratedNetworking: one.acceleratedNetworking ?? pool ?? accelerates,
      ipConfigurations: addressesOf(request, one, index === 0),
    }),
  );
  return {
    networkInterfaceConfigurations: configurations,
    ...(isFlexible(request) && { networkApiVersion: NETWORK_API_VERSION }),
  };
}

function addressesOf(
  request: AzureRequest,
  { subnetName, privateIPConfigs = 1 }: AzureNetworkInterface,
  isFirst: boolean,
): VirtualMachineScaleSetIPConfiguration[] {
  const subnet = { id: subnetId(request, subnetName || nodeSubnets(request)[0] || "") };
  // None at all would be no interface.
  const count = Math.max(1, privateIPConfigs);
  const outbound = isFirst ? outboundPool(request) : undefined;
  const four = Array.from(
    { length: count },
    (_, index): VirtualMachineScaleSetIPConfiguration => ({
      name: `ipConfig${index}`,
      subnet,
      primary: index === 0,
      privateIPAddressVersion: "IPv4",
      ...(index === 0 && outbound && { loadBalancerBackendAddressPools: [{ id: outbound }] }),
    }),
  );
  const { ipv6 } = request.surroundings.network;
  return ipv6 ? [...four, { name: "ipConfigv6", subnet, primary: false, privateIPAddressVersion: "IPv6" }] : four;
}

const groupId = (subscriptionId: string, group: string) => `/subscriptions/${subscriptionId}/resourceGroups/${group}`;

function subnetId({ subscriptionId, surroundings: { network } }: AzureRequest, subnet: string): string {
  const group = groupId(subscriptionId, network.resourceGroup);
  return `${group}/providers/Microsoft.Network/virtualNetworks/${network.name}/subnets/${subnet}`;
}

function outboundPool({ subscriptionId, surroundings }: AzureRequest): string | undefined {
  const { outbound, resourceGroup } = surroundings;
  if (!outbound) return undefined;
  const group = groupId(subscriptionId, resourceGroup);
  return `${group}/providers/Microsoft.Network/loadBalancers/${outbound.loadBalancer}/backendAddressPools/${outbound.pool}`;
}
