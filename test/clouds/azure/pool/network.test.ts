/** The interfaces of new machines: how many, in which subnets, and which address goes out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { interfacesOf, networkProfileOf, subnetProblem } from "../../../../lib/providers/azure/pool/network.ts";
import { anAzureCluster, POOL, SUBSCRIPTION } from "./objects.ts";
import { aRequest } from "./sights.ts";

test("interfaces: one by default, several in their order, the deprecated fields are the first one's", async () => {
  assert.deepEqual(interfacesOf(await aRequest()), [{}]);
  const two = [{ subnetName: "a" }, { subnetName: "b", privateIPConfigs: 3 }];
  assert.deepEqual(interfacesOf(await aRequest({ template: { networkInterfaces: two } })), two);
  const old = { subnetName: "a", acceleratedNetworking: false };
  assert.deepEqual(interfacesOf(await aRequest({ template: old })), [old]);
});

test("the first address of the first interface goes out through the cluster's load balancer; IPv6 is one more", async () => {
  const template = { networkInterfaces: [{ privateIPConfigs: 2 }, { subnetName: "other", privateIPConfigs: 0 }] };
  const cluster = anAzureCluster();
  const vnet = { name: "blue-vnet", cidrBlocks: ["10.0.0.0/16", "fd00::/64"] };
  const spec = { ...cluster.spec, networkSpec: { ...cluster.spec.networkSpec, vnet } };
  const request = await aRequest({ template }, { ...cluster, spec });
  const [first, second] = networkProfileOf(request, POOL, true).networkInterfaceConfigurations ?? [];
  const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/edge-pools/providers/Microsoft.Network`;
  assert.deepEqual(
    [first?.name, first?.primary, first?.enableAcceleratedNetworking, first?.enableIPForwarding],
    [`${POOL}-nic-0`, true, true, true],
  );
  assert.deepEqual(
    first?.ipConfigurations?.map(({ name }) => name),
    ["ipConfig0", "ipConfig1", "ipConfigv6"],
  );
  assert.deepEqual(first?.ipConfigurations?.[0], {
    name: "ipConfig0",
    primary: true,
    privateIPAddressVersion: "IPv4",
    subnet: { id: `${group}/virtualNetworks/blue-vnet/subnets/blue-nodes` },
    loadBalancerBackendAddressPools: [
      { id: `${group}/loadBalancers/blue/backendAddressPools/blue-outboundBackendPool` },
    ],
  });
  assert.deepEqual(
    second?.ipConfigurations?.map(({ name, loadBalancerBackendAddressPools }) => [
      name,
      loadBalancerBackendAddressPools,
    ]),
    [
      ["ipConfig0", undefined],
      ["ipConfigv6", undefined],
    ],
  );
  assert.equal(second?.primary, false);
});

test("a subnet must be named where the cluster has none of role node, or several", async () => {
  const cluster = anAzureCluster();
  const withSubnets = (names: readonly string[]) => ({
    ...cluster,
    spec: { ...cluster.spec, networkSpec: { subnets: names.map((name) => ({ name, role: "node" as const })) } },
  });
  assert.equal(subnetProblem(await aRequest()), undefined);
  assert.match(subnetProblem(await aRequest({}, withSubnets([]))) ?? "", /no subnet of role node/);
  assert.match(subnetProblem(await aRequest({}, withSubnets(["a", "b"]))) ?? "", /several.*a, b/);
  assert.equal(subnetProblem(await aRequest({ template: { subnetName: "a" } }, withSubnets([]))), undefined);
});
