/** From an instance to the infrastructure pool that owns it; never guessed. */
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import { ProviderError } from "../../providers/errors.ts";
import type { InfrastructurePool, PoolKind } from "../../providers/provider.ts";
import type { World } from "../step.ts";
import { readWanted } from "./read-all.ts";

export type PoolSearch =
  | { readonly found: "one"; readonly pool: InfrastructurePool; readonly providerID: string }
  /** ForeignGroup, ForeignInstance or InstanceGone. */
  | { readonly found: "none"; readonly because: string }
  /** namespace/name of each. */
  | { readonly found: "several"; readonly pools: readonly string[] };

type Asked = Pick<LeavingInstance, "instanceId" | "groupName">;

const foreign = (because: string): PoolSearch => ({ found: "none", because });

/**
 * One call when the pool lists the instance; otherwise the cloud is asked where it is and whose group that is.
 * @throws KubernetesError, ProviderError
 */
export async function findPool(world: World, asked: Asked): Promise<PoolSearch> {
  const listing = (pool: InfrastructurePool) => providerIdIn(world, pool, asked.instanceId) !== undefined;
  const named = asked.groupName === undefined ? undefined : await poolsOf(world, asked.groupName);
  const known = (named ?? (await allPools(world, listing))).filter(listing);
  const [only] = known;
  const providerID = only && providerIdIn(world, only, asked.instanceId);
  if (only && providerID && known.length === 1) return { found: "one", pool: only, providerID };
  return askTheCloud(world, asked, known.length > 0 ? known : named);
}

async function askTheCloud(
  world: World,
  { instanceId, groupName }: Asked,
  known: readonly InfrastructurePool[] | undefined,
): Promise<PoolSearch> {
  if (known?.length === 0) return foreign("ForeignGroup");
  const location = await world.provider.locate(instanceId, groupName).catch(goneAsUndefined);
  if (!location) return foreign("InstanceGone");
  const group = groupName ?? location.groupName;
  if (group === undefined) return foreign("ForeignInstance");
  const pools = await agreeing(world, group, known ?? (await poolsOf(world, group)));
  const [pool] = pools;
  if (!pool) return foreign("ForeignGroup");
  if (pools.length > 1) return { found: "several", pools: pools.map(nameOf).sort() };
  return { found: "one", pool, providerID: location.providerID };
}

/** Those whose cluster the group's own tags name. */
async function agreeing(world: World, group: string, pools: readonly InfrastructurePool[]) {
  if (pools.length === 0) return [];
  const owner = await world.provider.groupOwner(group).catch(goneAsUndefined);
  const clusters = owner?.clusterNames ?? [];
  return pools.filter(({ metadata }) => clusters.includes(metadata.labels?.[CLUSTER_NAME_LABEL] ?? ""));
}

const nameOf = ({ metadata }: InfrastructurePool): string => `${metadata.namespace ?? ""}/${metadata.name}`;

/** A group of this name that belongs to a pool of another name is not ours. */
const poolsOf = (world: World, groupName: string): Promise<readonly InfrastructurePool[]> => {
  const { pools } = world.provider;
  const pages = world.clusters.management.list<InfrastructurePool>(pools.resource, namedAs(pools, groupName));
  return readWanted(pages, (pool) => pools.groupNameOf(pool) === groupName);
};

/** One pool where the group's name tells which, else all of them. */
export function namedAs(pools: PoolKind, groupName: string): { readonly fieldSelector?: string } {
  const name = pools.poolNameOf(groupName);
  return name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
}

const allPools = (world: World, wanted: (pool: InfrastructurePool) => boolean) =>
  readWanted(world.clusters.management.list<InfrastructurePool>(world.provider.pools.resource), wanted);

function providerIdIn(world: World, { spec }: InfrastructurePool, instanceId: string): string | undefined {
  return spec.providerIDList?.find((id) => world.provider.pools.instanceIdOf(id) === instanceId);
}

const goneAsUndefined = (error: unknown): undefined => {
  if (error instanceof ProviderError && error.kind === "not-found") return undefined;
  throw error;
};
