/** The conditions of an AzureMachinePool, with upstream's types, reasons and severities (CAPZ api/v1beta1/conditions_consts.go). */
import type { ProviderError } from "../../errors.ts";
import type { PoolCondition } from "../../pool-provider.ts";
import { adviceOf } from "../errors.ts";
import { isLatest } from "./latest.ts";
import { ALLOCATION_CODES } from "./retries.ts";
import { creating, deleting, outOfDate, roleMissing, roleUnmanaged } from "./sentences.ts";
import type { AzureSight } from "./sight.ts";

export interface Saying {
  readonly sight: AzureSight;
  /** Instances whose Node is Ready. */
  readonly ready: number;
  /** What the pass failed of; passing faults are none of a person's business. */
  readonly failed: ProviderError | undefined;
}

type Severity = NonNullable<PoolCondition["severity"]>;

const isTrue = (type: string): PoolCondition => ({ type, status: "True" });
const isFalse = (type: string, severity: Severity, reason: string, message?: string): PoolCondition => ({
  type,
  status: "False",
  severity,
  reason,
  ...(message && { message }),
});

/** Throttling and the like passes by itself: a condition that followed it would flicker. */
export function lasting(failed: ProviderError | undefined): ProviderError | undefined {
  return failed && ["denied", "invalid", "not-found"].includes(failed.kind) ? failed : undefined;
}

export function conditionsOf(saying: Saying): readonly PoolCondition[] {
  const { sight } = saying;
  return [
    bootstrapSucceeded(saying),
    running(saying),
    ...(sight.scaleSet ? [desiredReplicas(saying), modelUpdated(saying), deletesDrained(sight)] : []),
    ...(sight.role && sight.roleAssigned ? [roleReady(sight)] : []),
  ];
}

/** What Azure accepted and then failed: its code, its words, and what to do. */
function fault({ operation }: AzureSight): { readonly code: string; readonly message: string } | undefined {
  if (operation?.status !== "failed") return undefined;
  const { code = "Failed", message = "" } = operation;
  const advice = adviceOf(code);
  return { code, message: `${code}: ${message}${advice ? ` (${advice})` : ""}` };
}

const isShortage = (code: string): boolean => ALLOCATION_CODES.includes(code);

/** Upstream's name for the outcome of the PUT; it has nothing to do with kubeadm. */
function bootstrapSucceeded({ sight, failed }: Saying): PoolCondition {
  const type = "BootstrapSucceeded";
  const { scaleSet, operation } = sight;
  const said = failed?.message ?? (isShortage(operation?.code ?? "") ? undefined : fault(sight)?.message);
  if (sight.deleting) {
    return said ? isFalse(type, "Error", "DeletionFailed", said) : isFalse(type, "Info", "Deleting", deleting(sight));
  }
  if (said) return isFalse(type, "Error", "Failed", said);
  const isNew = !scaleSet || scaleSet.provisioningState === "Creating";
  return isNew ? isFalse(type, "Info", "Creating", creating(sight)) : isTrue(type);
}

function running({ sight }: Saying): PoolCondition {
  const type = "ScaleSetRunning";
  const problem = sight.foreign ?? sight.problem;
  if (problem) return isFalse(type, "Error", problem.reason, problem.message);
  const { scaleSet } = sight;
  if (sight.deleting) return isFalse(type, "Info", "ScaleSetDeleting", deleting(sight));
  if (!scaleSet) return isFalse(type, "Info", "ScaleSetCreating", creating(sight));
  switch (scaleSet.provisioningState) {
    case "Succeeded":
    case "Updating":
      return isTrue(type);
    case "Creating":
      return isFalse(type, "Info", "ScaleSetCreating", creating(sight));
    case "Deleting":
      return isFalse(
        type,
        "Info",
        "ScaleSetDeleting",
        "somebody deletes the scale set; it is made anew once it is gone",
      );
    case "Failed":
      return isFalse(type, "Error", "ScaleSetProvisionFailed", fault(sight)?.message);
    default:
      return isFalse(type, "Info", scaleSet.provisioningState);
  }
}

function desiredReplicas({ sight, ready }: Saying): PoolCondition {
  const type = "ScaleSetDesiredReplicas";
  const capacity = sight.scaleSet?.capacity;
  const wanted = sight.externallyManaged ? capacity : (sight.wish?.replicas ?? capacity);
  const failed = fault(sight);
  if (failed && isShortage(failed.code)) return isFalse(type, "Warning", failed.code, failed.message);
  if (wanted === undefined || ready === wanted) return isTrue(type);
  const message = `${ready} of ${wanted} instances have a Node that is Ready`;
  return ready < wanted
    ? isFalse(type, "Info", "ScaleSetScalingUp", message)
    : isFalse(type, "Info", "ScaleSetScalingDown", message);
}

function modelUpdated({ sight }: Saying): PoolCondition {
  const type = "ScaleSetModelUpdated";
  const reason = "ScaleSetModelOutOfDate";
  const old = sight.machines.filter((one) => !isLatest(one, sight)).length;
  const isOut = old > 0 || sight.scaleSet?.provisioningState === "Updating";
  return isOut ? isFalse(type, "Info", reason, outOfDate(sight, old)) : isTrue(type);
}

/** Ours: whoever else may delete instances does so without a drain. */
function deletesDrained({ scaleSet }: AzureSight): PoolCondition {
  const type = "ScaleSetDeletesDrained";
  const rules = scaleSet?.foreignRules ?? [];
  if (rules.length === 0) return isTrue(type);
  const message = `Azure may delete instances that nobody has drained: ${rules.join("; ")}; switch it off`;
  return isFalse(type, "Warning", "OthersMayDelete", message);
}

function roleReady(sight: AzureSight): PoolCondition {
  const type = "RoleAssignmentReady";
  const { role, roleAssigned } = sight;
  if (role && roleAssigned === "unmanaged")
    return isFalse(type, "Warning", "RoleNotManaged", roleUnmanaged(role, sight.scaleSet?.principalId));
  return !role || roleAssigned === "right" ? isTrue(type) : isFalse(type, "Info", "Creating", roleMissing(role));
}
