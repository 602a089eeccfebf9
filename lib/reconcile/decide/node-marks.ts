/** Our own marks on a Node, as a drain sees them. */
import type { NodeSight } from "./drain-view.ts";

export const isTainted = (sight: NodeSight): boolean => sight.seen === "found" && sight.node.taint !== undefined;

export const isCordoned = (sight: NodeSight): boolean =>
  sight.seen === "found" && sight.node.unschedulable && sight.node.taint !== undefined;
