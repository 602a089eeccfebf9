/** The changes that a pool of the cloud in memory knows, in the order in which they are made. */
import { ProviderError } from "../errors.ts";
import type { GroupView, PoolChange } from "../pool-provider.ts";
import type { MemoryState } from "./cloud.ts";
import { instancesOf, type MemoryPool } from "./pool-cloud.ts";

export interface MemoryWish {
  readonly name: string;
  readonly clusterName: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly template: string;
}

const change = (what: string, because: string): PoolChange => ({ do: what, because, detail: undefined });

export function changeOf(
  pool: MemoryPool | undefined,
  wish: MemoryWish,
  { group, led }: { readonly group: GroupView | undefined; readonly led: boolean },
): PoolChange | undefined {
  if (!pool || !group) return change("create", "GroupMissing");
  if (group.deleting) return undefined;
  if (pool.template !== wish.template) return change("template", "TemplateChanged");
  if (pool.minimum !== wish.minimum || pool.maximum !== boundedMaximum(pool, wish))
    return change("bounds", "BoundsChanged");
  if (led) return undefined;
  const isOutdated = group.instances.some(({ upToDate, state }) => !upToDate && state === "running");
  return isOutdated && !group.replacing ? change("replace", "InstancesOutdated") : undefined;
}

/** A maximum below the size would let the cloud choose who goes: the size comes first, drained. */
const boundedMaximum = ({ desired }: MemoryPool, { maximum }: MemoryWish): number => Math.max(maximum, desired);

/** A minimum would hold the last instances. */
export const preparationOf = (pool: MemoryPool | undefined): PoolChange | undefined =>
  pool && (pool.minimum > 0 || pool.replacing) ? change("open", "MinimumHolds") : undefined;

export const removalOf = (pool: MemoryPool | undefined): PoolChange | undefined =>
  pool && pool.deletedAt === undefined ? change("delete", "NoInstanceLeft") : undefined;

type Deed = (state: MemoryState, pool: MemoryPool, wish: MemoryWish) => void;

const DEEDS: Readonly<Record<string, Deed>> = {
  template: (_state, pool, { template }) => {
    pool.template = template;
  },
  bounds: (_state, pool, wish) => {
    pool.minimum = wish.minimum;
    pool.maximum = boundedMaximum(pool, wish);
    pool.desired = Math.max(wish.minimum, pool.desired);
  },
  replace: (_state, pool) => {
    pool.replacing = true;
  },
  open: (_state, pool) => {
    pool.minimum = 0;
    pool.replacing = false;
  },
  delete: (state, pool) => {
    if (instancesOf(state, pool.name).length > 0) {
      throw new ProviderError("conflict", "memory.delete", "", `group ${pool.name} has instances`);
    }
    pool.deletedAt ??= state.now().getTime();
  },
};

/** Repeatable; what is not there any more has nothing to be changed. */
export function carryOut(state: MemoryState, wish: MemoryWish, what: string): void {
  const pool = state.pools.get(wish.name);
  if (what === "create") create(state, wish);
  else if (pool) DEEDS[what]?.(state, pool, wish);
}

function create(state: MemoryState, { name, clusterName, minimum, maximum, template }: MemoryWish): void {
  if (state.pools.has(name)) return;
  const pool: MemoryPool = {
    name,
    clusterNames: [clusterName],
    hooks: state.poolHooks,
    desired: minimum,
    minimum,
    maximum,
    template,
    replacing: false,
    launched: 0,
  };
  state.pools.set(name, pool);
  state.groups.set(name, pool);
}
