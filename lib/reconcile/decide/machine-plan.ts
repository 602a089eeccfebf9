/** What is to be written so that every instance of a pool has its Machine and infrastructure machine, and nothing else has. */

import type { InfrastructureMachine } from "../../api/core/infrastructure-pool.ts";
import { WATCH_FILTER_LABEL } from "../../api/core/labels.ts";
import { MACHINE_FINALIZER, type Machine, machines } from "../../api/core/machine.ts";
import { isOverWith } from "./doubts.ts";
import { infrastructureStatusOf } from "./infrastructure-machine.ts";
import { terminationName } from "./new-termination.ts";
import { matchNodes } from "./node-match.ts";
import type { ObjectWrite } from "./object-write.ts";
import { instanceList, isDeleting } from "./pool-facts.ts";
import { covers, type Member, machinePatch, machineStatusPatch, newMachine } from "./pool-machine.ts";
import { memberLabels, missingLabels, ownerReference, withOwner } from "./pool-names.ts";
import type { MachinesSeen, PoolNode, PoolView } from "./pool-view.ts";
import { timeOf } from "./time.ts";

export interface MachinePlan {
  /** For instances that live: the first few; looking for them is the dear part, so it is done only when asked for. */
  readonly writes: (most: number) => readonly ObjectWrite[];
  /** Of instances that are gone. */
  readonly removals: readonly ObjectWrite[];
  /** Asked to go by a person or a health check while their instances live. */
  readonly asked: readonly { readonly machine: Machine; readonly providerID: string }[];
}

/** Pure; empty for a pool that keeps no Machines, and while the Nodes are unknown. */
export function machinePlan(view: PoolView): MachinePlan {
  const { machines: seen, nodes } = view;
  if (!seen || (!nodes && !isDeleting(view))) return { writes: () => [], removals: [], asked: [] };
  const { ids, trusted } = instanceList(view.machinePool, view.infrastructure);
  const { matched } = matchNodes(ids, nodes?.found ?? []);
  const index = indexOf(seen);
  const members = ids.map((providerID) => ({ providerID, node: matched.get(providerID), ...index.of(providerID) }));
  const kept = isDeleting(view) ? [] : members;
  return {
    writes: (most) => firstWrites(kept, most, (member) => memberWrites(view, seen, member)),
    removals: trusted ? leftovers(view, seen, new Set(ids)) : [],
    asked: kept.flatMap((member) => {
      const { providerID, machine } = member;
      return machine && isAsked(member, machine) && !isOnItsWay(view, providerID) ? [{ machine, providerID }] : [];
    }),
  };
}

function firstWrites(
  members: readonly Member[],
  most: number,
  writesOf: (member: Member) => readonly ObjectWrite[],
): readonly ObjectWrite[] {
  const writes: ObjectWrite[] = [];
  for (const member of members) {
    writes.push(...writesOf(member));
    if (writes.length >= most) break;
  }
  return writes;
}

/** A health check asks by OwnerRemediated=False (cluster-api MachineHealthCheck); everybody else deletes the Machine, or what stands beside it. */
export const isUnhealthy = ({ status }: Machine): boolean =>
  status?.conditions?.some(({ type, status: value }) => type === "OwnerRemediated" && value === "False") ?? false;
const isAsked = ({ infrastructure }: Member, machine: Machine): boolean =>
  [machine, infrastructure].some((one) => one?.metadata.deletionTimestamp !== undefined) || isUnhealthy(machine);

const isOnItsWay = ({ leaving, released }: PoolView, providerID: string): boolean =>
  leaving.get(providerID)?.spec.removal !== undefined || released.has(providerID);

interface Pair {
  readonly machine: Machine | undefined;
  readonly infrastructure: InfrastructureMachine | undefined;
}

