/** A hint names an object that is no pool: which pools it is a reason to look at. */
import { WATCH_FILTER_LABEL } from "../api/core/labels.ts";
import { machines } from "../api/core/machine.ts";
import { type MachinePool, machinePools } from "../api/core/machine-pool.ts";
import type { Key } from "../api/key.ts";
import type { KubernetesObject, Resource } from "../api/kubernetes/meta.ts";
import { EVERY_NAME, POOL_HINT_KINDS } from "../api/pool-hint.ts";
import { isRelated, keysOfPool } from "./decide/related-pools.ts";
import { readWanted } from "./observe/read-all.ts";
import { servedKinds } from "./served-kinds.ts";
import type { Outcome, PoolWorld, World } from "./step.ts";
import { ignoreNotFound } from "./trouble.ts";

/**
 * One list, and one read where labels decide.
 * @param labelled kinds of the cloud whose objects carry the labels of their pool, e.g. infrastructure machines
 * @returns        with `others`: each pool and the infrastructure behind it
 * @throws         KubernetesError
 */
export async function relateStep(
  world: World | PoolWorld,
  key: Key,
  labelled: readonly Resource[] = [],
): Promise<Outcome> {
  const { watchFilter } = world.settings;
  if (!watchFilter) return { did: "ignored", because: "NoWatchFilter", object: key };
  const kinds = servedKinds(world);
  // Whatever a pool refers to and nobody here knows must not lead back to the pool, and from there to itself.
  if (![...POOL_HINT_KINDS, ...labelled, ...kinds].some(({ kind }) => kind === key.kind))
    return { did: "ignored", because: "UnknownKind", object: key };
  const { management } = world.clusters;
  const { namespace, name } = key;
  const resource = [machines, ...labelled].find(({ kind }) => kind === key.kind);
  const object =
    resource && name !== EVERY_NAME
      ? await management.get<KubernetesObject>(resource, { namespace, name }).catch(ignoreNotFound)
      : undefined;
  const labelSelector = `${WATCH_FILTER_LABEL}=${watchFilter}`;
  const pages = management.list<MachinePool>(machinePools, { namespace, labelSelector });
  const pools = await readWanted(pages, (pool) => isRelated(key, pool, object));
  const others = pools.flatMap((pool) => keysOfPool(pool, kinds));
  return others.length > 0
    ? { did: "looked", because: key.kind, object: key, others }
    : { did: "ignored", because: pools.length > 0 ? "OtherProvider" : "NoPool", object: key };
}
