/** Which instances that the pool's list lacks may live all the same: what stands for them stays for now. */
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { instanceList } from "./pool-facts.ts";
import type { PoolView, RefSight } from "./pool-view.ts";
import { secondsOf } from "./time.ts";

/** Clouds are eventually consistent: an old state of a group lacks what was launched last, and the list loses it again. */
const LATE_SECONDS = 5 * 60;
/** The second reading says nothing for certain. */
const UNREAD_SECONDS = 15;
/** The list has it by now, and the next pass sees it. */
const LISTED_SECONDS = 1;

/**
 * Pure. An instance is older than everything that stands for it: once any of that is old, the list shows no old state. A
 * Node whose kubelet fell silent is no sign of life, and whom we let go ourselves the cloud has taken; one that a
 * termination only found gone it may have shown too late.
 * @param again  the infrastructure pool, read once more after the Machines and Nodes: a pass may take long, and what joins
 *               meanwhile is only in what is read last
 * @returns      providerID -> until when it is doubted that the instance is gone, in seconds since 1970
 */
export function doubtsOf(view: PoolView, again: RefSight<InfrastructurePool>): ReadonlyMap<string, number> {
  const { ids, trusted } = instanceList(view.machinePool, again);
  const listed = new Set(ids);
  const doubtedUntil = ({ providerID, bornSeconds, silent }: Standing): number => {
    if (!trusted) return view.nowSeconds + UNREAD_SECONDS;
    if (listed.has(providerID)) return view.nowSeconds + LISTED_SECONDS;
    const isCertain = silent || view.letGo.has(providerID) || again.seen === "missing";
    return isCertain ? view.nowSeconds : bornSeconds + LATE_SECONDS;
  };
  const doubts = standingFor(view).map((one) => [one.providerID, doubtedUntil(one)] as const);
  return new Map(doubts.filter(([, until]) => until > view.nowSeconds));
}

/** Nobody drains it any more, and nobody doubts that it is gone. */
export const isOverWith = ({ leaving, doubts }: Pick<PoolView, "leaving" | "doubts">, providerID: string): boolean =>
  !leaving.has(providerID) && !doubts.has(providerID);

interface Standing {
  readonly providerID: string;
  /** Of the oldest object. */
  readonly bornSeconds: number;
  readonly silent: boolean;
}

/** Nodes, Machines and infrastructure machines of instances that the list did not have at first. */
function standingFor({ machinePool, infrastructure, machines, nodes }: PoolView): readonly Standing[] {
  const known = new Set(instanceList(machinePool, infrastructure).ids);
  const all = new Map<string, Standing>();
  const add = ({ providerID, bornSeconds, silent }: Standing) => {
    const before = all.get(providerID);
    const oldest = Math.min(before?.bornSeconds ?? bornSeconds, bornSeconds);
    all.set(providerID, { providerID, bornSeconds: oldest, silent: silent || (before?.silent ?? false) });
  };
  for (const node of nodes?.retired ?? []) add(node);
  for (const { metadata, spec } of [...(machines?.machines ?? []), ...(machines?.infrastructure ?? [])]) {
    const { providerID } = spec;
    const { creationTimestamp } = metadata;
    if (providerID === undefined || known.has(providerID) || creationTimestamp === undefined) continue;
    add({ providerID, bornSeconds: secondsOf(creationTimestamp), silent: false });
  }
  return [...all.values()];
}
