/** Splits a batch of audit events by whom they concern: one API server has one audit backend, and deployments may be several. */

export interface Concern {
  readonly namespaces: readonly string[];
  readonly clusterNames: readonly string[];
}

export interface SplitEvents<T> {
  readonly ours: readonly unknown[];
  /** Only those with something in them. */
  readonly others: readonly { readonly forward: T; readonly events: readonly unknown[] }[];
}

const CLUSTER_NAME_LABEL = "cluster.x-k8s.io/cluster-name";

/** An event goes to the first whom it concerns, and to us when it concerns nobody else. */
export function splitEvents<T extends Concern>(events: readonly unknown[], forwards: readonly T[]): SplitEvents<T> {
  if (forwards.length === 0) return { ours: events, others: [] };
  const ours: unknown[] = [];
  const parts = forwards.map((forward) => ({ forward, events: [] as unknown[] }));
  for (const event of events) {
    const part = parts.find(({ forward }) => concerns(event, forward));
    (part?.events ?? ours).push(event);
  }
  return { ours, others: parts.filter((part) => part.events.length > 0) };
}

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const inside = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce((at: unknown, name) => (isRecord(at) ? at[name] : undefined), value);

/** The cluster is known of a Cluster itself and its kubeconfig, and where the policy keeps bodies, of what they name. */
function concerns(event: unknown, { namespaces, clusterNames }: Concern): boolean {
  const namespace = inside(event, "objectRef", "namespace");
  if (typeof namespace === "string" && namespaces.includes(namespace)) return true;
  if (clusterNames.length === 0) return false;
  return clustersOf(event).some((name) => typeof name === "string" && clusterNames.includes(name));
}

function clustersOf(event: unknown): readonly unknown[] {
  const resource = inside(event, "objectRef", "resource");
  const name = inside(event, "objectRef", "name");
  const own = resource === "clusters" ? [name] : [];
  const secret = resource === "secrets" && typeof name === "string" ? [name.replace(/-kubeconfig$/, "")] : [];
  const bodies = ["responseObject", "requestObject"].flatMap((body) => [
    inside(event, body, "metadata", "labels", CLUSTER_NAME_LABEL),
    inside(event, body, "spec", "clusterName"),
  ]);
  return [...own, ...secret, ...bodies];
}
