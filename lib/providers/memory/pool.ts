/** The pool contract on the cloud in memory: what every other cloud's pools are compared with. */
import { createHash } from "node:crypto";
import { ProviderError } from "../errors.ts";
import type {
  GroupView,
  PoolInstance,
  PoolProvider,
  PoolRequest,
  PoolSession,
  PoolSight,
  RolloutWish,
} from "../pool-provider.ts";
import type { PoolKind } from "../provider.ts";
import type { MemoryInstance, MemoryState } from "./cloud.ts";
import { isInService } from "./leaving.ts";
import { carryOut, changeOf, type MemoryWish, preparationOf, removalOf } from "./pool-changes.ts";
import { instancesOf, isBooting, type MemoryPool, settlePool } from "./pool-cloud.ts";
import { ledRollout } from "./pool-rollout.ts";
import { statementOf } from "./pool-statement.ts";
import { type Gate, stateOf } from "./provider.ts";

const MEMORY_FINALIZER = "memorypool.infrastructure.cluster.x-k8s.io";

export const memoryPoolProvider = (state: MemoryState, kind: PoolKind, gate: Gate): PoolProvider => ({
  kind,
  finalizer: MEMORY_FINALIZER,
  groupCondition: "GroupReady",
  open: async (request) => {
    gate("open", request.pool.metadata.name);
    return sessionOf(state, wishOf(kind, request), gate);
  },
});

/** Any field of the spec that is not the size or our own word is part of the template, and so is the bootstrap data. */
function wishOf(kind: PoolKind, { pool, cluster, bootstrap }: PoolRequest): MemoryWish {
  const { minSize, maxSize, providerID: _id, providerIDList: _ids, ...rest } = pool.spec as Record<string, unknown>;
  const content = createHash("sha256")
    .update(bootstrap?.value ?? "")
    .digest("hex");
  return {
    name: kind.groupNameOf(pool),
    clusterName: cluster.metadata.name,
    minimum: typeof minSize === "number" ? minSize : 1,
    maximum: typeof maxSize === "number" ? maxSize : 1,
    template: JSON.stringify([Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)), content]),
  };
}

function sessionOf(state: MemoryState, wish: MemoryWish, gate: Gate): PoolSession {
  const { name } = wish;
  const present = (): MemoryPool | undefined => {
    const pool = state.pools.get(name);
    if (pool) settlePool(state, pool);
    return state.pools.get(name);
  };
  return {
    observe: async () => {
      gate("observe", name);
      const pool = present();
      refuseForeign(state, pool, wish);
      return { ...(pool && { group: viewOf(state, pool, wish) }), detail: pool && { ...pool } };
    },
    nextChange: (sight) => changeOf(detailOf(sight), wish, { group: sight.group, led: state.led }),
    ...(state.led && { rollout: ({ group }: PoolSight, asked: RolloutWish) => ledRollout(group, asked) }),
    prepareRemoval: (sight) => preparationOf(detailOf(sight)),
    nextRemoval: (sight) => removalOf(detailOf(sight)),
    apply: async (change) => {
      gate("apply", `${change.do} ${name}`);
      carryOut(state, wish, change.do);
      present();
    },
    scale: async ({ group }, replicas) => {
      if (!group || group.desired === replicas) return;
      gate("scale", `${name} ${replicas}`);
      const pool = state.pools.get(name);
      if (!pool) throw new ProviderError("not-found", "memory.scale", "", `no group ${name}`);
      if (replicas < pool.minimum || replicas > pool.maximum) {
        const said = `${replicas} is not within ${pool.minimum} to ${pool.maximum}`;
        throw new ProviderError("invalid", "memory.scale", "ask for a number within the bounds", said);
      }
      pool.desired = replicas;
      present();
    },
    say: statementOf,
  };
}

const detailOf = ({ detail }: PoolSight): MemoryPool | undefined => detail as MemoryPool | undefined;

/** A group under our name that no tag calls ours. */
function refuseForeign(state: MemoryState, pool: MemoryPool | undefined, { name, clusterName }: MemoryWish): void {
  const group = pool ?? state.groups.get(name);
  if (!group || group.clusterNames.includes(clusterName)) return;
  const said = `the group ${name} exists and does not belong to cluster ${clusterName}`;
  throw new ProviderError("invalid", "memory.observe", "rename the pool, or delete that group", said);
}

function viewOf(state: MemoryState, pool: MemoryPool, wish: MemoryWish): GroupView {
  const instances = instancesOf(state, pool.name).map((one) => instanceView(state, one, wish));
  return {
    id: `memory:group/${pool.name}`,
    desired: pool.desired,
    // The wish's: the group's own follow it.
    minimum: wish.minimum,
    maximum: wish.maximum,
    instances: instances.sort((a, b) => (a.providerID < b.providerID ? -1 : 1)),
    deleting: pool.deletedAt !== undefined,
    replacing: pool.replacing || (state.led && instances.some(({ upToDate }) => !upToDate)),
  };
}

function instanceView(state: MemoryState, instance: MemoryInstance, { template }: MemoryWish): PoolInstance {
  const { id, providerID } = instance;
  const launch = state.launches.get(id);
  return {
    providerID,
    instanceId: id,
    state: isInService(instance) && isBooting(state, instance) ? "pending" : stateOf(instance),
    upToDate: launch?.template === template,
    healthy: launch?.healthy ?? true,
    ...(launch && { launchTime: new Date(launch.at).toISOString() }),
  };
}
