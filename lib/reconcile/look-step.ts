/** A hint that names no record: which records it is a reason to look at. */
import type { Key } from "../api/key.ts";
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../api/lifecycle/instance-termination.ts";
import { isThis } from "../api/lifecycle/merge-holds.ts";
import type { LeavingInstance } from "../api/trigger.ts";
import { instanceLabel } from "./decide/pool-label.ts";
import { keyOf } from "./key-of.ts";
import { readWanted } from "./observe/read-all.ts";
import type { Outcome, World } from "./step.ts";

/**
 * Something happened to instances. One call, however many.
 * @returns keys to put on the queue; none for instances of which nothing is recorded, or nothing is open
 */
export async function recordedOf(world: World, instanceIds: readonly string[]): Promise<readonly Key[]> {
  if (instanceIds.length === 0) return [];
  const labelSelector = `${INSTANCE_LABEL} in (${[...new Set(instanceIds.map(instanceLabel))].sort().join(",")})`;
  const pages = world.clusters.management.list<InstanceTermination>(instanceTerminations, { labelSelector });
  const open = await readWanted(pages, ({ status }) => status?.finishTime === undefined);
  return open.map(keyOf);
}

/**
 * The end of an instance has begun that we may have let go ourselves. One call.
 * @returns the record whose release brought it about; undefined: there is none, the notice is news
 */
export async function releasedAlready(world: World, { instanceId, begun }: LeavingInstance): Promise<Key | undefined> {
  if (!begun) return undefined;
  const labelSelector = `${INSTANCE_LABEL}=${instanceLabel(instanceId)}`;
  const pages = world.clusters.management.list<InstanceTermination>(instanceTerminations, { labelSelector });
  const [found] = await readWanted(
    pages,
    ({ spec, status }) => status?.holdReleased === true && isThis(spec.hold, begun),
  );
  return found && keyOf(found);
}

/**
 * Something happened to records that nobody named, e.g. all of a namespace were deleted. One list.
 * @returns with `others`: those whose drain is not over, or whose deletion waits for us
 * @throws  KubernetesError
 */
export async function lookEverywhere({ clusters }: World, key: Key): Promise<Outcome> {
  const { namespace } = key;
  const pages = clusters.management.list<InstanceTermination>(instanceTerminations, { namespace });
  const isOpen = ({ metadata, status }: InstanceTermination) =>
    status?.finishTime === undefined || metadata.deletionTimestamp !== undefined;
  const others = (await readWanted(pages, isOpen)).map(keyOf);
  return others.length > 0
    ? { did: "looked", because: key.kind, object: key, others }
    : { did: "ignored", because: "NotRecorded", object: key };
}
