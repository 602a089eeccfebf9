/** The whole status of a MachinePool: a pure function of what a pass saw, without the current time. */
import type { MachinePoolStatus } from "../../api/core/machine-pool.ts";
import type { NewPoolCondition } from "./pool-condition.ts";
import { poolConditions } from "./pool-conditions.ts";
import {
  desiredReplicas,
  hasBootstrapData,
  isDeleting,
  isExternallyManaged,
  isProvisioned,
  lacksSecretName,
  observedReplicas,
} from "./pool-facts.ts";
import { type PoolNumbers, poolNumbers } from "./pool-numbers.ts";
import { poolPhase } from "./pool-phase.ts";
import { type SaidV1Beta1, v1beta1Conditions } from "./pool-v1beta1.ts";
import type { PoolView } from "./pool-view.ts";

export interface SaidPoolStatus {
  readonly fields: Omit<MachinePoolStatus, "conditions" | "deprecated" | "observedGeneration">;
  readonly v1beta1: {
    readonly readyReplicas: number;
    readonly availableReplicas: number;
    readonly unavailableReplicas: number;
  };
  readonly conditions: readonly NewPoolCondition[];
  readonly v1beta1Conditions: readonly SaidV1Beta1[];
  /** Nothing failed: the generation counts as observed. */
  readonly complete: boolean;
}

/** @param generation of the object that is written to: a spec patch of the same pass has moved it */
export function poolStatus(view: PoolView, generation: number): SaidPoolStatus {
  const numbers = poolNumbers(view);
  const counters = countersOf(view, numbers);
  const initialization = {
    bootstrapDataSecretCreated: hasBootstrapData(view),
    infrastructureProvisioned: view.infrastructure.seen === "found" && isProvisioned(view.infrastructure.object),
  };
  const { nodeRefs, versions, ...rest } = counters;
  const phase = poolPhase({
    before: view.machinePool.status?.phase,
    bootstrapCreated: initialization.bootstrapDataSecretCreated,
    infrastructureProvisioned: initialization.infrastructureProvisioned,
    nodeRefs: nodeRefs.length,
    desired: desiredReplicas(view.machinePool),
    ready: rest.readyReplicas,
    externallyManaged: isExternallyManaged(view.machinePool),
    deleting: isDeleting(view),
  });
  return {
    fields: {
      initialization,
      phase,
      ...rest,
      ...(nodeRefs.length > 0 && { nodeRefs }),
      ...(versions.length > 0 && { versions }),
    },
    v1beta1: {
      readyReplicas: rest.readyReplicas,
      availableReplicas: rest.availableReplicas,
      unavailableReplicas: Math.max(0, rest.replicas - rest.availableReplicas),
    },
    conditions: poolConditions(view, numbers, generation),
    v1beta1Conditions: v1beta1Conditions(view, numbers),
    complete: isComplete(view),
  };
}

/** A workload cluster that does not answer leaves the counters as they were. */
function countersOf(view: PoolView, numbers: PoolNumbers | undefined) {
  const { status } = view.machinePool;
  return {
    replicas: observedReplicas(view),
    readyReplicas: numbers?.ready ?? status?.readyReplicas ?? 0,
    availableReplicas: numbers?.available ?? status?.availableReplicas ?? 0,
    upToDateReplicas: numbers?.upToDate ?? status?.upToDateReplicas ?? 0,
    nodeRefs: numbers?.nodeRefs ?? status?.nodeRefs ?? [],
    versions: numbers?.versions ?? status?.versions ?? [],
  };
}

function isComplete(view: PoolView): boolean {
  const { infrastructure, bootstrap, workloadTrouble } = view;
  const failed = [infrastructure.seen, bootstrap.seen].some((seen) => seen === "missing" || seen === "unread");
  return (!failed || isDeleting(view)) && !workloadTrouble && !lacksSecretName(view);
}
