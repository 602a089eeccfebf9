/** Chooses the instances that go and records each, so that it is drained first; drain-step then asks the cloud. */
import type { Key } from "../../api/key.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import type { GroupAction } from "../decide/group-action.ts";
import { leavers, victims } from "../decide/group-victims.ts";
import type { GroupInstance } from "../decide/group-view.ts";
import { drainsOnDelete, newRemoval } from "../decide/new-removal.ts";
import { keyOf } from "../key-of.ts";
import { machineNames, nodeMarks } from "../observe/group-marks.ts";
import type { GroupPass } from "./group-act.ts";
import { createOrRead, replace } from "./record-termination.ts";

type Remove = Extract<GroupAction, { do: "remove" }>;

/** @returns keys of the records */
export async function recordRemovals(pass: GroupPass, action: Remove): Promise<readonly Key[]> {
  const { world, pool, machinePool, cluster } = pass;
  const { chosen, names } = await choose(pass, action);
  const drains = !action.all || drainsOnDelete(pool, cluster);
  const nowSeconds = world.now().getTime() / 1000;
  const keys: Key[] = [];
  for (const instance of chosen) {
    const machineName = names.get(instance.providerID);
    const { decrement = true } = action;
    const wish = { machinePool, instance, decrement, drains, nowSeconds, ...(machineName && { machineName }) };
    const record = newRemoval(wish);
    await recordOne(world.clusters.management, record);
    keys.push(keyOf(record));
  }
  return keys;
}

interface Chosen {
  readonly chosen: readonly GroupInstance[];
  readonly names: ReadonlyMap<string, string>;
}

async function choose({ world, machinePool, moment, pool }: GroupPass, { count, all, named }: Remove): Promise<Chosen> {
  const { management } = world.clusters;
  const keepsMachines = Boolean(pool.status?.infrastructureMachineKind);
  const { names, marked } = keepsMachines
    ? await machineNames(management, machinePool)
    : { names: new Map<string, string>(), marked: [] };
  const among = { instances: moment.group?.instances ?? [], leaving: moment.leaving, count };
  if (all) return { chosen: leavers(among), names };
  if (named)
    return { chosen: named.flatMap((id) => among.instances.find((one) => one.providerID === id) ?? []), names };
  const { emptied, spared } = await nodeMarks(world, machinePool);
  const choice = { ...among, marked: new Set([...marked, ...emptied]), spared: new Set(spared) };
  return { chosen: victims(choice), names };
}

/** One that is on its way already stays as it is; a finished one gives way. */
async function recordOne(management: KubernetesClient, record: InstanceTermination): Promise<void> {
  try {
    const existing = await createOrRead(management, record);
    if (existing?.status?.finishTime !== undefined) await replace(management, existing, record);
  } catch (error) {
    const isRace = error instanceof KubernetesError && ["already-exists", "not-found"].includes(error.kind);
    if (!isRace) throw error;
  }
}
