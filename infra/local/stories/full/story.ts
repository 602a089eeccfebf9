/** A story of the full profile: acts in which a person changes a pool, each over when the pool has come to rest. */
import type { AwsMachinePool } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { type InstanceTermination, instanceTerminations } from "../../../../lib/api/lifecycle/instance-termination.ts";
import type { Promised } from "../../verdict.ts";
import { acceptsPods, type FullCount, type FullSeen } from "./seen.ts";
import type { FullStage } from "./stage.ts";

export interface Act {
  readonly title: string;
  readonly begin: (stage: FullStage) => Promise<void>;
  readonly isDone: (stage: FullStage, count: FullCount) => boolean;
  /** Virtual; longer is a broken promise. */
  readonly maxSeconds: number;
}

export interface FullStory {
  readonly name: string;
  readonly title: string;
  /** Of a pool that runs before the story begins; absent: there is none. */
  readonly pool?: AwsMachinePool["spec"];
  readonly acts: readonly Act[];
  readonly promises: (seen: FullSeen) => readonly Promised[];
}

/** So many instances, Nodes and counters agree, and nobody leaves. */
export function isAtRest(stage: FullStage, size: number): boolean {
  const pool = stage.machinePool();
  const { replicas, readyReplicas, upToDateReplicas, phase, observedGeneration } = pool?.status ?? {};
  const instances = stage.instances();
  const joined = stage.watched.items<Node>(nodes);
  const drains = stage.watched.items<InstanceTermination>(instanceTerminations);
  return (
    phase === "Running" &&
    observedGeneration === pool?.metadata.generation &&
    [replicas, readyReplicas, upToDateReplicas, instances.length, joined.length].every((count) => count === size) &&
    stage.machines().length === size &&
    instances.every(({ member }) => member?.lifecycleState === "InService") &&
    joined.every(acceptsPods) &&
    drains.every(({ status }) => status?.phase === "Released") &&
    stage.awsMachinePool()?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True"
  );
}
