/** The conditions of a MachinePool as Cluster API plans them (proposal 20240916-improve-status): every pass says all of them. */
import type { NewPoolCondition, Said } from "./pool-condition.ts";
import { conditionOf, negative, no, unknown, yes } from "./pool-condition.ts";
import { deletingCondition } from "./pool-deleting.ts";
import {
  desiredReplicas,
  hasBootstrapData,
  isDeleting,
  isProvisioned,
  lacksSecretName,
  observedReplicas,
} from "./pool-facts.ts";
import type { PoolNumbers } from "./pool-numbers.ts";
import { ambiguousMessage, missingMessage, NO_SECRET_NAME } from "./pool-v1beta1.ts";
import type { PoolView, RefSight } from "./pool-view.ts";

/** Sorted by type. */
export function poolConditions(
  view: PoolView,
  numbers: PoolNumbers | undefined,
  generation: number,
): readonly NewPoolCondition[] {
  const said: Readonly<Record<string, Said>> = {
    Available: available(view, numbers),
    BootstrapConfigReady: bootstrapConfigReady(view),
    Deleting: deletingCondition(view),
    InfrastructureReady: infrastructureReady(view),
    MachinesReady: machinesReady(view, numbers),
    MachinesUpToDate: machinesUpToDate(view, numbers),
    Paused: no("NotPaused"),
    Remediating: remediating(view),
    RollingOut: rollingOut(numbers),
    ScalingDown: scalingDown(view),
    ScalingUp: scalingUp(view),
  };
  return Object.entries(said).map(([type, one]) => conditionOf(type, one, generation));
}

function inspection({ workloadTrouble }: PoolView): Said {
  return unknown(
    workloadTrouble?.reason === "ApiServerUnreachable" ? "ConnectionDown" : "InspectionFailed",
    workloadTrouble?.message ?? "the Nodes of the workload cluster have not been read",
  );
}

function available(view: PoolView, numbers: PoolNumbers | undefined): Said {
  if (isDeleting(view)) return no("NotAvailable", "* Deletion in progress");
  const { infrastructure } = view;
  if (infrastructure.seen !== "found" || !isProvisioned(infrastructure.object))
    return no("NotAvailable", "* The infrastructure is not provisioned");
  if (!numbers) return unknown("AvailableUnknown", inspection(view).message);
  const desired = desiredReplicas(view.machinePool);
  if (numbers.available >= desired) return yes("Available");
  return no("NotAvailable", `* ${numbers.available} available replicas, at least ${desired} required`);
}

/** Of either flavour of condition; without one, what the contract's own fields say. */
function mirroredReady<
  T extends {
    readonly status?: {
      readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
    };
  },
>(sight: RefSight<T>): Said | undefined {
  if (sight.seen !== "found") return undefined;
  const ready = sight.object.status?.conditions?.find(({ type }) => type === "Ready");
  if (!ready) return undefined;
  if (ready.status === "True") return yes("Ready", ready.message ?? "");
  if (ready.status === "False") return no(ready.reason || "NotReady", ready.message ?? "");
  return unknown(ready.reason || "ReadyUnknown", ready.message ?? "");
}

function bootstrapConfigReady(view: PoolView): Said {
  const { bootstrap } = view;
  if (bootstrap.seen === "none") return hasBootstrapData(view) ? yes("DataSecretProvided") : no("DoesNotExist");
  if (bootstrap.seen === "missing") return no("DoesNotExist", missingMessage(view, "bootstrap"));
  if (bootstrap.seen === "unread") return unknown("InternalError", bootstrap.trouble.message);
  if (lacksSecretName(view)) return no("DataSecretNameMissing", NO_SECRET_NAME);
  return mirroredReady(bootstrap) ?? (hasBootstrapData(view) ? yes("Ready") : no("NotReady"));
}

function infrastructureReady(view: PoolView): Said {
  const { infrastructure } = view;
  if (infrastructure.seen === "unread") return unknown("InternalError", infrastructure.trouble.message);
  if (infrastructure.seen !== "found") {
    const wasThere = view.machinePool.status?.initialization?.infrastructureProvisioned === true || isDeleting(view);
    return no(wasThere ? "ObjectDeleted" : "DoesNotExist", missingMessage(view, "infrastructure"));
  }
  const told = mirroredReady(infrastructure);
  return told ?? (isProvisioned(infrastructure.object) ? yes("Provisioned") : no("NotProvisioned"));
}

function machinesReady(view: PoolView, numbers: PoolNumbers | undefined): Said {
  if (!numbers) return inspection(view);
  if (numbers.match.ambiguous.length > 0) return no("AmbiguousNodes", `* ${ambiguousMessage(numbers)}`);
  if (numbers.ids.length === 0) return yes("NoReplicas");
  if (numbers.notReady.length === 0) return yes("Ready");
  const missing = new Set(numbers.match.unmatched);
  const lines = [
    namedLine(
      numbers.notReady.filter((id) => missing.has(id)),
      "has no Node yet",
      "have no Node yet",
    ),
    namedLine(
      numbers.notReady.filter((id) => !missing.has(id)),
      "has a Node that is not Ready",
      "have Nodes that are not Ready",
    ),
  ];
  return no("NotReady", lines.filter(Boolean).join("\n"));
}

const NAMED = 3;

function namedLine(ids: readonly string[], one: string, several: string): string {
  if (ids.length === 0) return "";
  const more = ids.length > NAMED ? `, ... (${ids.length - NAMED} more)` : "";
  return `* ${ids.slice(0, NAMED).join(", ")}${more} ${ids.length === 1 ? one : several}`;
}

function machinesUpToDate(view: PoolView, numbers: PoolNumbers | undefined): Said {
  if (!numbers) return unknown("UpToDateUnknown", inspection(view).message);
  if (numbers.ids.length === 0) return yes("NoReplicas");
  if (numbers.notUpToDate.length === 0) return yes("UpToDate");
  return no("NotUpToDate", namedLine(numbers.notUpToDate, "is not up to date", "are not up to date"));
}

function rollingOut(numbers: PoolNumbers | undefined): Said {
  if (!numbers) return unknown("InternalError", "the Nodes of the workload cluster have not been read");
  const { notUpToDate, ids } = numbers;
  return negative(notUpToDate.length > 0, "RollingOut", {
    message: `* Rolling out ${notUpToDate.length} of ${ids.length} replicas`,
  });
}

function scalingUp(view: PoolView): Said {
  const [desired, now] = [desiredReplicas(view.machinePool), observedReplicas(view)];
  return negative(!isDeleting(view) && desired > now, "ScalingUp", {
    message: `* Scaling up from ${now} to ${desired} replicas`,
  });
}

function scalingDown(view: PoolView): Said {
  const [desired, now] = [isDeleting(view) ? 0 : desiredReplicas(view.machinePool), observedReplicas(view)];
  return negative(desired < now, "ScalingDown", { message: `* Scaling down from ${now} to ${desired} replicas` });
}

function remediating({ machines }: PoolView): Said {
  const ill = (machines?.machines ?? []).filter(({ status }) =>
    status?.conditions?.some(({ type, status: value }) => type === "OwnerRemediated" && value === "False"),
  );
  const names = ill.map(({ metadata }) => metadata.name);
  return negative(ill.length > 0, "Remediating", {
    message: namedLine(names, "is being remediated", "are being remediated"),
  });
}