function indexOf(seen: MachinesSeen) {
  const infrastructures = new Map(seen.infrastructure.map((one) => [one.spec.providerID ?? "", one]));
  const byReference = new Map(seen.machines.map((one) => [one.spec.infrastructureRef?.name ?? "", one]));
  const byProviderID = new Map(seen.machines.map((one) => [one.spec.providerID ?? "", one]));
  return {
    of: (providerID: string): Pair => {
      const infrastructure = infrastructures.get(providerID);
      const named = infrastructure && byReference.get(infrastructure.metadata.name);
      return { infrastructure, machine: named ?? byProviderID.get(providerID) };
    },
  };
}

function memberWrites(view: PoolView, seen: MachinesSeen, member: Member): readonly ObjectWrite[] {
  const { machine, infrastructure } = member;
  const wished = seen.wishes.get(member.providerID)?.name ?? nameOf(view, member.providerID);
  const name = infrastructure?.metadata.name ?? machine?.spec.infrastructureRef?.name ?? wished;
  if (name === undefined) return [];
  const writes = [
    infrastructure
      ? infrastructurePatch(seen, infrastructure, machine)
      : newInfrastructure(view, seen, { member, name }),
    infrastructure && infrastructureStatus(view, seen, { infrastructure, node: member.node }),
    machine ? machinePatch(view, { ...member, machine }) : newMachine(view, member, name),
    machine && machineStatusPatch(view, { ...member, machine }),
  ];
  return firstPerObject(writes.filter((write) => write !== undefined));
}

