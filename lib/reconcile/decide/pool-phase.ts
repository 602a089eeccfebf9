/** The phase of a MachinePool, rule by rule as upstream has them; a later rule overwrites. */
import type { MachinePoolPhase } from "../../api/core/machine-pool.ts";

export interface PhaseFacts {
  readonly before: MachinePoolPhase | undefined;
  readonly bootstrapCreated: boolean;
  readonly infrastructureProvisioned: boolean;
  readonly nodeRefs: number;
  readonly desired: number;
  readonly ready: number;
  readonly externallyManaged: boolean;
  readonly deleting: boolean;
}

/** @source cluster-api core/reconcilers/machinepool/machinepool_controller_phases.go (reconcilePhase) */
export function poolPhase(facts: PhaseFacts): MachinePoolPhase {
  if (facts.deleting) return "Deleting";
  if (facts.infrastructureProvisioned) {
    if (facts.desired === facts.ready) return "Running";
    if (facts.externallyManaged) return "Scaling";
    return facts.desired > facts.ready ? "ScalingUp" : "ScalingDown";
  }
  if (facts.nodeRefs > 0) return "Provisioned";
  if (facts.bootstrapCreated) return "Provisioning";
  return facts.before ?? "Pending";
}
