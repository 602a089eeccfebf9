/** The simulated disruption controller: keeps every PodDisruptionBudget's status (kubernetes pkg/controller/disruption). */
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { matchesSelector } from "../../../lib/kubernetes/label-selector.ts";
import {
  apiTime,
  controllerOf,
  type DisruptionBudget,
  deployments,
  disruptionBudgets,
  fullName,
  isLeaving,
  isReady,
  replicaSets,
  statefulSets,
  type Workload,
} from "./kinds.ts";
import type { MachineRoom } from "./machines.ts";
import type { Controller, World } from "./world.ts";

/** How long an eviction that was granted may take to show; then the grant is forgotten. */
const GRANT_SECONDS = 120;

export interface HealthyCount {
  /** Ready pods that stay and whose instance is there, at the worst moment. */
  readonly currentHealthy: number;
  /** What the budget asked for at that moment. */
  readonly desiredHealthy: number;
}

const percentOf = (value: number | string, total: number) =>
  typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) * total) / 100);

/** Pods without a controller count nowhere but under an integer minAvailable. */
function expectedScale(world: World, matching: readonly Pod[]): number {
  const workloads = [replicaSets, statefulSets, deployments].flatMap((resource) => world.list<Workload>(resource));
  const find = (uid: string | undefined) => workloads.find(({ metadata }) => uid && metadata.uid === uid);
  const owners = new Map<string, number>();
  for (const pod of matching) {
    const direct = find(controllerOf(pod)?.uid);
    const owner = (direct && find(controllerOf(direct)?.uid)) ?? direct;
    if (owner?.metadata.uid) owners.set(owner.metadata.uid, owner.spec.replicas ?? 1);
  }
  return [...owners.values()].reduce((sum, scale) => sum + scale, 0);
}

function arithmetic(world: World, { spec }: DisruptionBudget, matching: readonly Pod[]) {
  const { minAvailable, maxUnavailable } = spec;
  if (typeof minAvailable === "number") return { expectedPods: matching.length, desiredHealthy: minAvailable };
  const expectedPods = expectedScale(world, matching);
  if (minAvailable !== undefined) return { expectedPods, desiredHealthy: percentOf(minAvailable, expectedPods) };
  if (maxUnavailable === undefined) return { expectedPods, desiredHealthy: expectedPods };
  return { expectedPods, desiredHealthy: Math.max(0, expectedPods - percentOf(maxUnavailable, expectedPods)) };
}

/** Grants whose pod has not begun to leave yet; the others become null, which removes them in a merge. */
function grantsOf(world: World, budget: DisruptionBudget, matching: readonly Pod[]) {
  const granted = Object.entries(budget.status?.disruptedPods ?? {});
  return granted.map(([name, at]) => {
    const pod = matching.find(({ metadata }) => metadata.name === name);
    const isOver = !pod || isLeaving(pod) || world.due(`grant ${budget.metadata.uid} ${name} ${at}`, GRANT_SECONDS);
    return { name, at: isOver ? null : at };
  });
}

function conditionsOf(budget: DisruptionBudget, allowed: number, now: Date) {
  const [status, reason] = allowed > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
  const before = (budget.status?.conditions ?? []) as { status: string; lastTransitionTime: string }[];
  const kept = before.find((condition) => condition.status === status)?.lastTransitionTime;
  const { generation: observedGeneration = 0 } = budget.metadata;
  const lastTransitionTime = kept ?? apiTime(now);
  return [{ type: "DisruptionAllowed", status, reason, message: "", observedGeneration, lastTransitionTime }];
}

async function keepBudget(world: World, budget: DisruptionBudget, matching: readonly Pod[]): Promise<void> {
  const grants = grantsOf(world, budget, matching);
  const held = new Set(grants.filter(({ at }) => at).map(({ name }) => name));
  const healthy = matching.filter((pod) => isReady(pod) && !isLeaving(pod) && !held.has(pod.metadata.name));
  const { expectedPods, desiredHealthy } = arithmetic(world, budget, matching);
  const spare = Math.max(0, healthy.length - desiredHealthy);
  const disruptionsAllowed = expectedPods > 0 ? spare : 0;
  await world.setStatus(disruptionBudgets, budget, {
    expectedPods,
    desiredHealthy,
    currentHealthy: healthy.length,
    disruptionsAllowed,
    observedGeneration: budget.metadata.generation ?? 0,
    conditions: conditionsOf(budget, disruptionsAllowed, world.clock.now()),
    ...(held.size < grants.length && { disruptedPods: Object.fromEntries(grants.map(({ name, at }) => [name, at])) }),
  });
}

/**
 * @param lowest filled with the worst moment of every budget since it was first met: the truth of the machines, not of
 *               the status, which shows a vanished instance's pods as ready for a while
 */
export const disruptionController =
  (room: MachineRoom, lowest: Map<string, HealthyCount>): Controller =>
  async (world) => {
    for (const budget of world.list<DisruptionBudget>(disruptionBudgets)) {
      const matching = world
        .list<Pod>(pods)
        .filter(({ metadata }) => metadata.namespace === budget.metadata.namespace)
        .filter(({ metadata }) => matchesSelector(budget.spec.selector, metadata.labels));
      await keepBudget(world, budget, matching);
      const running = matching.filter((pod) => isReady(pod) && !isLeaving(pod));
      const currentHealthy = running.filter(({ metadata }) => room.running.has(metadata.uid ?? "")).length;
      const { desiredHealthy } = arithmetic(world, budget, matching);
      const worst = lowest.get(fullName(budget));
      const spare = currentHealthy - desiredHealthy;
      const isWorse = worst ? spare < worst.currentHealthy - worst.desiredHealthy : currentHealthy > 0 && spare >= 0;
      if (isWorse) lowest.set(fullName(budget), { currentHealthy, desiredHealthy });
    }
  };
