/** The one thing a pass over a MachinePool does outside its status; order is the order of the rules. */
import { MACHINE_POOL_FINALIZER } from "../../api/core/machine-pool.ts";
import { nodes } from "../../api/kubernetes/node.ts";
import { isOverWith } from "./doubts.ts";
import { isUnhealthy, type MachinePlan, machinePlan } from "./machine-plan.ts";
import type { ObjectWrite } from "./object-write.ts";
import { deletionStage, isNodeDeletionOver } from "./pool-deleting.ts";
import { instanceList, isDeleting } from "./pool-facts.ts";
import { adoption, poolPatch, referenceDeletions } from "./pool-patch.ts";
import type { PoolView, RetiredNode } from "./pool-view.ts";

/** Writes of one pass: a batch, so that a large pool is done in a few. */
export const BATCH = 100;

export interface Asked {
  readonly providerID: string;
  readonly machineName: string;
  readonly cause: "UserRequest" | "Unhealthy";
}

export type NodeAction =
  | {
      readonly do: "patch-pool";
      readonly because: string;
      readonly body: object;
      readonly tellsInfrastructure: boolean;
    }
  | {
      readonly do: "write";
      readonly because: string;
      readonly cluster: "management" | "workload";
      readonly writes: readonly ObjectWrite[];
    }
  /** An instance is asked to go: it is recorded, and its drain begins. */
  | { readonly do: "record"; readonly because: string; readonly asked: Asked }
  /** Nothing keeps the object any more. */
  | { readonly do: "let-go"; readonly because: string; readonly finalizers: readonly string[] }
  | { readonly do: "wait"; readonly because: string };

const write = (
  because: string,
  cluster: "management" | "workload",
  writes: readonly ObjectWrite[],
): NodeAction | undefined =>
  writes.length > 0 ? { do: "write", because, cluster, writes: writes.slice(0, BATCH) } : undefined;

/** Pure. */
export function nextNodeAction(view: PoolView): NodeAction {
  return isDeleting(view) ? whileDeleting(view) : whileLiving(view);
}

function whileLiving(view: PoolView): NodeAction {
  const patch = poolPatch(view);
  if (patch) return { do: "patch-pool", because: "HandedOver", ...patch };
  const adopted = [adoption(view, view.bootstrap), adoption(view, view.infrastructure)].filter(
    (one) => one !== undefined,
  );
  return write("Adopted", "management", adopted) ?? aboutMembers(view) ?? { do: "wait", because: "Settled" };
}

/** What there may be to do about Machines and Nodes, in order. @param failed what was tried already in this pass */
function aboutMembers(view: PoolView, failed?: string): NodeAction | undefined {
  const plan = machinePlan(view);
  const rules: readonly (readonly [string, () => NodeAction | undefined])[] = [
    ["MachineDeleted", () => recordOf(plan)],
    ["NodesLabelled", () => write("NodesLabelled", "workload", view.nodes?.fixes ?? [])],
    ["MachinesWritten", () => write("MachinesWritten", "management", plan.writes(BATCH))],
    ["MachinesRemoved", () => write("MachinesRemoved", "management", plan.removals)],
    ["NodesRemoved", () => write("NodesRemoved", "workload", retiredNodes(view).map(deletionOf))],
  ];
  const tried = rules.findIndex(([because]) => because === failed);
  for (const [, rule] of rules.slice(tried + 1)) {
    const action = rule();
    if (action) return action;
  }
  return undefined;
}

function recordOf({ asked: [first] }: MachinePlan): NodeAction | undefined {
  if (!first) return undefined;
  const cause = isUnhealthy(first.machine) ? "Unhealthy" : "UserRequest";
  const asked = { providerID: first.providerID, machineName: first.machine.metadata.name, cause } as const;
  return { do: "record", because: "MachineDeleted", asked };
}

/** Their instances are gone by the pool's own list, nobody doubts it, and nobody drains them any more. */
export function retiredNodes(view: PoolView): readonly RetiredNode[] {
  if (!view.nodes || !instanceList(view.machinePool, view.infrastructure).trusted) return [];
  return view.nodes.retired.filter(({ providerID }) => isOverWith(view, providerID));
}

const deletionOf = ({ name, uid }: RetiredNode): ObjectWrite => ({
  do: "delete",
  resource: nodes,
  at: { name },
  ...(uid && { uid }),
});

const WAITS = {
  references: "ReferencesRemain",
  terminations: "TerminationsRemain",
  machines: "MachinesRemain",
  nodes: "NodesRemain",
} as const;

function whileDeleting(view: PoolView): NodeAction {
  const begun = write("ReferencesDeleted", "management", referenceDeletions(view));
  if (begun) return begun;
  const patch = poolPatch(view);
  if (patch) return { do: "patch-pool", because: "HandedOver", ...patch };
  const about = aboutMembers(view);
  const stage = deletionStage(view);
  if (about) return about;
  return stage === "finalizer" ? letGo(view, "Deleted") : { do: "wait", because: WAITS[stage] };
}

function letGo({ machinePool }: PoolView, because: string): NodeAction {
  const finalizers = machinePool.metadata.finalizers ?? [];
  return { do: "let-go", because, finalizers: finalizers.filter((one) => one !== MACHINE_POOL_FINALIZER) };
}

/**
 * What a pass does in place of what failed: one part that is refused keeps no other from being done, and Nodes that
 * cannot be removed hold a pool no longer than its nodeDeletionTimeoutSeconds.
 */
export function afterFailure(view: PoolView, { because }: NodeAction): NodeAction | undefined {
  if (because === "ReferencesDeleted") return undefined;
  if (because !== "NodesRemoved") return aboutMembers(view, because);
  const isOver = isDeleting(view) && isNodeDeletionOver(view) && deletionStage(view) === "finalizer";
  return isOver ? letGo(view, "NodesLeftBehind") : undefined;
}
