/** Deletes the Node of an instance that is gone; one that only shares the name stays. */
import { nodes } from "../../api/kubernetes/node.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { isConflict, isNotFound } from "../trouble.ts";

/** "Already gone" and "another one now" are success. */
export async function deleteNode(
  workload: KubernetesClient,
  { name, uid }: { readonly name: string; readonly uid: string },
): Promise<void> {
  try {
    await workload.delete(nodes, { name }, { uid });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
