/** The counters of a MachinePool, counted from its Nodes and Machines: a Node that is not there is not ready. */
import type { NodeReference, VersionCount } from "../../api/core/machine-pool.ts";
import { matchNodes, type NodeMatch } from "./node-match.ts";
import { instanceList } from "./pool-facts.ts";
import type { PoolNode, PoolView } from "./pool-view.ts";

export interface PoolNumbers {
  readonly match: NodeMatch;
  readonly ids: readonly string[];
  readonly nodeRefs: readonly NodeReference[];
  readonly ready: number;
  readonly available: number;
  readonly upToDate: number;
  /** Sorted by version; empty when none is known. */
  readonly versions: readonly VersionCount[];
  /** Seconds until the next ready Node has been so for minReadySeconds; absent: none is about to. */
  readonly nextAvailableSeconds?: number;
  /** Sorted. */
  readonly notReady: readonly string[];
  readonly notUpToDate: readonly string[];
}

/** @returns undefined when the Nodes were not read: nothing can be counted */
export function poolNumbers(view: PoolView): PoolNumbers | undefined {
  if (!view.nodes) return undefined;
  const { ids } = instanceList(view.machinePool, view.infrastructure);
  const match = matchNodes(ids, view.nodes.found);
  const nodes = ids.flatMap((id) => match.matched.get(id) ?? []);
  const waits = nodes.filter(({ ready }) => ready).map((node) => secondsToAvailable(view, node));
  const pending = waits.filter((seconds) => seconds > 0);
  const notUpToDate = ids.filter((id) => !isUpToDate(view, id, match.matched.get(id)));
  return {
    match,
    ids,
    nodeRefs: nodes.map(({ name, uid }) => ({ apiVersion: "v1", kind: "Node", name, uid })),
    ready: waits.length,
    available: waits.length - pending.length,
    upToDate: ids.length - notUpToDate.length,
    versions: countVersions(nodes),
    ...(pending.length > 0 && { nextAvailableSeconds: leastOf(pending) }),
    notReady: ids.filter((id) => match.matched.get(id)?.ready !== true).sort(),
    notUpToDate: [...notUpToDate].sort(),
  };
}

const leastOf = (numbers: readonly number[]): number =>
  numbers.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);

/** 0 when it is available now. */
export function secondsToAvailable({ machinePool, nowSeconds }: PoolView, node: PoolNode): number {
  const minimum = machinePool.spec.template.spec.minReadySeconds ?? 0;
  if (minimum === 0) return 0;
  // A Ready condition without its time counts from now on: the next look will find it as fresh.
  const since = node.readySinceSeconds ?? nowSeconds;
  return Math.max(0, since + minimum - nowSeconds);
}

/** What the provider says of the instance, and whether its kubelet has the version that is asked for. */
export function isUpToDate(view: PoolView, providerID: string, node: PoolNode | undefined): boolean {
  if (view.outdated?.has(providerID)) return false;
  const wanted = view.machinePool.spec.template.spec.version;
  if (wanted === undefined || node?.version === undefined) return view.outdated !== undefined || node !== undefined;
  return isVersion(node.version, wanted);
}

/** Managed services report suffixes ("v1.33.1-vendor.4"): they are the version that was asked for. */
export const isVersion = (reported: string, wanted: string): boolean =>
  reported === wanted || reported.startsWith(`${wanted}-`) || reported.startsWith(`${wanted}+`);

/** The API takes a hundred at the most. */
const MOST_VERSIONS = 100;

function countVersions(nodes: readonly PoolNode[]): readonly VersionCount[] {
  const counts = new Map<string, number>();
  for (const { version } of nodes) if (version) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts]
    .map(([version, replicas]) => ({ version, replicas }))
    .sort((a, b) => (a.version < b.version ? -1 : 1))
    .slice(0, MOST_VERSIONS);
}
