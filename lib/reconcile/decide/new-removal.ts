/** The record of an instance that we take out of its pool ourselves. */
import type { Cluster } from "../../api/core/cluster.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { KubernetesObject } from "../../api/kubernetes/meta.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import { DRAIN_ON_DELETE_ANNOTATION } from "../../api/lifecycle/pool-annotations.ts";
import { newTermination } from "./new-termination.ts";
import { timeOf } from "./time.ts";

export interface NewRemoval {
  readonly machinePool: MachinePool;
  readonly instance: { readonly providerID: string; readonly instanceId: string };
  readonly machineName?: string;
  /** The group shall have one less afterwards. */
  readonly decrement: boolean;
  /** false: cordoned, and then taken out as it is. */
  readonly drains: boolean;
  readonly nowSeconds: number;
}

export function newRemoval(wish: NewRemoval): InstanceTermination {
  const { machinePool, instance, machineName, decrement, drains, nowSeconds } = wish;
  const noticeTime = timeOf(nowSeconds);
  const record = newTermination({
    notice: { instanceId: instance.instanceId, cause: "ScaleIn", noticeTime },
    pool: machinePool,
    providerID: instance.providerID,
    ...(machineName !== undefined && { machineName }),
    dryRun: false,
  });
  // Its time is up before it begins: pods stay until the instance ends.
  const atOnce = { deadlineTime: noticeTime, drain: { onDeadline: "Release" as const } };
  return { ...record, spec: { ...record.spec, removal: { decrement }, ...(!drains && atOnce) } };
}

/** Pods of a cluster that is going away have nowhere to go. */
export const drainsOnDelete = (pool: KubernetesObject, cluster: Cluster): boolean =>
  pool.metadata.annotations?.[DRAIN_ON_DELETE_ANNOTATION] !== "false" &&
  cluster.metadata.deletionTimestamp === undefined;
