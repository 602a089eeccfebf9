/** Brings together what a decision about a group may know: the cloud's view, the wish, and who leaves already. */
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { PoolSession, PoolSight } from "../../providers/pool-provider.ts";
import type { GroupMoment, NamedChange } from "../decide/group-view.ts";
import { isExternallyManaged } from "../decide/pool-facts.ts";
import type { World } from "../step.ts";
import { observeLeaving } from "./group-leaving.ts";

export interface GroupSearch {
  readonly machinePool: MachinePool;
  readonly pool: InfrastructurePool;
  readonly session: PoolSession;
  readonly sight: PoolSight;
  readonly told: boolean;
}

/** One list beside what the session has seen. @throws KubernetesError */
export async function observeGroup(
  world: World,
  { machinePool, pool, session, sight, told }: GroupSearch,
): Promise<GroupMoment> {
  const deleting = pool.metadata.deletionTimestamp !== undefined;
  const leaving = await observeLeaving(world.clusters.management, machinePool);
  const { replicas } = machinePool.spec;
  const change = deleting ? undefined : session.nextChange(sight);
  const externallyManaged = isExternallyManaged(machinePool);
  const wish = { ...(replicas !== undefined && { replicas }), externallyManaged, leaving };
  const rollout = deleting ? undefined : session.rollout?.(sight, wish);
  const preparation = deleting ? session.prepareRemoval?.(sight) : undefined;
  const removal = deleting ? session.nextRemoval(sight) : undefined;
  return {
    deleting,
    externallyManaged,
    ...(rollout && { rollout }),
    ...(replicas !== undefined && { replicas }),
    ...(sight.group && { group: sight.group }),
    ...named("change", change),
    ...named("preparation", preparation),
    ...named("removal", removal),
    leaving,
    surge: Math.max(1, world.settings.surge ?? 1),
    told,
  };
}

type Kept = "change" | "preparation" | "removal";
const named = (as: Kept, change: NamedChange | undefined): Partial<Pick<GroupMoment, Kept>> =>
  change ? { [as]: { do: change.do, because: change.because } } : {};
