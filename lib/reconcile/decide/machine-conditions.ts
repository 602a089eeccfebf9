/** The conditions of a pool's Machine, read off its instance and its Node. */
import type { InfrastructureMachine } from "../../api/core/infrastructure-pool.ts";
import type { Machine } from "../../api/core/machine.ts";
import type { Condition } from "../../api/kubernetes/meta.ts";
import { PRE_DRAIN_HOOK, PRE_TERMINATE_HOOK } from "./deletion-hooks.ts";
import { no, type Said, unknown, yes } from "./pool-condition.ts";
import { isUpToDate, secondsToAvailable } from "./pool-numbers.ts";
import type { PoolNode, PoolView } from "./pool-view.ts";

const HOOK_REASONS: readonly string[] = [PRE_DRAIN_HOOK, PRE_TERMINATE_HOOK];

interface Seat {
  readonly providerID: string;
  readonly machine: Machine | undefined;
  readonly node: PoolNode | undefined;
  readonly infrastructure: InfrastructureMachine | undefined;
}

export type MachineCondition = Omit<Condition, "lastTransitionTime" | "observedGeneration">;

/** Sorted by type; those of others (HealthCheckSucceeded, OwnerRemediated ...) are not touched. */
export function machineConditions(view: PoolView, seat: Seat): readonly MachineCondition[] {
  const deleting = seat.machine?.metadata.deletionTimestamp !== undefined;
  const ready = readyOf(seat, deleting);
  const said: Readonly<Record<string, Said>> = {
    Available: availableOf(view, seat, ready),
    BootstrapConfigReady: yes("DataSecretProvided"),
    Deleting: deleting ? deletingOf(view, seat) : no("NotDeleting"),
    InfrastructureReady: yes("Provisioned"),
    NodeReady: nodeReady(seat),
    Paused: no("NotPaused"),
    Ready: ready,
    UpToDate: upToDate(view, seat, deleting),
  };
  return Object.entries(said).map(([type, one]) => ({ type, ...one }));
}

function nodeReady({ node }: Seat): Said {
  if (!node) return unknown("InspectionFailed", "* Waiting for a Node with the providerID of this Machine");
  return node.ready ? yes("NodeReady") : no("NodeNotReady", `* Node ${node.name} is not Ready`);
}

function readyOf(seat: Seat, deleting: boolean): Said {
  if (deleting) return no("NotReady", "* Deleting: Machine deletion in progress");
  const node = nodeReady(seat);
  if (node.status === "True") return yes("Ready");
  return node.status === "False" ? no("NotReady", node.message) : unknown("ReadyUnknown", node.message);
}

function availableOf(view: PoolView, { node }: Seat, ready: Said): Said {
  if (ready.status !== "True" || !node) return no("NotReady");
  return secondsToAvailable(view, node) > 0 ? no("WaitingForMinReadySeconds") : yes("Available");
}

function upToDate(view: PoolView, { providerID, node }: Seat, deleting: boolean): Said {
  if (deleting) return no("NotUpToDate", "* Machine is being deleted");
  if (!node && !view.outdated) return unknown("UpToDateUnknown", "* The version of the Node is not known yet");
  return isUpToDate(view, providerID, node)
    ? yes("UpToDate")
    : no("NotUpToDate", "* The instance or its kubelet is of an older version");
}

/** What the drain waits for is said with its own reason, as upstream says it of its deletion. */
function deletingOf({ leaving }: PoolView, { providerID }: Seat): Said {
  const termination = leaving.get(providerID);
  if (!termination) return yes("DrainingNode", "* Waiting for the instance to be gone");
  const hook = termination.status?.conditions?.find(({ reason }) => HOOK_REASONS.includes(reason));
  if (hook) return yes(hook.reason, `* ${hook.message}`);
  return yes("DrainingNode", `* InstanceTermination ${termination.metadata.name} drains the Node`);
}

const FIELDS = ["status", "reason", "message", "observedGeneration"] as const;

export const isConditionEqual = (before: readonly Condition[] | undefined, next: Condition): boolean => {
  const old = before?.find(({ type }) => type === next.type);
  return old !== undefined && FIELDS.every((field) => old[field] === next[field]);
};
