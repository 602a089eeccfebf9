/** A hold that holds several instances: who of the others is not ready to go yet. */
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../../api/lifecycle/instance-termination.ts";
import { pausedIn } from "../decide/owner.ts";
import { instanceLabel } from "../decide/pool-label.ts";
import type { World } from "../step.ts";
import { readAll } from "./read-all.ts";

/** Its own pass has found nothing left to wait for, and nobody has paused it since. */
function isReady(termination: InstanceTermination): boolean {
  const { finishTime, releaseTime } = termination.status ?? {};
  return finishTime !== undefined || (releaseTime !== undefined && pausedIn(undefined, [termination]) === undefined);
}

/**
 * One call, none for a hold of one instance. What nobody has recorded yet is not ready either.
 * @returns instance labels, sorted
 */
export async function othersUnready(
  { clusters, provider }: World,
  { metadata, spec }: InstanceTermination,
): Promise<readonly string[]> {
  const shared = spec.hold ? (provider.terms(spec.hold).sharedBy ?? []) : [];
  const own = metadata.labels?.[INSTANCE_LABEL];
  const others = [...new Set(shared.map(instanceLabel))].filter((label) => label !== own).sort();
  if (others.length === 0) return [];
  const found = await readAll(
    clusters.management.list<InstanceTermination>(instanceTerminations, {
      namespace: metadata.namespace ?? "",
      labelSelector: `${INSTANCE_LABEL} in (${others.join(",")})`,
    }),
  );
  const ready = new Set(found.filter(isReady).map((one) => one.metadata.labels?.[INSTANCE_LABEL]));
  return others.filter((label) => !ready.has(label));
}
