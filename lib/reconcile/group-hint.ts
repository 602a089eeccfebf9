/** Something happened to a group: which pools of this deployment may stand behind it. */

import type { InfrastructurePool } from "../api/core/infrastructure-pool.ts";
import { WATCH_FILTER_LABEL } from "../api/core/labels.ts";
import type { Key } from "../api/key.ts";
import { namedAs } from "./observe/find-pool.ts";
import { readWanted } from "./observe/read-all.ts";
import type { World } from "./step.ts";

/**
 * One call, none where no pool is reconciled. A name is only a hint: the pool's own pass sees whose the group is.
 * @throws KubernetesError
 */
export async function poolsOfGroup(
  { clusters, provider, settings }: World,
  groupName: string,
): Promise<readonly Key[]> {
  if (!settings.watchFilter) return [];
  const { pools } = provider;
  const { resource } = pools;
  const pages = clusters.management.list<InfrastructurePool>(resource, {
    labelSelector: `${WATCH_FILTER_LABEL}=${settings.watchFilter}`,
    ...namedAs(pools, groupName),
  });
  const found = await readWanted(pages, (pool) => pools.groupNameOf(pool) === groupName);
  return found.map(({ metadata: { namespace = "", name } }) => ({ kind: resource.kind, namespace, name }));
}
