/** A story of the full profile: acts in which a person changes a pool, each over when the pool has come to rest. */
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import type { Promised } from "../../verdict.ts";
import type { PoolStage } from "./pool-stage.ts";
import { acceptsPods, type FullCount, type FullSeen } from "./seen.ts";
import type { FullStage } from "./stage.ts";

export interface Act<On = PoolStage> {
  readonly title: string;
  readonly begin: (stage: On) => Promise<void>;
  readonly isDone: (stage: On, count: FullCount) => boolean;
  /** Virtual; longer is a broken promise. */
  readonly maxSeconds: number;
}

/** On the stage of a cloud; without one: on any. */
export interface PoolStory<On = PoolStage> {
  readonly name: string;
  readonly title: string;
  /** Spec of a pool that runs before the story begins; absent: there is none. */
  readonly pool?: object;
  readonly acts: readonly Act<On>[];
  readonly promises: (seen: FullSeen) => readonly Promised[];
}

/** On AWS. */
export type FullStory = PoolStory<FullStage>;

/** So many instances, Nodes and counters agree, and nobody leaves. */
export function isAtRest(stage: PoolStage, size: number): boolean {
  const pool = stage.machinePool();
  const { replicas, readyReplicas, upToDateReplicas, phase, observedGeneration } = pool?.status ?? {};
  const instances = stage.infrastructure.instances();
  const joined = stage.watched.items<Node>(nodes);
  const drains = stage.terminations();
  return (
    phase === "Running" &&
    observedGeneration === pool?.metadata.generation &&
    [replicas, readyReplicas, upToDateReplicas, instances.length, joined.length].every((count) => count === size) &&
    stage.machines().length === size &&
    instances.every(({ serves }) => serves) &&
    joined.every(acceptsPods) &&
    drains.every(({ status }) => status?.phase === "Released") &&
    stage.infrastructurePool()?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True"
  );
}
