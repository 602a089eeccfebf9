/** Writes the status of a MachinePool when it says anything new; fields and conditions of others stay. */
import { type MachinePool, type MachinePoolStatus, machinePools } from "../../api/core/machine-pool.ts";
import type { Condition } from "../../api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { type NewCondition, setCondition, toTime } from "../../kubernetes/conditions.ts";
import { writeStatus } from "../../kubernetes/merge-status.ts";
import type { SaidPoolStatus } from "../decide/pool-status.ts";
import { mergeV1Beta1 } from "../decide/pool-v1beta1.ts";
import { isNotFound } from "../trouble.ts";

/**
 * @returns the object as it is stored now; unchanged, without a call, when nothing differs
 * @throws  KubernetesError "conflict": somebody wrote meanwhile, come again
 */
export function writePoolStatus(
  management: KubernetesClient,
  machinePool: MachinePool,
  said: SaidPoolStatus,
  now: Date,
): Promise<MachinePool> {
  const before = machinePool.status ?? {};
  // What a pass does not name is gone: no Node, no version.
  const { nodeRefs: _refs, versions: _versions, ...kept } = before;
  const old = before.deprecated?.v1beta1 ?? {};
  const status: MachinePoolStatus = {
    ...kept,
    ...said.fields,
    conditions: setAll(before.conditions, said.conditions, now),
    deprecated: {
      ...before.deprecated,
      v1beta1: {
        ...old,
        ...said.v1beta1,
        conditions: mergeV1Beta1(old.conditions ?? [], said.v1beta1Conditions, toTime(now)),
      },
    },
    ...(said.complete && machinePool.metadata.generation && { observedGeneration: machinePool.metadata.generation }),
  };
  return writeStatus(management, machinePools, machinePool, status).catch((error: unknown) => {
    // Another pass let it go meanwhile: there is nothing left to say it of.
    if (isNotFound(error)) return machinePool;
    throw error;
  });
}

const setAll = (
  before: readonly Condition[] | undefined,
  said: readonly NewCondition[],
  now: Date,
): readonly Condition[] => said.reduce<readonly Condition[]>((all, next) => setCondition(all, next, now), before ?? []);

/** What keeps a pass from looking further is said, and nothing else is: the rest stands as it was before. */
export function writeStop(
  management: KubernetesClient,
  machinePool: MachinePool,
  { now, ...said }: Omit<NewCondition, "observedGeneration"> & { readonly now: Date },
): Promise<MachinePool> {
  const { status = {}, metadata } = machinePool;
  const conditions = setCondition(status.conditions, { ...said, observedGeneration: metadata.generation ?? 1 }, now);
  const next: MachinePoolStatus = { ...status, conditions };
  return writeStatus(management, machinePools, machinePool, next);
}
