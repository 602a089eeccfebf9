/** The next step of a pool towards its number and its newest model: first the size, then who goes. */
import type { DeletePolicy, RollingUpdateStrategy } from "../../../api/azure/azure-machine-pool.ts";
import type { RolloutStep, RolloutWish } from "../../pool-provider.ts";
import { providerIdOf } from "../provider-id.ts";
import { isReplaceable } from "./latest.ts";
import { scaled } from "./percent.ts";
import { isWaitingAfterFailure, sizeAsked } from "./retries.ts";
import type { AzureSight, MachineFacts } from "./sight.ts";
import { type Candidate, selectVictims } from "./victims.ts";

export interface Strategy {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly policy: DeletePolicy;
}

/** @param desired what shares are of */
export function strategyOf(strategy: RollingUpdateStrategy | undefined, desired: number): Strategy {
  const { maxSurge = 1, maxUnavailable = 0, deletePolicy = "Oldest" } = strategy?.rollingUpdate ?? {};
  return {
    maxSurge: scaled(maxSurge, desired, "up") ?? 1,
    maxUnavailable: scaled(maxUnavailable, desired, "down") ?? 0,
    policy: deletePolicy,
  };
}

/** Spot's evicted shells count as failed: upstream waits for them for ever. */
export const stateOf = ({ provisioningState, deallocated }: MachineFacts): string =>
  deallocated && provisioningState === "Succeeded" ? "Failed" : provisioningState;

/** Those that are on their way out are no longer anybody's. */
export function candidates(sight: AzureSight, leaving: RolloutWish["leaving"]): readonly Candidate[] {
  return sight.machines.map((machine) => {
    const providerID = providerIdOf(machine.id);
    const member = sight.members.get(providerID);
    return {
      providerID,
      created: machine.timeCreated?.getTime() ?? 0,
      state: stateOf(machine),
      ready: member?.ready ?? false,
      latest: !isReplaceable(machine, sight),
      marked: member?.marked ?? false,
      going: leaving.get(providerID)?.record === "open",
      spared: leaving.get(providerID)?.record === "cancelled",
    };
  });
}

/** What the last decision found; it is what the next pass must know. */
export interface RolloutSeen {
  readonly step: RolloutStep;
  /** There is nobody too many: the number that was wished for is the one to compare the next with. */
  readonly converged: boolean;
}

/**
 * @source CAPZ azure/services/scalesets/spec.go (capacity with surge), azure/scope/machinepool.go (RolloutInProgress,
 *         applyAzureMachinePoolMachines)
 */
export function rolloutStep(
  sight: AzureSight,
  strategy: RollingUpdateStrategy | undefined,
  wish: RolloutWish,
): RolloutSeen {
  const capacity = sight.scaleSet?.capacity ?? 0;
  const replicas = wish.replicas ?? capacity;
  const machines = candidates(sight, wish.leaving);
  const { maxSurge, maxUnavailable, policy } = strategyOf(strategy, replicas);
  if (wish.externallyManaged)
    return { step: oneByOne(machines, capacity, { maxUnavailable, policy }), converged: false };
  const isOld = machines.some(({ latest }) => !latest);
  const isFewer = sight.lastReconciledReplicas !== undefined && replicas < sight.lastReconciledReplicas;
  const rollout = isOld && !isFewer;
  const chosen = selectVictims(machines, { desired: replicas, maxUnavailable, policy, rollout });
  const victims = chosen.filter(({ going }) => !going).map(({ providerID }) => providerID);
  // One that replaces nobody would have to go again: no more than old ones are left, and none while there are to be fewer.
  const left = machines.filter(({ latest, going }) => !latest && !going).length;
  const isEnough = machines.filter(({ latest }) => latest).length === capacity;
  const surge = rollout && !isEnough ? Math.min(maxSurge, left) : 0;
  const step: RolloutStep = {
    desired: sizeFor(sight, replicas + surge),
    victims,
    decrement: true,
    ...(rollout && { atOnce: Math.max(1, maxSurge + maxUnavailable) }),
    because: rollout ? "RollingUpdate" : replicas < capacity ? "ScaleIn" : "ScaleOut",
  };
  return { step, converged: machines.length - chosen.length <= replicas };
}

/** More are asked for at once; fewer come by removals, or where Azure has not made them yet. */
function sizeFor(sight: AzureSight, wanted: number): number {
  const { scaleSet, machines } = sight;
  const capacity = scaleSet?.capacity ?? 0;
  if (wanted > capacity) return isWaitingAfterFailure(sight, sizeAsked(sight, wanted)) ? capacity : wanted;
  return Math.min(capacity, Math.max(wanted, machines.length));
}

/** The number is somebody else's: it stays the same, and old ones are replaced within what may be missing, one at least. */
function oneByOne(
  machines: readonly Candidate[],
  capacity: number,
  { maxUnavailable, policy }: Pick<Strategy, "maxUnavailable" | "policy">,
): RolloutStep {
  const budget = Math.max(1, maxUnavailable);
  const missing = machines.filter(({ going, ready, state }) => going || !ready || state !== "Succeeded");
  const failed = machines.filter(({ state, going }) => state === "Failed" && !going);
  const old = machines.filter(({ latest, ready, going }) => !latest && ready && !going);
  const choice = { desired: 0, maxUnavailable: 0, policy, rollout: false };
  const inOrder = selectVictims(old, { ...choice, desired: 0 });
  const left = Math.max(0, budget - missing.length);
  const victims = failed.length > 0 ? failed : inOrder.slice(0, left);
  return {
    desired: capacity,
    victims: victims.map(({ providerID }) => providerID),
    decrement: false,
    atOnce: budget,
    because: "Replacing",
  };
}
