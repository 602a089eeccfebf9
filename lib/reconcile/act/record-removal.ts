/** A Machine is to go: the record of its instance's way out is made, or told that we take the instance out ourselves. */
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { Key } from "../../api/key.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { newTermination } from "../decide/new-termination.ts";
import type { Asked } from "../decide/node-action.ts";
import { timeOf } from "../decide/time.ts";
import { keyOf } from "../key-of.ts";
import { createOrRead, replace, tighten } from "./record-termination.ts";

export interface Removal {
  readonly machinePool: MachinePool;
  readonly asked: Asked;
  readonly instanceId: string;
  readonly nowSeconds: number;
  readonly dryRun: boolean;
}

/** The cloud replaces the instance: the pool keeps its size. */
const REMOVAL = { decrement: false };

/**
 * Repeatable: a second pass finds the first one's record.
 * @returns the key of the record, for the queue
 */
export async function recordRemoval(management: KubernetesClient, removal: Removal): Promise<Key> {
  const { machinePool, asked, instanceId, nowSeconds, dryRun } = removal;
  const { providerID, machineName, cause } = asked;
  const notice = { instanceId, cause, noticeTime: timeOf(nowSeconds) };
  const plain = newTermination({ notice, pool: machinePool, providerID, machineName, dryRun });
  const record: InstanceTermination = { ...plain, spec: { ...plain.spec, removal: REMOVAL } };
  const existing = await createOrRead(management, record);
  if (!existing) return keyOf(record);
  if (existing.status?.finishTime !== undefined) await replace(management, existing, record);
  else if (!existing.spec.removal) await tighten(management, existing, { removal: REMOVAL });
  return keyOf(existing);
}
