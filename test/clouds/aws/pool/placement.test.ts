/** Which subnets a group spans, and which zones have no enclaves. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsSubnet } from "../../../../lib/api/aws/aws-cluster.ts";
import type { AwsMachinePoolSpec } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { Lookups } from "../../../../lib/providers/aws/pool/lookups.ts";
import { edgePlaces, placeGroup } from "../../../../lib/providers/aws/pool/placement.ts";
import { anInfrastructure } from "./objects.ts";

const secondary = { "sigs.k8s.io/cluster-api-provider-aws/association": "secondary" };
const SUBNETS: readonly AwsSubnet[] = [
  { id: "spec-name", resourceID: "subnet-a", availabilityZone: "a" },
  { id: "subnet-b", availabilityZone: "b" },
  { id: "subnet-b-public", availabilityZone: "b", isPublic: true },
  { id: "subnet-b-pods", availabilityZone: "b", tags: secondary },
  { id: "subnet-edge", availabilityZone: "lax", zoneType: "local-zone" },
  { id: "subnet-wave", availabilityZone: "wave", zoneType: "wavelength-zone" },
];
const nothing = async () => undefined;
const lookups: Lookups = {
  subnets: async (filters) =>
    filters.some(({ name }) => name === "tag:none")
      ? []
      : [
          { id: "subnet-found", tags: {} },
          { id: "subnet-pods", tags: secondary },
        ],
  securityGroups: async () => [],
  newestImage: nothing,
  rootDevice: nothing,
  architecture: async () => "x86_64",
  parameter: nothing,
};

interface Row {
  readonly name: string;
  readonly spec?: AwsMachinePoolSpec;
  readonly failureDomains?: readonly string[];
  readonly subnets?: readonly AwsSubnet[];
  /** A text: refused, and the text is in the reason. */
  readonly want: readonly string[] | string;
}

const filter = (name: string) => [{ filters: [{ name, values: ["x"] }] }];
const rows: Row[] = [
  {
    name: "the pool's own subnets win",
    spec: { subnets: [{ id: "subnet-z" }, { id: "subnet-y" }], availabilityZones: ["a"] },
    failureDomains: ["b"],
    want: ["subnet-y", "subnet-z"],
  },
  { name: "subnets by filter, without those of pods", spec: { subnets: filter("tag:role") }, want: ["subnet-found"] },
  {
    name: "ids and filters together",
    spec: { subnets: [{ id: "subnet-z" }, ...filter("tag:role")] },
    want: ["subnet-found", "subnet-z"],
  },
  { name: "a filter that finds nothing is refused", spec: { subnets: filter("tag:none") }, want: "tag:none=x" },
  {
    name: "then the pool's zones, with all subnets of each",
    spec: { availabilityZones: ["b"] },
    failureDomains: ["a"],
    want: ["subnet-b", "subnet-b-pods", "subnet-b-public"],
  },
  {
    name: "private ones of a zone are not those of pods",
    spec: { availabilityZones: ["b"], availabilityZoneSubnetType: "private" },
    want: ["subnet-b"],
  },
  {
    name: "public ones of a zone",
    spec: { availabilityZones: ["b"], availabilityZoneSubnetType: "public" },
    want: ["subnet-b-public"],
  },
  {
    name: "all of a zone",
    spec: { availabilityZones: ["b"], availabilityZoneSubnetType: "all" },
    want: ["subnet-b", "subnet-b-pods", "subnet-b-public"],
  },
  {
    name: "a zone without a fitting subnet is refused",
    spec: { availabilityZones: ["a", "b"], availabilityZoneSubnetType: "public" },
    want: "zone a",
  },
  { name: "then the MachinePool's failure domains", failureDomains: ["a"], want: ["subnet-a"] },
  { name: "else all private ones, neither of pods nor at the edge", want: ["subnet-a", "subnet-b"] },
  { name: "no private subnet is refused", subnets: [{ id: "s", isPublic: true }], want: "no private subnet" },
  { name: "a zone at the edge has no usable subnet", spec: { availabilityZones: ["lax"] }, want: "zone lax" },
];
const wishOf = ({ spec = {}, failureDomains = [], subnets = SUBNETS }: Omit<Row, "name" | "want">) => ({
  spec,
  failureDomains,
  infrastructure: anInfrastructure({ network: { subnets } }),
});
for (const { name, want, ...row } of rows) {
  test(`placement: ${name}`, async () => {
    const found = await placeGroup(wishOf(row), lookups);
    if (typeof want === "string") assert.ok("refused" in found && found.refused.includes(want), JSON.stringify(found));
    else assert.deepEqual(found, { subnetIds: want });
  });
}

const edges: {
  name: string;
  spec?: AwsMachinePoolSpec;
  failureDomains?: readonly string[];
  want: readonly string[];
}[] = [
  { name: "a local zone by its subnet", spec: { subnets: [{ id: "subnet-edge" }] }, want: ["subnet-edge"] },
  { name: "a wavelength zone by its subnet", spec: { subnets: [{ id: "subnet-wave" }] }, want: ["subnet-wave"] },
  { name: "a local zone by its name", spec: { availabilityZones: ["lax"] }, want: ["lax"] },
  { name: "a wavelength zone by failure domain", failureDomains: ["wave"], want: ["wave"] },
  { name: "a standard zone", spec: { availabilityZones: ["a"] }, want: [] },
  { name: "subnets by filter, which cannot be told", spec: { subnets: filter("tag:role") }, want: [] },
  { name: "no explicit place", want: [] },
];
for (const { name, want, ...row } of edges) {
  test(`edge zones: ${name}`, () => assert.deepEqual(edgePlaces(wishOf(row)), want));
}
