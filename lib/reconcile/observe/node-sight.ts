/** The Node of a termination as a drain sees it, and whether it is still the one that the drain began with. */
import { type Node, nodes } from "../../api/kubernetes/node.ts";
import { INSTANCE_LABEL, type InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { TerminationProvider } from "../../providers/provider.ts";
import { terminatingTaintValue } from "../decide/cordon.ts";
import type { NodeSight, NodeView } from "../decide/drain-view.ts";
import type { Owner } from "../decide/owner.ts";
import { secondsOf } from "../decide/time.ts";
import { ignoreNotFound } from "../trouble.ts";
import { findNode } from "./find-node.ts";

export interface NodeObserved {
  readonly sight: NodeSight;
  /** Set when `sight` is found. */
  readonly node?: Node;
}

function nodeView(node: Node, twins: readonly string[]): NodeView {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const taint = terminatingTaintValue(node);
  return {
    name: node.metadata.name,
    uid: node.metadata.uid ?? "",
    // Unreachable is only what upstream takes for it: a Ready condition that says Unknown.
    ready: ready?.status === "True" || ready?.status === "Unknown" ? ready.status : "False",
    ...(ready?.lastTransitionTime && { readySinceSeconds: secondsOf(ready.lastTransitionTime) }),
    unschedulable: node.spec?.unschedulable === true,
    ...(taint !== undefined && { taint }),
    twins,
  };
}

/**
 * One call once the Node is known. One that only has its name is another machine's and never touched; one that its own
 * machine registered anew, since somebody had deleted it, is ours still.
 */
export async function observeNode(
  clients: { readonly workload: KubernetesClient; readonly provider: TerminationProvider },
  termination: InstanceTermination,
  owner: () => Promise<Owner>,
): Promise<NodeObserved> {
  const { workload, provider } = clients;
  const known = termination.status?.nodeRef;
  if (known) {
    const node = await workload.get<Node>(nodes, { name: known.name }).catch(ignoreNotFound);
    return node && (node.metadata.uid === known.uid || node.spec?.providerID === termination.spec.providerID)
      ? { sight: { seen: "found", node: nodeView(node, []) }, node }
      : { sight: { seen: "gone" } };
  }
  const { providerID } = termination.spec;
  const instanceId = termination.metadata.labels?.[INSTANCE_LABEL] ?? provider.pools.instanceIdOf(providerID) ?? "";
  const { node, twins } = await findNode(workload, provider, { providerID, instanceId, ...(await owner()) });
  return node ? { sight: { seen: "found", node: nodeView(node, twins) }, node } : { sight: { seen: "missing" } };
}