/** A patch of the spec makes a new version: the status of the same object waits for the next pass. */
function firstPerObject(writes: readonly ObjectWrite[]): readonly ObjectWrite[] {
  const seen = new Set<string>();
  return writes.filter((write) => {
    const key = write.do === "create" ? `new ${write.resource.kind}` : `${write.resource.kind}/${write.at.name}`;
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
}

const nameOf = (view: PoolView, providerID: string): string | undefined => {
  const id = view.instanceIds.get(providerID);
  return id === undefined ? undefined : terminationName(view.machinePool.metadata.name, id);
};

interface Named {
  readonly member: Member;
  readonly name: string;
}

function newInfrastructure(view: PoolView, seen: MachinesSeen, { member, name }: Named): ObjectWrite | undefined {
  const wish = seen.wishes.get(member.providerID);
  const { infrastructure: pool, machinePool, watchFilter } = view;
  if (!wish || pool.seen !== "found") return undefined;
  const { apiVersion, kind } = seen.infrastructureResource;
  const owner = { ...ownerReference(pool.resource, pool.object), blockOwnerDeletion: true };
  const metadata = {
    name,
    namespace: machinePool.metadata.namespace ?? "",
    labels: { ...wish.labels, ...memberLabels(machinePool, watchFilter) },
    ...(wish.finalizer && { finalizers: [wish.finalizer] }),
    ownerReferences: [owner],
  };
  const object: InfrastructureMachine = { apiVersion, kind, metadata, spec: wish.spec };
  const status = infrastructureStatusOf({ wish, node: member.node, before: undefined, time: timeOf(view.nowSeconds) });
  return { do: "create", resource: seen.infrastructureResource, object, status };
}

/** As upstream's Machine controller links it: the Machine becomes its controller. */
function infrastructurePatch(
  seen: MachinesSeen,
  { metadata, spec }: InfrastructureMachine,
  machine: Machine | undefined,
): ObjectWrite | undefined {
  if (!machine?.metadata.uid || metadata.deletionTimestamp !== undefined) return undefined;
  const finalizers = withFinalizer(metadata.finalizers, seen.wishes.get(spec.providerID ?? "")?.finalizer);
  const owner = { ...ownerReference(machines, machine), controller: true, blockOwnerDeletion: true };
  const ownerReferences = withOwner(metadata.ownerReferences, owner);
  const labels = missingLabels(metadata.labels, inherited(machine.metadata.labels ?? {}));
  if (!ownerReferences && !labels && !finalizers) return undefined;
  const { namespace = "", name, resourceVersion } = metadata;
  const lists = { ...(ownerReferences && { ownerReferences }), ...(finalizers && { finalizers }) };
  const body = { metadata: { resourceVersion, ...lists, ...(labels && { labels }) } };
  return { do: "patch", resource: seen.infrastructureResource, at: { namespace, name }, body };
}

/** undefined: it is there, or none is wanted. */
const withFinalizer = (before: readonly string[] = [], wanted: string | undefined) =>
  wanted === undefined || before.includes(wanted) ? undefined : [...before, wanted];

/** So that whoever looks after the Machine looks after this, too. */
const inherited = ({ [WATCH_FILTER_LABEL]: filter }: Readonly<Record<string, string>>) =>
  filter === undefined ? {} : { [WATCH_FILTER_LABEL]: filter };

interface Stored {
  readonly infrastructure: InfrastructureMachine;
  readonly node: PoolNode | undefined;
}

function infrastructureStatus(
  view: PoolView,
  seen: MachinesSeen,
  { infrastructure: one, node }: Stored,
): ObjectWrite | undefined {
  const wish = seen.wishes.get(one.spec.providerID ?? "");
  if (!wish) return undefined;
  const status = infrastructureStatusOf({ wish, node, before: one.status, time: timeOf(view.nowSeconds) });
  if (covers(one.status, status)) return undefined;
  const { namespace = "", name, resourceVersion } = one.metadata;
  const body = { metadata: { resourceVersion }, status };
  return { do: "patch", resource: seen.infrastructureResource, at: { namespace, name }, body, subresource: "status" };
}

/**
 * The instance is gone for certain and its drain is over: what stood for it goes, the Machine last, as upstream has it: it
 * is what refers to the infrastructure machine.
 */
function leftovers(view: PoolView, seen: MachinesSeen, ids: ReadonlySet<string>): readonly ObjectWrite[] {
  const isOver = (providerID: string | undefined) =>
    providerID === undefined || (!ids.has(providerID) && isOverWith(view, providerID));
  // Without a providerID it may be waiting for one: only a deletion says that it is not.
  const isNobodys = ({ metadata }: Machine | InfrastructureMachine) =>
    metadata.deletionTimestamp !== undefined || isDeleting(view);
  const infrastructures = seen.infrastructure.filter(
    (one) => isOver(one.spec.providerID) && (one.spec.providerID !== undefined || isNobodys(one)),
  );
  const providerIDs = new Map(seen.infrastructure.map(({ metadata, spec }) => [metadata.name, spec.providerID]));
  const old = seen.machines.filter((machine) => {
    const providerID = machine.spec.providerID ?? providerIDs.get(machine.spec.infrastructureRef?.name ?? "");
    return isOver(providerID) && (providerID !== undefined || isNobodys(machine));
  });
  const group = `.${seen.infrastructureResource.apiVersion.split("/")[0]}`;
  return [
    ...infrastructures.flatMap((one) =>
      removal(seen.infrastructureResource, one, (finalizer) => finalizer.endsWith(group)),
    ),
    ...old
      .filter(
        ({ metadata, spec }) => !metadata.deletionTimestamp || !providerIDs.has(spec.infrastructureRef?.name ?? ""),
      )
      .flatMap((one) => removal(machines, one, (finalizer) => finalizer === MACHINE_FINALIZER)),
  ];
}

function removal(
  resource: MachinesSeen["infrastructureResource"],
  { metadata }: Machine | InfrastructureMachine,
  isOurs: (finalizer: string) => boolean,
): readonly ObjectWrite[] {
  const { namespace = "", name, uid, resourceVersion, finalizers = [], deletionTimestamp } = metadata;
  const at = { namespace, name };
  if (deletionTimestamp === undefined) return [{ do: "delete", resource, at, ...(uid && { uid }) }];
  const kept = finalizers.filter((finalizer) => !isOurs(finalizer));
  if (kept.length === finalizers.length) return [];
  return [{ do: "patch", resource, at, body: { metadata: { resourceVersion, finalizers: kept } } }];
}
