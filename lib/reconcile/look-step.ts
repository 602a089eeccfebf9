/** Something happened to instances: which unfinished records speak of them. */
import type { Key } from "../api/key.ts";
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../api/lifecycle/instance-termination.ts";
import { instanceLabel } from "./decide/pool-label.ts";
import { keyOf } from "./key-of.ts";
import { readWanted } from "./observe/read-all.ts";
import type { World } from "./step.ts";

/**
 * One call, however many instances.
 * @returns keys to put on the queue; none for instances of which nothing is recorded, or nothing is open
 */
export async function recordedOf(world: World, instanceIds: readonly string[]): Promise<readonly Key[]> {
  if (instanceIds.length === 0) return [];
  const labelSelector = `${INSTANCE_LABEL} in (${[...new Set(instanceIds.map(instanceLabel))].sort().join(",")})`;
  const pages = world.clusters.management.list<InstanceTermination>(instanceTerminations, { labelSelector });
  const open = await readWanted(pages, ({ status }) => status?.finishTime === undefined);
  return open.map(keyOf);
}
