/** Looks for everything that was missed: overdue records, and instances that wait although no event told of them. */
import type { Key } from "../api/key.ts";
import type { Hold } from "../api/lifecycle/hold.ts";
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../api/lifecycle/instance-termination.ts";
import { holdsAnew } from "../api/lifecycle/merge-holds.ts";
import type { LeavingInstance } from "../api/trigger.ts";
import type { InfrastructurePool } from "../providers/provider.ts";
import { isCloseToExpiry } from "./decide/hold-expiry.ts";
import { isOverdue } from "./decide/overdue.ts";
import { pausedIn } from "./decide/owner.ts";
import { instanceLabel } from "./decide/pool-label.ts";
import { keyOf } from "./key-of.ts";
import { recordLeaving } from "./notice-step.ts";
import type { Outcome, World } from "./step.ts";
import { troubleOf } from "./trouble.ts";

/** `look`: put the key on the queue. `recorded`: an instance was found waiting, or a hook of it; the outcome of its record. */
export type Swept =
  | { readonly kind: "look"; readonly key: Key }
  | { readonly kind: "recorded"; readonly instanceId: string; readonly outcome: Outcome };

const GROUPS_AT_ONCE = 50;

export interface SweepOptions {
  /** Told of each hold that the cloud is about to end although its drain is not over. */
  readonly onCloseToExpiry?: (key: Key) => void;
}

/**
 * Costs no write when everything is settled. One instance that cannot be recorded keeps no other from being found.
 * @throws KubernetesError, ProviderError when nothing can be listed; the next sweep tries again
 */
export async function* sweep(world: World, { onCloseToExpiry }: SweepOptions = {}): AsyncGenerator<Swept> {
  const open: OpenRecords = new Map();
  const nowSeconds = world.now().getTime() / 1000;
  const { finishedTtlSeconds } = world.settings;
  for await (const page of world.clusters.management.list<InstanceTermination>(instanceTerminations)) {
    for (const termination of page) {
      const { hold, dryRun = false } = termination.spec;
      if (termination.status?.finishTime === undefined) {
        const label = termination.metadata.labels?.[INSTANCE_LABEL] ?? "";
        open.set(label, [...(open.get(label) ?? []), { hold, dryRun }]);
      }
      if (hold && isCloseToExpiry(termination, world.provider.terms(hold), nowSeconds))
        onCloseToExpiry?.(keyOf(termination));
      if (isOverdue(termination, nowSeconds, finishedTtlSeconds)) yield { kind: "look", key: keyOf(termination) };
    }
  }
  yield* findWaiting(world, open);
}

/** What the open records say of their instances, by instance label: groups of two accounts may name theirs alike. */
type OpenRecords = Map<string, readonly { readonly hold: Hold | undefined; readonly dryRun: boolean }[]>;

/** Nobody recorded the instance, or not all that holds it. */
function bringsNews(open: OpenRecords, { instanceId, hold }: LeavingInstance): boolean {
  const known = open.get(instanceLabel(instanceId)) ?? [];
  return known.every((one) => !one.dryRun && hold !== undefined && holdsAnew(one.hold, hold));
}

async function* findWaiting(world: World, open: OpenRecords): AsyncGenerator<Swept> {
  const { provider, clusters } = world;
  if (!provider.findHeld) return;
  for await (const page of clusters.management.list<InfrastructurePool>(provider.pools.resource)) {
    const awake = page.filter((pool) => pausedIn(undefined, [pool]) === undefined);
    const names = awake.map((pool) => provider.pools.groupNameOf(pool));
    for (let start = 0; start < names.length; start += GROUPS_AT_ONCE) {
      const held = await provider.findHeld(names.slice(start, start + GROUPS_AT_ONCE), world.now());
      for (const notice of held.filter((waiting) => bringsNews(open, waiting))) {
        yield { kind: "recorded", instanceId: notice.instanceId, outcome: await recordFound(world, notice) };
      }
    }
  }
}

async function recordFound(world: World, notice: LeavingInstance): Promise<Outcome> {
  try {
    const outcome = await recordLeaving(world, notice, { foundWaiting: true });
    // Nobody knows how long it has waited: its timer starts anew, and drain-step takes over.
    const isNews = outcome.did === "tightened" || outcome.did === "recorded";
    if (isNews && !world.settings.dryRun) await restartTimer(world, notice);
    return outcome;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return { did: "failed", because: trouble.reason, message: trouble.message };
  }
}

/** A timer that cannot be restarted costs no record: drain-step sends the next heartbeat. */
async function restartTimer({ provider }: World, { instanceId, hold }: LeavingInstance): Promise<void> {
  if (!hold || !provider.heartbeat) return;
  try {
    const { providerID } = await provider.locate(instanceId);
    await provider.heartbeat(providerID, hold);
  } catch (error) {
    if (!troubleOf(error)) throw error;
  }
}
