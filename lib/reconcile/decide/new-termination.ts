/** The first record of an instance that leaves; its name is made of pool and instance, so that a doubled notice finds it. */
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import {
  DRAIN_FINALIZER,
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../../api/lifecycle/instance-termination.ts";
import { mergeHolds } from "../../api/lifecycle/merge-holds.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import { noticeTimeOf } from "./notice-action.ts";
import { instanceLabel } from "./pool-label.ts";

const LONGEST_NAME = 253;

/** A DNS subdomain name: lower case, and nothing but letters, digits, "-" and "." */
export function terminationName(poolName: string, instanceId: string): string {
  const plain = `${poolName}-${instanceId}`.toLowerCase().replace(/[^a-z0-9.-]+/g, "-");
  // The end names the instance: what is too long loses its beginning.
  return plain.slice(-LONGEST_NAME).replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "");
}

export interface NewTermination {
  readonly notice: LeavingInstance;
  readonly pool: MachinePool;
  readonly providerID: string;
  readonly machineName?: string;
  readonly dryRun: boolean;
}

export function newTermination({ notice, pool, providerID, machineName, dryRun }: NewTermination): InstanceTermination {
  const { namespace = "", name, uid = "" } = pool.metadata;
  const { clusterName } = pool.spec;
  return {
    apiVersion: instanceTerminations.apiVersion,
    kind: instanceTerminations.kind,
    metadata: {
      name: terminationName(name, notice.instanceId),
      namespace,
      labels: { [CLUSTER_NAME_LABEL]: clusterName, [INSTANCE_LABEL]: instanceLabel(notice.instanceId) },
      finalizers: [DRAIN_FINALIZER],
      ownerReferences: [{ apiVersion: machinePools.apiVersion, kind: machinePools.kind, name, uid }],
    },
    spec: {
      clusterName,
      machinePoolName: name,
      ...(machineName !== undefined && { machineName }),
      providerID,
      cause: notice.cause,
      noticeTime: noticeTimeOf(notice),
      ...(notice.deadlineTime !== undefined && { deadlineTime: notice.deadlineTime }),
      ...(notice.hold && { hold: mergeHolds(undefined, notice.hold) }),
      ...(notice.mode === "CordonOnly" && { drain: { mode: notice.mode } }),
      ...(dryRun && { dryRun }),
    },
  };
}
