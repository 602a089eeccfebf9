/** Writes the record of a leaving instance: a new one, a tighter one, or a new one in place of a finished one. */

import type { InstanceTerminationSpec } from "../../api/lifecycle/instance-termination.ts";
import { type InstanceTermination, instanceTerminations } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import { ignoreNotFound } from "../trouble.ts";
import { dropFinalizer } from "./let-go.ts";

/** @returns what is recorded already, when something is */
export async function createOrRead(
  management: KubernetesClient,
  record: InstanceTermination,
): Promise<InstanceTermination | undefined> {
  try {
    await management.create(instanceTerminations, record);
    return undefined;
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.kind !== "already-exists") throw error;
    const { namespace = "", name } = record.metadata;
    return management.get<InstanceTermination>(instanceTerminations, { namespace, name });
  }
}

/** @throws KubernetesError "conflict" when another notice was faster */
export async function tighten(
  management: KubernetesClient,
  { metadata }: InstanceTermination,
  spec: Partial<InstanceTerminationSpec>,
): Promise<void> {
  const { namespace = "", name, resourceVersion } = metadata;
  const body = { metadata: { resourceVersion }, spec };
  await management.patch(instanceTerminations, { namespace, name }, { type: "merge", body });
}

/** @throws KubernetesError "already-exists" while somebody else's finalizer keeps the old one */
export async function replace(
  management: KubernetesClient,
  finished: InstanceTermination,
  record: InstanceTermination,
): Promise<void> {
  const { namespace = "", name, uid } = finished.metadata;
  await dropFinalizer(management, finished);
  await management.delete(instanceTerminations, { namespace, name }, uid ? { uid } : {}).catch(ignoreNotFound);
  await management.create(instanceTerminations, record);
}
