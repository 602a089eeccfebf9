/** From an instance to its Node: by exact providerID, and without listing the cluster where it can be helped. */
import type { Machine } from "../../api/core/machine.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import { type Node, nodes } from "../../api/kubernetes/node.ts";
import { INSTANCE_LABEL } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ProviderError } from "../../providers/errors.ts";
import type { TerminationProvider } from "../../providers/provider.ts";
import { instanceLabel } from "../decide/pool-label.ts";
import { ignoreNotFound } from "../trouble.ts";
import { readWanted } from "./read-all.ts";

export interface NodeSearch {
  readonly providerID: string;
  readonly instanceId: string;
  readonly pool?: MachinePool;
  readonly machine?: Machine;
}

export interface NodeFound {
  readonly node?: Node;
  /** Other Nodes that claim the same providerID. */
  readonly twins: readonly string[];
}

const isReady = ({ status }: Node): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;

/** The i-th nodeRef is the i-th Node found: it names ours only when every instance has one. */
function nodeRefName({ providerID, pool, machine }: NodeSearch): string | undefined {
  if (machine?.status?.nodeRef) return machine.status.nodeRef.name;
  const ids = pool?.spec.providerIDList ?? [];
  const refs = pool?.status?.nodeRefs ?? [];
  const index = ids.indexOf(providerID);
  return index >= 0 && ids.length === refs.length ? refs[index]?.name : undefined;
}

/** Of several Nodes with our providerID the Ready one is alive, the others are stale. */
function choose(found: readonly Node[]): NodeFound | undefined {
  const sorted = [...found].sort(
    (a, b) => Number(isReady(b)) - Number(isReady(a)) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  const [node, ...others] = sorted;
  return node && { node, twins: others.map(({ metadata }) => metadata.name) };
}

/**
 * A name is only a hint; the Node's own spec.providerID decides.
 * @returns no node: none has this providerID (yet)
 */
export async function findNode(
  workload: KubernetesClient,
  provider: TerminationProvider,
  search: NodeSearch,
): Promise<NodeFound> {
  const isOurs = (node: Node | undefined): node is Node => node?.spec?.providerID === search.providerID;
  const named = async (name: string | undefined) => {
    if (name === undefined) return undefined;
    const node = await workload.get<Node>(nodes, { name }).catch(ignoreNotFound);
    return isOurs(node) ? { node, twins: [] } : undefined;
  };
  const listed = async (labelSelector?: string) =>
    choose(await readWanted(workload.list<Node>(nodes, labelSelector ? { labelSelector } : {}), isOurs));
  return (
    (await named(nodeRefName(search))) ??
    (await listed(`${INSTANCE_LABEL}=${instanceLabel(search.instanceId)}`)) ??
    (await named(await suggestedName(provider, search.providerID))) ??
    (await listed()) ?? { twins: [] }
  );
}

/** What the cloud would call the Node; a cloud that cannot say costs us the hint, not the Node. */
async function suggestedName(provider: TerminationProvider, providerID: string): Promise<string | undefined> {
  try {
    return await provider.nodeNameOf?.(providerID);
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}
