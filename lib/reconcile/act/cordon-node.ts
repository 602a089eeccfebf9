/** Cordons a Node, or takes our part of the cordon back: one patch, none when nothing would change. */
import { type Node, nodes } from "../../api/kubernetes/node.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { cordonPatch, uncordonPatch } from "../decide/cordon.ts";
import { ignoreNotFound } from "../trouble.ts";

/**
 * @returns whether a write was needed
 * @throws  KubernetesError "conflict" when the Node has changed since it was read
 */
export async function cordonNode(workload: KubernetesClient, node: Node): Promise<boolean> {
  const body = cordonPatch(node);
  if (body) await workload.patch<Node>(nodes, { name: node.metadata.name }, { type: "merge", body });
  return body !== undefined;
}

/** Reads the Node first: the version a view was made of may be old. A Node that is gone, or another one, is left alone. */
export async function uncordonNode(
  workload: KubernetesClient,
  ref: { readonly name: string; readonly uid: string },
  cancelledTime?: string,
): Promise<void> {
  const node = await workload.get<Node>(nodes, { name: ref.name }).catch(ignoreNotFound);
  const body = node?.metadata.uid === ref.uid ? uncordonPatch(node, cancelledTime) : undefined;
  if (body) await workload.patch<Node>(nodes, { name: ref.name }, { type: "merge", body });
}

export async function cordonByRef(
  workload: KubernetesClient,
  ref: { readonly name: string; readonly uid: string },
): Promise<void> {
  const node = await workload.get<Node>(nodes, { name: ref.name }).catch(ignoreNotFound);
  if (node?.metadata.uid === ref.uid) await cordonNode(workload, node);
}
