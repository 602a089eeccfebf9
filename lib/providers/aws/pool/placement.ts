/** Chooses the subnets of a group: the pool's own, its zones, the MachinePool's failure domains, or all private ones. */
import type { AwsInfrastructure, AwsSubnet } from "../../../api/aws/aws-cluster.ts";
import type { AwsMachinePoolSpec } from "../../../api/aws/aws-machine-pool.ts";
import type { Lookups } from "./lookups.ts";

const ASSOCIATION_TAG = "sigs.k8s.io/cluster-api-provider-aws/association";

const isEdge = ({ zoneType }: AwsSubnet) => zoneType === "local-zone" || zoneType === "wavelength-zone";
const isSecondary = ({ tags }: AwsSubnet) => tags?.[ASSOCIATION_TAG] === "secondary";
/** Subnets that the cluster made have a name for an id, and AWS's id beside it. */
const idOf = ({ id = "", resourceID }: AwsSubnet) => resourceID || id;

export type Placement = { readonly subnetIds: readonly string[] } | { readonly refused: string };

const placed = (ids: readonly string[]): Placement => ({ subnetIds: [...new Set(ids)].sort() });

export interface PlacementWish {
  readonly spec: AwsMachinePoolSpec;
  readonly failureDomains: readonly string[];
  readonly infrastructure: AwsInfrastructure;
}

/** @source CAPA pkg/cloud/scope/shared.go (defaultSubnetPlacementStrategy) */
export async function placeGroup(wish: PlacementWish, lookups: Lookups): Promise<Placement> {
  const { spec, failureDomains, infrastructure } = wish;
  if (spec.subnets?.length) return placeInSubnets(spec.subnets, lookups);
  const subnets = infrastructure.spec.network?.subnets ?? [];
  if (spec.availabilityZones?.length) return placeInZones(spec.availabilityZones, spec, subnets);
  if (failureDomains.length > 0) return placeInZones(failureDomains, spec, subnets);
  const ids = subnets.filter((one) => !one.isPublic && !isSecondary(one) && !isEdge(one)).map(idOf);
  return ids.length > 0 ? placed(ids) : { refused: "the cluster has no private subnet to place instances in" };
}

async function placeInSubnets(given: NonNullable<AwsMachinePoolSpec["subnets"]>, lookups: Lookups): Promise<Placement> {
  const ids = given.flatMap(({ id }) => id ?? []);
  const filters = given.flatMap((one) => one.filters ?? []);
  if (filters.length === 0) return placed(ids);
  const found = await lookups.subnets(filters);
  const usable = found.filter(({ tags }) => tags[ASSOCIATION_TAG] !== "secondary").map(({ id }) => id);
  const all = [...ids, ...usable];
  const said = filters.map(({ name, values }) => `${name}=${values.join("|")}`).join(", ");
  return all.length > 0 ? placed(all) : { refused: `no subnet fits spec.subnets (${said})` };
}

function placeInZones(
  zones: readonly string[],
  { availabilityZoneSubnetType: wanted }: AwsMachinePoolSpec,
  subnets: readonly AwsSubnet[],
): Placement {
  const fits = (one: AwsSubnet) => {
    if (wanted === undefined || wanted === "all") return true;
    return (one.isPublic ?? false) === (wanted === "public") && !isSecondary(one);
  };
  const found = zones.map((zone) => ({
    zone,
    ids: subnets.filter((one) => one.availabilityZone === zone && !isEdge(one) && fits(one)).map(idOf),
  }));
  const empty = found.find(({ ids }) => ids.length === 0);
  if (!empty) return placed(found.flatMap(({ ids }) => ids));
  return { refused: `the cluster has no ${wanted ?? "usable"} subnet in zone ${empty.zone}` };
}

/** Subnets and zones chosen by name that lie in a local or wavelength zone; those chosen by filter cannot be told. */
export function edgePlaces({ spec, failureDomains, infrastructure }: PlacementWish): readonly string[] {
  const subnets = (infrastructure.spec.network?.subnets ?? []).filter(isEdge);
  const ids = (spec.subnets ?? []).flatMap(({ id }) => id ?? []);
  const zones = spec.availabilityZones?.length ? spec.availabilityZones : failureDomains;
  const byId = subnets.filter((one) => ids.includes(idOf(one))).map(idOf);
  const byZone = subnets
    .flatMap(({ availabilityZone }) => availabilityZone ?? [])
    .filter((zone) => zones.includes(zone));
  return [...new Set(ids.length > 0 ? byId : byZone)].sort();
}
