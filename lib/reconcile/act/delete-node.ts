/** Deletes the Node of an instance that is gone; one that only shares the name stays. */
import { type Node, nodes } from "../../api/kubernetes/node.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { ignoreNotFound, isConflict, isNotFound } from "../trouble.ts";

export interface NodeRef {
  readonly name: string;
  readonly uid: string;
  /** Absent: only the Node with this uid goes. */
  readonly providerID?: string;
}

/** "Already gone" and "another one now" are success. One call, three when the Node has another uid by now. */
export async function deleteNode(workload: KubernetesClient, { name, uid, providerID }: NodeRef): Promise<void> {
  if (await deleteWithUid(workload, name, uid)) return;
  const node = providerID && (await workload.get<Node>(nodes, { name }).catch(ignoreNotFound));
  if (!node || node.spec?.providerID !== providerID || node.metadata.uid === undefined) return;
  await deleteWithUid(workload, name, node.metadata.uid);
}

/** @returns false: the name is another Node's */
async function deleteWithUid(workload: KubernetesClient, name: string, uid: string): Promise<boolean> {
  try {
    await workload.delete(nodes, { name }, { uid });
    return true;
  } catch (error) {
    if (isNotFound(error)) return true;
    if (isConflict(error)) return false;
    throw error;
  }
}
