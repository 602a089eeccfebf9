/** What is recorded of the instances of a pool that leave. */
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import { type InstanceTermination, instanceTerminations } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { LeavingSeen } from "../decide/group-view.ts";
import { readWanted } from "./read-all.ts";

/** One list. @returns by providerID; finished records only where their drain was taken back */
export async function observeLeaving(
  management: KubernetesClient,
  { metadata, spec }: MachinePool,
): Promise<ReadonlyMap<string, LeavingSeen>> {
  const pages = management.list<InstanceTermination>(instanceTerminations, {
    namespace: metadata.namespace ?? "",
    labelSelector: `${CLUSTER_NAME_LABEL}=${spec.clusterName}`,
  });
  const records = await readWanted(pages, (one) => one.spec.machinePoolName === metadata.name);
  return new Map(records.flatMap((one) => seenOf(one)));
}

function seenOf({ spec, status }: InstanceTermination): readonly (readonly [string, LeavingSeen])[] {
  const { providerID, removal } = spec;
  if (status?.finishTime === undefined) {
    const released = status?.releaseTime !== undefined && { released: true as const };
    return [[providerID, { record: "open", ...(removal && { removal }), ...released }]];
  }
  return status.phase === "Cancelled" ? [[providerID, { record: "cancelled" }]] : [];
}
