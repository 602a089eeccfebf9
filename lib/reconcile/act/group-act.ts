/** Does what was decided about a group: one write to the cloud, or the records of the instances that shall go. */
import type { Cluster } from "../../api/core/cluster.ts";
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import type { Key } from "../../api/key.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import { ProviderError } from "../../providers/errors.ts";
import type { PoolProvider, PoolSession, PoolSight } from "../../providers/pool-provider.ts";
import type { GroupAction } from "../decide/group-action.ts";
import type { GroupMoment } from "../decide/group-view.ts";
import type { World } from "../step.ts";
import { ignoreNotFound } from "../trouble.ts";
import { recordRemovals } from "./record-removals.ts";

export interface GroupPass {
  readonly world: World;
  readonly provider: PoolProvider;
  readonly pool: InfrastructurePool;
  readonly machinePool: MachinePool;
  readonly cluster: Cluster;
  readonly session: PoolSession;
  readonly sight: PoolSight;
  readonly moment: GroupMoment;
}

export interface GroupDone {
  /** The cloud's no; it becomes a condition. */
  readonly failed?: ProviderError;
  readonly others?: readonly Key[];
}

/** @throws KubernetesError, and faults of our own */
export async function actOnGroup(pass: GroupPass, action: GroupAction): Promise<GroupDone> {
  try {
    return { others: await carryOut(pass, action) };
  } catch (error) {
    if (error instanceof ProviderError) return { failed: error };
    throw error;
  }
}

/** @returns objects to look at */
async function carryOut(pass: GroupPass, action: GroupAction): Promise<readonly Key[]> {
  const { session, sight, world, pool, machinePool } = pass;
  const { management } = world.clusters;
  switch (action.do) {
    case "apply":
      await applyNamed(pass, action.which);
      return [];
    case "scale":
      await checkWish(pass);
      await session.scale(sight, action.replicas);
      return [];
    case "copy-replicas": {
      const { namespace = "", name, resourceVersion } = machinePool.metadata;
      const body = { metadata: { resourceVersion }, spec: { replicas: action.replicas } };
      await management.patch(machinePools, { namespace, name }, { type: "merge", body });
      return [keyOfMachinePool(machinePool)];
    }
    case "remove":
      await checkWish(pass);
      return recordRemovals(pass, action);
    case "drop-finalizer":
      await patchFinalizers(pass, pool.metadata.finalizers?.filter((one) => one !== pass.provider.finalizer) ?? []);
      return [keyOfMachinePool(machinePool)];
    case "ignore":
    case "wait":
    case "add-finalizer":
    case "settle":
      return [];
  }
}

/**
 * Calls of the cloud may have taken long: what was wished before is neither launched nor drained.
 * @throws KubernetesError "conflict" when another size is wanted by now, or none at all
 */
async function checkWish({ world, machinePool }: GroupPass): Promise<void> {
  const { namespace = "", name } = machinePool.metadata;
  const now = await world.clusters.management.get<MachinePool>(machinePools, { namespace, name }).catch(ignoreNotFound);
  const isSame =
    now?.spec.replicas === machinePool.spec.replicas &&
    now?.metadata.deletionTimestamp === machinePool.metadata.deletionTimestamp;
  if (isSame) return;
  throw new KubernetesError("conflict", `MachinePool ${name}: something else was asked for while this pass looked`);
}

async function applyNamed(
  { session, sight }: GroupPass,
  which: Extract<GroupAction, { do: "apply" }>["which"],
): Promise<void> {
  const named = {
    change: () => session.nextChange(sight),
    preparation: () => session.prepareRemoval?.(sight),
    removal: () => session.nextRemoval(sight),
  };
  const change = named[which]();
  if (change) await session.apply(change);
}

export const keyOfMachinePool = ({ metadata }: MachinePool): Key => ({
  kind: machinePools.kind,
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});

/** Other finalizers stay; bound to the version read. "Gone" is success. */
export async function patchFinalizers(
  { world, provider, pool }: Pick<GroupPass, "world" | "provider" | "pool">,
  finalizers: readonly string[],
): Promise<void> {
  const { namespace = "", name, resourceVersion } = pool.metadata;
  const body = { metadata: { resourceVersion, finalizers } };
  await world.clusters.management
    .patch(provider.kind.resource, { namespace, name }, { type: "merge", body })
    .catch(ignoreNotFound);
}
