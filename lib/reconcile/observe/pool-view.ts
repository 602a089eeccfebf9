/** Everything one pass over a MachinePool looks at, in few calls: none of them grows with the Nodes but the list pages. */
import type { Cluster } from "../../api/core/cluster.ts";
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import { type InstanceTermination, instanceTerminations } from "../../api/lifecycle/instance-termination.ts";
import type { PoolKind } from "../../providers/provider.ts";
import { doubtsOf } from "../decide/doubts.ts";
import { machinePlan } from "../decide/machine-plan.ts";
import { BATCH } from "../decide/node-action.ts";
import type { NodeWish } from "../decide/node-metadata.ts";
import { instanceList, isDeleting } from "../decide/pool-facts.ts";
import type { MachinesSeen, PoolView, RefSight } from "../decide/pool-view.ts";
import type { World } from "../step.ts";
import { workloadTroubleOf } from "../trouble.ts";
import { readMachines } from "./pool-machines.ts";
import { readPoolNodes } from "./pool-nodes.ts";
import { readBootstrap, readInfrastructure } from "./pool-references.ts";
import { readWanted } from "./read-all.ts";

export interface PoolSubject {
  readonly machinePool: MachinePool;
  readonly cluster: Cluster | undefined;
  readonly kind: PoolKind;
}

/** @throws KubernetesError of the management cluster; a workload cluster that fails is part of the view */
export async function observePool(world: World, subject: PoolSubject): Promise<PoolView> {
  const { machinePool, cluster, kind } = subject;
  const [infrastructure, bootstrap] = await Promise.all([
    readInfrastructure(world, machinePool, kind.resource),
    readBootstrap(world, machinePool),
  ]);
  const { ids } = instanceList(machinePool, infrastructure);
  const question = { machinePool, infrastructure, kind, ids };
  const machines = await readMachines(world.clusters.management, question);
  const instanceIds = new Map(ids.flatMap((id) => pairOf(id, kind.instanceIdOf(id))));
  const outdated = infrastructure.seen === "found" ? kind.outdated?.(infrastructure.object) : undefined;
  const view: PoolView = {
    nowSeconds: world.now().getTime() / 1000,
    machinePool,
    ...(cluster && { cluster }),
    infrastructure,
    bootstrap,
    ...(machines && { machines }),
    ...(await readWorkload(world, subject, { infrastructure, machines, instanceIds })),
    ...(outdated && { outdated }),
    leaving: new Map(),
    released: new Set(),
    letGo: new Set(),
    doubts: new Map(),
    instanceIds,
    watchFilter: world.settings.watchFilter ?? "",
  };
  return mayLeave(view) ? certain(world, view, kind) : view;
}

/** Two calls more before anything is removed. */
async function certain(world: World, view: PoolView, { resource }: PoolKind): Promise<PoolView> {
  const [terminations, again] = await Promise.all([
    readTerminations(world, view.machinePool),
    readInfrastructure(world, view.machinePool, resource),
  ]);
  const known = { ...view, ...terminations };
  return { ...known, doubts: doubtsOf(known, again) };
}

const pairOf = (id: string, instanceId: string | undefined) =>
  instanceId === undefined ? [] : [[id, instanceId] as const];

interface Known {
  readonly infrastructure: RefSight<InfrastructurePool>;
  readonly machines: MachinesSeen | undefined;
  readonly instanceIds: ReadonlyMap<string, string>;
}

async function readWorkload(
  world: World,
  { machinePool, cluster }: PoolSubject,
  known: Known,
): Promise<Pick<PoolView, "nodes" | "workloadTrouble">> {
  if (!cluster) return {};
  try {
    const { namespace = "", name } = cluster.metadata;
    const workload = await world.clusters.workload({ namespace, name });
    const wishOf = nodeWishes(machinePool, known);
    const withInfo = known.machines !== undefined;
    return { nodes: await readPoolNodes(workload, { machinePool, wishOf, withInfo, fixes: BATCH }) };
  } catch (error) {
    const workloadTrouble = workloadTroubleOf(error);
    if (!workloadTrouble) throw error;
    return { workloadTrouble };
  }
}

function nodeWishes(
  machinePool: MachinePool,
  { machines, instanceIds, infrastructure }: Known,
): (providerID: string) => NodeWish | undefined {
  const byProviderID = new Map(machines?.machines.map((one) => [one.spec.providerID ?? "", one]));
  const { ids } = instanceList(machinePool, infrastructure);
  const listed = new Set(ids);
  return (providerID) => {
    if (!listed.has(providerID)) return undefined;
    const machine = byProviderID.get(providerID);
    const instanceId = instanceIds.get(providerID);
    return {
      machinePool,
      ...(instanceId !== undefined && { instanceId }),
      ...(machine && { machineName: machine.metadata.name }),
      labels: machine?.metadata.labels ?? machinePool.spec.template.metadata?.labels ?? {},
      interruptible: machines?.wishes.get(providerID)?.interruptible ?? false,
    };
  };
}

/** Only then the terminations are worth a call. */
function mayLeave(view: PoolView): boolean {
  if (isDeleting(view) || (view.nodes?.retired.length ?? 0) > 0) return true;
  const { asked, removals } = machinePlan(view);
  return asked.length + removals.length > 0;
}

async function readTerminations(
  { clusters }: World,
  { metadata, spec }: MachinePool,
): Promise<Pick<PoolView, "leaving" | "released" | "letGo">> {
  const query = { namespace: metadata.namespace ?? "", labelSelector: `${CLUSTER_NAME_LABEL}=${spec.clusterName}` };
  const pages = clusters.management.list<InstanceTermination>(instanceTerminations, query);
  const all = await readWanted(pages, (one) => one.spec.machinePoolName === metadata.name);
  const idOf = (one: InstanceTermination) => one.spec.providerID;
  const isOpen = ({ status }: InstanceTermination) => status?.finishTime === undefined;
  const released = all.filter((one) => !isOpen(one) && one.status?.phase === "Released");
  return {
    leaving: new Map(all.filter(isOpen).map((one) => [idOf(one), one])),
    released: new Set(released.map(idOf)),
    letGo: new Set(released.filter(({ status }) => status?.releaseTime !== undefined).map(idOf)),
  };
}
