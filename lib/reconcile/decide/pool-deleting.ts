/** The order in which a MachinePool goes: infrastructure (drained by its own step) and bootstrap config, Machines, Nodes, finalizer. */
import { no, type Said, yes } from "./pool-condition.ts";
import { isDeleting } from "./pool-facts.ts";
import type { PoolView, RefSight } from "./pool-view.ts";

export type DeletionStage = "references" | "terminations" | "machines" | "nodes" | "finalizer";

const isThere = (sight: RefSight<unknown>): boolean => sight.seen === "found" || sight.seen === "unread";

/** The first that is not done. */
export function deletionStage(view: PoolView): DeletionStage {
  if (isThere(view.infrastructure) || isThere(view.bootstrap)) return "references";
  if (view.leaving.size > 0) return "terminations";
  if (view.machines && view.machines.machines.length + view.machines.infrastructure.length > 0) return "machines";
  if (mustWaitForNodes(view)) return "nodes";
  return "finalizer";
}

/** Nodes are left behind when nobody can be asked: the Cluster is gone, or the time for it is over. */
function mustWaitForNodes(view: PoolView): boolean {
  if (!view.cluster) return false;
  if (view.nodes && view.nodes.retired.length === 0) return false;
  return !isNodeDeletionOver(view);
}

/**
 * The clock starts with the deletion of the pool; Nodes are tried at least once all the same, since the infrastructure
 * may have taken longer than that (cluster-api issue 14024).
 */
export function isNodeDeletionOver({ machinePool, nowSeconds }: Pick<PoolView, "machinePool" | "nowSeconds">): boolean {
  const start = machinePool.metadata.deletionTimestamp;
  const seconds = machinePool.spec.template.spec.deletion?.nodeDeletionTimeoutSeconds;
  if (start === undefined || !seconds) return false;
  return Date.parse(start) / 1000 + seconds < nowSeconds;
}

const WORDS: Readonly<Record<DeletionStage, string>> = {
  references: "* Waiting until the infrastructure is drained and deleted, and the bootstrap config with it",
  terminations: "* Waiting for InstanceTerminations of this pool to finish",
  machines: "* Waiting for Machines to be deleted",
  nodes: "* Waiting for Nodes of deleted instances to be removed",
  finalizer: "* Deletion completed",
};

export function deletingCondition(view: PoolView): Said {
  if (!isDeleting(view)) return no("NotDeleting");
  const stage = deletionStage(view);
  return yes(stage === "finalizer" ? "DeletionCompleted" : "Deleting", WORDS[stage]);
}
