/** Reads the Machines and infrastructure machines of a pool, without what the API server adds for itself. */
import type { InfrastructureMachine, InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { type Machine, machines } from "../../api/core/machine.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { PoolKind } from "../../providers/provider.ts";
import { pluralOf } from "../decide/contract-version.ts";
import { controllerReference, memberSelector, otherController } from "../decide/pool-names.ts";
import type { MachinesSeen, RefSight } from "../decide/pool-view.ts";

export interface MachinesQuestion {
  readonly machinePool: MachinePool;
  readonly infrastructure: RefSight<InfrastructurePool>;
  readonly kind: PoolKind;
  readonly ids: readonly string[];
}

/**
 * Two lists, by label. Upstream keeps Machines only where the infrastructure pool says of which kind; of a pool
 * that is gone its Machines tell, or else our own provider: there may be none left, or not yet.
 */
export async function readMachines(
  management: KubernetesClient,
  question: MachinesQuestion,
): Promise<MachinesSeen | undefined> {
  const { machinePool, infrastructure, kind, ids } = question;
  const machineKind =
    infrastructure.seen === "found" ? infrastructure.object.status?.infrastructureMachineKind : undefined;
  const isLeftover = infrastructure.seen === "missing" && machinePool.metadata.deletionTimestamp !== undefined;
  if (!machineKind && !isLeftover) return undefined;
  const query = { namespace: machinePool.metadata.namespace ?? "", labelSelector: memberSelector(machinePool) };
  const owner = controllerReference(machinePool);
  const all = (await trimmed(management.list<Machine>(machines, query))).filter((one) => !otherController(one, owner));
  const told = all.find(({ spec }) => spec.infrastructureRef)?.spec.infrastructureRef?.kind;
  const known = machineKind ?? told ?? kind.infrastructureMachineKind;
  if (known === undefined) return undefined;
  const { apiVersion } = kind.resource;
  const infrastructureResource: Resource = { apiVersion, kind: known, plural: pluralOf(known) };
  return {
    machines: all,
    infrastructure: await trimmed(management.list<InfrastructureMachine>(infrastructureResource, query)),
    infrastructureResource,
    wishes: wishesOf(kind, infrastructure, ids),
  };
}

function wishesOf(kind: PoolKind, infrastructure: RefSight<InfrastructurePool>, ids: readonly string[]) {
  if (infrastructure.seen !== "found") return new Map();
  const { object } = infrastructure;
  return new Map(
    ids.flatMap((id) => {
      const wish = kind.infrastructureMachine?.(object, id);
      return wish ? [[id, wish] as const] : [];
    }),
  );
}

/** Sorted by name. */
async function trimmed<T extends KubernetesObject>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const kept: T[] = [];
  for await (const page of pages) for (const object of page) kept.push(withoutManagedFields(object));
  return kept.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** They are the larger half of an object, and nobody here reads them. */
function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  const { managedFields: _fields, ...metadata } = object.metadata as T["metadata"] & { managedFields?: unknown };
  return { ...object, metadata };
}
