/** Groups of the cloud in memory that fill themselves: they launch what is wanted, replace what is outdated, and end when told. */
import { ProviderError } from "../errors.ts";
import { type MemoryGroup, type MemoryInstance, type MemoryState, settle } from "./cloud.ts";
import { beginTermination, isInService } from "./leaving.ts";

export interface MemoryPool extends MemoryGroup {
  desired: number;
  minimum: number;
  maximum: number;
  /** What instances are launched from. */
  template: string;
  replacing: boolean;
  /** Milliseconds since 1970. */
  deletedAt?: number;
  launched: number;
}

/** Of instances that a pool launched. */
export interface MemoryLaunch {
  readonly template: string;
  readonly at: number;
  healthy: boolean;
}

const DELETION_SECONDS = 5;

export const instancesOf = (state: MemoryState, groupName: string): readonly MemoryInstance[] =>
  [...state.instances.values()].filter((one) => one.groupName === groupName && !one.gone);

export const isBooting = (state: MemoryState, { id }: MemoryInstance): boolean => {
  const launch = state.launches.get(id);
  return launch !== undefined && state.now().getTime() < launch.at + state.bootSeconds * 1000;
};

/** Lets what is due by now happen: clocks, launches, the next replacement, the end. */
export function settlePool(state: MemoryState, pool: MemoryPool): void {
  for (const one of state.instances.values()) if (one.groupName === pool.name) settle(state, one);
  if (pool.deletedAt !== undefined) {
    if (state.now().getTime() >= pool.deletedAt + DELETION_SECONDS * 1000) forget(state, pool);
    return;
  }
  replaceNext(state, pool);
  const active = () => instancesOf(state, pool.name).filter(isInService);
  for (let more = pool.desired - active().length; more > 0; more--) launch(state, pool);
  // Somebody lowered the number by hand: the newest go, as clouds choose them.
  for (const one of active().slice(pool.desired).reverse()) announceEnd(state, one);
}

function forget(state: MemoryState, { name }: MemoryPool): void {
  state.pools.delete(name);
  state.groups.delete(name);
}

/** One at a time, and none while another is on its way in or out. */
function replaceNext(state: MemoryState, pool: MemoryPool): void {
  if (!pool.replacing) return;
  const present = instancesOf(state, pool.name);
  const outdated = present.filter(({ id }) => state.launches.get(id)?.template !== pool.template);
  if (outdated.length === 0 && !present.some((one) => isBooting(state, one))) pool.replacing = false;
  const isQuiet = present.length === pool.desired && present.every((one) => isInService(one) && !isBooting(state, one));
  const [next] = outdated;
  if (next && isQuiet) announceEnd(state, next);
}

function launch(state: MemoryState, pool: MemoryPool): void {
  const id = `${pool.name}-${++pool.launched}`;
  const providerID = `memory:///zone-a/${id}`;
  state.instances.set(id, {
    id,
    providerID,
    groupName: pool.name,
    nodeName: `node-${id}`,
    hooks: [],
    gone: false,
    retained: false,
  });
  state.launches.set(id, { template: pool.template, at: state.now().getTime(), healthy: true });
}

export const announceEnd = (state: MemoryState, instance: MemoryInstance): void =>
  void state.notices.push(beginTermination(state, instance));

/** @throws ProviderError "invalid" when the group would have fewer than its minimum */
export function takeOut(state: MemoryState, instance: MemoryInstance, decrement: boolean): void {
  settle(state, instance);
  if (!isInService(instance)) return;
  const pool = state.pools.get(instance.groupName);
  if (pool && decrement && pool.desired - 1 < pool.minimum) {
    const said = `group ${pool.name} would have fewer than its minimum of ${pool.minimum}`;
    throw new ProviderError("invalid", "memory.terminate", "lower the minimum first", said);
  }
  if (pool && decrement) pool.desired--;
  announceEnd(state, instance);
}
