/** Pairs the instances of a pool with the Nodes of its cluster: by exact providerID, and never by a guess. */
import type { PoolNode } from "./pool-view.ts";

export interface NodeMatch {
  /** providerID -> its one Node. */
  readonly matched: ReadonlyMap<string, PoolNode>;
  /** Claimed by several Nodes: none of them is believed. Sorted. */
  readonly ambiguous: readonly { readonly providerID: string; readonly nodes: readonly string[] }[];
  /** Still booting, or never joined; in list order. */
  readonly unmatched: readonly string[];
}

/**
 * @param ids    spec.providerIDList as the infrastructure pool gives it
 * @param nodes  Nodes with one of these providerIDs, in any order
 * @source       cluster-api core/reconcilers/machinepool/machinepool_controller_noderef.go, which lets the last Node win
 */
export function matchNodes(ids: readonly string[], nodes: readonly PoolNode[]): NodeMatch {
  const claims = new Map<string, PoolNode[]>();
  for (const node of nodes) {
    const claim = claims.get(node.providerID);
    if (claim) claim.push(node);
    else claims.set(node.providerID, [node]);
  }
  const matched = new Map<string, PoolNode>();
  const ambiguous: { providerID: string; nodes: readonly string[] }[] = [];
  const unmatched: string[] = [];
  for (const providerID of ids) {
    const [node, ...others] = claims.get(providerID) ?? [];
    if (!node) unmatched.push(providerID);
    else if (others.length === 0) matched.set(providerID, node);
    else ambiguous.push({ providerID, nodes: [node, ...others].map(({ name }) => name).sort() });
  }
  ambiguous.sort((a, b) => (a.providerID < b.providerID ? -1 : 1));
  return { matched, ambiguous, unmatched };
}
