/** Looks for pools that somebody should look at although no hint came: those on their way every minute, settled ones rarely. */
import type { InfrastructurePool } from "../api/core/infrastructure-pool.ts";
import { WATCH_FILTER_LABEL } from "../api/core/labels.ts";
import { type MachinePool, machinePools } from "../api/core/machine-pool.ts";
import type { Key } from "../api/key.ts";
import type { Resource } from "../api/kubernetes/meta.ts";
import { infrastructureIsDue, machinePoolIsDue } from "./decide/pool-due.ts";
import { keysOfPool } from "./decide/related-pools.ts";
import type { World } from "./step.ts";

/**
 * Costs no write and no call of the cloud; one list per kind.
 * @param kinds infrastructure pools that this deployment reconciles
 * @throws      KubernetesError when nothing can be listed; the next sweep tries again
 */
export async function* sweepPools(world: World, kinds: readonly Resource[]): AsyncGenerator<Key> {
  if (!world.settings.watchFilter) return;
  const told = new Set<string>();
  for await (const key of dueKeys(world, kinds)) {
    const name = `${key.kind}/${key.namespace}/${key.name}`;
    if (told.has(name)) continue;
    told.add(name);
    yield key;
  }
}

async function* dueKeys({ clusters, settings, now }: World, kinds: readonly Resource[]): AsyncGenerator<Key> {
  const { management } = clusters;
  const labelSelector = `${WATCH_FILTER_LABEL}=${settings.watchFilter}`;
  const minute = Math.floor(now().getTime() / 60_000);
  for await (const page of management.list<MachinePool>(machinePools, { labelSelector })) {
    yield* page.filter((pool) => machinePoolIsDue(pool, minute)).flatMap((pool) => keysOfPool(pool, kinds));
  }
  for (const resource of kinds) {
    for await (const page of management.list<InfrastructurePool>(resource, { labelSelector })) {
      const due = page.filter((pool) => infrastructureIsDue(pool, minute));
      yield* due.map(({ metadata: { namespace = "", name } }) => ({ kind: resource.kind, namespace, name }));
    }
  }
}
