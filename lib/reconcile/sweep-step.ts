/** Looks for everything that was missed: overdue records, and instances that wait although no event told of them. */
import type { Key } from "../api/key.ts";
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../api/lifecycle/instance-termination.ts";
import type { LeavingInstance } from "../api/trigger.ts";
import type { InfrastructurePool } from "../providers/provider.ts";
import { isCloseToExpiry } from "./decide/hold-expiry.ts";
import { isOverdue } from "./decide/overdue.ts";
import { pausedIn } from "./decide/owner.ts";
import { isOwnRemoval } from "./decide/removal.ts";
import { keyOf } from "./key-of.ts";
import { recordLeaving } from "./notice-step.ts";
import type { Outcome, World } from "./step.ts";
import { troubleOf } from "./trouble.ts";

/** `look`: put the key on the queue. `recorded`: an instance was found waiting; the outcome of its record. */
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
  const recorded = new Set<string>();
  const nowSeconds = world.now().getTime() / 1000;
  const { finishedTtlSeconds } = world.settings;
  for await (const page of world.clusters.management.list<InstanceTermination>(instanceTerminations)) {
    for (const termination of page) {
      // A removal of ours without a hold is still to be told of the hook that stops it.
      if (termination.status?.finishTime === undefined && !isOwnRemoval(termination.spec))
        recorded.add(termination.metadata.labels?.[INSTANCE_LABEL] ?? "");
      const { hold } = termination.spec;
      if (hold && isCloseToExpiry(termination, world.provider.terms(hold), nowSeconds))
        onCloseToExpiry?.(keyOf(termination));
      if (isOverdue(termination, nowSeconds, finishedTtlSeconds)) yield { kind: "look", key: keyOf(termination) };
    }
  }
  yield* findWaiting(world, recorded);
}

async function* findWaiting(world: World, recorded: ReadonlySet<string>): AsyncGenerator<Swept> {
  const { provider, clusters } = world;
  if (!provider.findHeld) return;
  for await (const page of clusters.management.list<InfrastructurePool>(provider.pools.resource)) {
    const awake = page.filter((pool) => pausedIn(undefined, [pool]) === undefined);
    const names = awake.map((pool) => provider.pools.groupNameOf(pool));
    for (let start = 0; start < names.length; start += GROUPS_AT_ONCE) {
      const held = await provider.findHeld(names.slice(start, start + GROUPS_AT_ONCE), world.now());
      for (const notice of held.filter(({ instanceId }) => !recorded.has(instanceId))) {
        yield { kind: "recorded", instanceId: notice.instanceId, outcome: await recordFound(world, notice) };
      }
    }
  }
}

async function recordFound(world: World, notice: LeavingInstance): Promise<Outcome> {
  try {
    const outcome = await recordLeaving(world, notice, { foundWaiting: true });
    // Nobody knows how long it has waited: its timer starts anew, and drain-step takes over.
    if (outcome.did === "recorded" && !world.settings.dryRun) await restartTimer(world, notice);
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
