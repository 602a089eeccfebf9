/** Which machines go next: upstream's rule for rollouts and scale-in, letter for letter, over plain data. */
import type { DeletePolicy } from "../../../api/azure/azure-machine-pool.ts";
import { sha256 } from "./text-of.ts";

export interface Candidate {
  readonly providerID: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** undefined: nothing is known of it yet. */
  readonly state: string | undefined;
  /** Its Node is Ready. */
  readonly ready: boolean;
  readonly latest: boolean;
  /** Somebody wants it to be the first. */
  readonly marked: boolean;
  /** On its way out already. */
  readonly going: boolean;
  /** A person took its drain back: it goes only when nobody else is left. */
  readonly spared?: boolean;
}

export interface Choice {
  readonly desired: number;
  readonly maxUnavailable: number;
  readonly policy: DeletePolicy;
  /** Old machines are being replaced, and there are not fewer wished than before. */
  readonly rollout: boolean;
}

interface Sets {
  readonly failed: readonly Candidate[];
  /** Azure deletes them, and nobody here knows why. */
  readonly deleting: readonly Candidate[];
  readonly marked: readonly Candidate[];
  readonly ready: readonly Candidate[];
  readonly unready: readonly Candidate[];
  readonly old: readonly Candidate[];
}

/**
 * @returns who goes now, in order; nobody while a replacement is on its way
 * @source  CAPZ azure/scope/strategies/machinepool_deployments/machinepool_deployment_strategy.go (SelectMachinesToDelete)
 */
export function selectVictims(machines: readonly Candidate[], choice: Choice): readonly Candidate[] {
  const sets = setsOf(ordered(machines, choice.policy));
  const { failed, deleting, marked, ready, old } = sets;
  if (failed.length > 0 || deleting.length > 0) return [...markedFirst(failed), ...markedFirst(deleting)];
  if (marked.length > 0) return marked;
  const { desired, maxUnavailable } = choice;
  const protectedCount = protectedOf(sets, choice);
  const surplus = ready.length + sets.unready.length - protectedCount - desired;
  if (surplus > 0) return surplusOf(sets, surplus, protectedCount);
  if (ready.length < desired || old.length === 0) return [];
  const budget = maxUnavailable > desired ? desired : ready.length - desired + maxUnavailable;
  return budget > 0 ? ready.filter(({ latest }) => !latest).slice(0, budget) : [];
}

const markedFirst = (machines: readonly Candidate[]): readonly Candidate[] => [
  ...machines.filter(({ marked }) => marked),
  ...machines.filter(({ marked }) => !marked),
];

/** Old ones in service that unready replacements stand for. */
const protectedOf = ({ ready, unready }: Sets, { rollout }: Choice): number =>
  rollout ? Math.min(ready.filter(({ latest }) => !latest).length, unready.filter(({ latest }) => latest).length) : 0;

function surplusOf({ ready, unready, old }: Sets, surplus: number, protectedCount: number): readonly Candidate[] {
  const fresh = unready.filter(({ latest }) => latest);
  const order = [
    ...unready.filter(({ latest }) => !latest),
    ...fresh.slice(0, fresh.length - protectedCount),
    ...old.filter((one) => ready.includes(one)),
    ...ready.filter(({ latest }) => latest),
  ];
  return order.slice(0, surplus);
}

function setsOf(machines: readonly Candidate[]): Sets {
  const stays = machines.filter(({ going }) => !going);
  const isEnding = ({ state }: Candidate) => state === "Failed" || state === "Deleting";
  return {
    failed: machines.filter(({ state }) => state === "Failed"),
    deleting: stays.filter(({ state }) => state === "Deleting"),
    marked: machines.filter(({ marked }) => marked),
    ready: stays.filter(({ ready, state }) => ready && state === "Succeeded"),
    unready: stays.filter((one) => !one.ready && one.state !== undefined && !isEnding(one)),
    old: machines.filter(({ latest }) => !latest),
  };
}

/** Upstream shuffles for "Random"; here the order is without meaning too, but the same at each look. */
function ordered(machines: readonly Candidate[], policy: DeletePolicy): readonly Candidate[] {
  return inOrder(machines, policy).toSorted((a, b) => Number(a.spared ?? false) - Number(b.spared ?? false));
}

function inOrder(machines: readonly Candidate[], policy: DeletePolicy): readonly Candidate[] {
  const byName = machines.toSorted((a, b) => (a.providerID < b.providerID ? -1 : 1));
  if (policy === "Random") {
    return byName
      .map((one) => ({ one, rank: sha256(one.providerID) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ one }) => one);
  }
  const sign = policy === "Newest" ? -1 : 1;
  return byName.toSorted((a, b) => sign * (a.created - b.created));
}
