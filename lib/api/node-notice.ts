/** A key that names a Node of a workload cluster on which an agent has said that its machine will leave. */
import type { Key } from "./key.ts";

export const NODE_NOTICE = "NodeNotice";

export interface NodeOfCluster {
  /** Of the Cluster object. */
  readonly namespace: string;
  readonly cluster: string;
  readonly node: string;
}

/** No name in Kubernetes has a slash. */
export const nodeNoticeKey = ({ namespace, cluster, node }: NodeOfCluster): Key => ({
  kind: NODE_NOTICE,
  namespace,
  name: `${cluster}/${node}`,
});

export function nodeOfKey({ kind, namespace, name }: Key): NodeOfCluster | undefined {
  const [cluster, node, ...more] = name.split("/");
  return kind === NODE_NOTICE && cluster && node && more.length === 0 ? { namespace, cluster, node } : undefined;
}
