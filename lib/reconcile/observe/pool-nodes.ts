/** Reads the Nodes of a cluster page by page and keeps a few words of each that concerns one pool: two pages are never held. */
import type { MachinePool } from "../../api/core/machine-pool.ts";
import { type Node, nodes } from "../../api/kubernetes/node.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isNodeOf, type NodeWish, nodePatch } from "../decide/node-metadata.ts";
import type { ObjectWrite } from "../decide/object-write.ts";
import type { NodesSeen, PoolNode, RetiredNode } from "../decide/pool-view.ts";
import { secondsOf } from "../decide/time.ts";

export interface NodeQuestion {
  readonly machinePool: MachinePool;
  /** providerID -> what its Node should carry. */
  readonly wishOf: (providerID: string) => NodeWish | undefined;
  /** Where Machines are kept, they repeat it. */
  readonly withInfo: boolean;
  /** At most so many patches; the others come with later passes. */
  readonly fixes: number;
}

interface Kept {
  readonly found: PoolNode[];
  readonly retired: RetiredNode[];
  readonly fixes: ObjectWrite[];
}

/** One call per page. Throws KubernetesError. */
export async function readPoolNodes(workload: KubernetesClient, question: NodeQuestion): Promise<NodesSeen> {
  const known = new Set(question.machinePool.status?.nodeRefs?.map(({ uid }) => uid));
  const kept: Kept = { found: [], retired: [], fixes: [] };
  for await (const page of workload.list<Node>(nodes)) for (const node of page) keep(kept, node, { question, known });
  return { ...kept, retired: kept.retired.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

interface Asked {
  readonly question: NodeQuestion;
  /** Uids of the Nodes that the pool's status names. */
  readonly known: ReadonlySet<string | undefined>;
}

function keep({ found, retired, fixes }: Kept, node: Node, { question, known }: Asked): void {
  const providerID = node.spec?.providerID;
  if (!providerID) return;
  const wish = question.wishOf(providerID);
  if (wish) {
    found.push(poolNode(node, providerID, question.withInfo));
    const fix = fixes.length < question.fixes ? fixOf(node, wish) : undefined;
    if (fix) fixes.push(fix);
  } else if (known.has(node.metadata.uid) || isNodeOf(node, question.machinePool)) {
    retired.push(retiredNode(node, providerID));
  }
}

function retiredNode({ metadata, status }: Node, providerID: string): RetiredNode {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    providerID,
    bornSeconds: secondsOf(metadata.creationTimestamp ?? ""),
    silent: ready?.status === "Unknown",
  };
}

function fixOf(node: Node, wish: NodeWish): ObjectWrite | undefined {
  const body = nodePatch(node, wish);
  return body && { do: "patch", resource: nodes, at: { name: node.metadata.name }, body };
}

function poolNode(node: Node, providerID: string, withInfo: boolean): PoolNode {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const info = node.status?.nodeInfo;
  return {
    name: node.metadata.name,
    uid: node.metadata.uid ?? "",
    providerID,
    ready: ready?.status === "True",
    ...(ready?.lastTransitionTime && { readySinceSeconds: secondsOf(ready.lastTransitionTime) }),
    ...(info?.kubeletVersion && { version: info.kubeletVersion }),
    ...(withInfo && info && { info }),
  };
}
