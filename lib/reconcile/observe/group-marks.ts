/** Which instances somebody has chosen to go: an annotation of their Machine, or a taint of their Node. */
import { CLUSTER_NAME_LABEL, DELETE_MACHINE_ANNOTATION, POOL_NAME_LABEL } from "../../api/core/labels.ts";
import { type Machine, machines } from "../../api/core/machine.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import { type Node, nodes } from "../../api/kubernetes/node.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { PoolMember } from "../../providers/pool-provider.ts";
import { DRAIN_CANCELLED_ANNOTATION } from "../decide/cordon.ts";
import { NO_WORKLOAD_CLUSTER } from "../decide/drain-action.ts";
import { poolNameLabel } from "../decide/pool-label.ts";
import type { World } from "../step.ts";
import { workloadTroubleOf } from "../trouble.ts";
import { readWanted } from "./read-all.ts";

/** cluster-autoscaler's mark on a Node that it has chosen and drained (core/utils/taints). */
const TO_BE_DELETED_TAINT = "ToBeDeletedByClusterAutoscaler";

/** providerID -> name of its Machine; empty where the pool keeps none. */
export async function machineNames(
  management: KubernetesClient,
  machinePool: MachinePool,
): Promise<{ readonly names: ReadonlyMap<string, string>; readonly marked: readonly string[] }> {
  const names = new Map<string, string>();
  const marked: string[] = [];
  for await (const { providerID, metadata } of machinesOf(management, machinePool)) {
    names.set(providerID, metadata.name);
    if (isMarked({ metadata })) marked.push(providerID);
  }
  return { names, marked };
}

/** One list. Who is Ready is read off the Machines, which the Nodes' own step keeps. */
export async function poolMembers(
  management: KubernetesClient,
  machinePool: MachinePool,
): Promise<readonly PoolMember[]> {
  const members: PoolMember[] = [];
  for await (const { providerID, metadata, status } of machinesOf(management, machinePool)) {
    const ready = status?.conditions?.some((one) => one.type === "NodeReady" && one.status === "True") ?? false;
    members.push({ providerID, ready, marked: isMarked({ metadata }) });
  }
  return members;
}

const isMarked = ({ metadata }: Pick<Machine, "metadata">): boolean =>
  metadata.annotations?.[DELETE_MACHINE_ANNOTATION] !== undefined;

async function* machinesOf(management: KubernetesClient, machinePool: MachinePool) {
  const { namespace = "", name } = machinePool.metadata;
  const labels = { [CLUSTER_NAME_LABEL]: machinePool.spec.clusterName, [POOL_NAME_LABEL]: poolNameLabel(name) };
  const labelSelector = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
  for await (const page of management.list<Machine>(machines, { namespace, labelSelector })) {
    for (const { metadata, spec, status } of page) {
      if (spec.providerID !== undefined) yield { providerID: spec.providerID, metadata, status };
    }
  }
}

/** providerIDs. */
export interface NodeMarks {
  /** Nodes that the autoscaler has emptied for us. */
  readonly emptied: readonly string[];
  /** Nodes whose drain a person took back. */
  readonly spared: readonly string[];
}

/**
 * One list, of which only the marked Nodes are kept.
 * @throws KubernetesError while the workload cluster cannot be asked: another instance than the chosen one must not go
 */
export async function nodeMarks(world: World, { metadata, spec }: MachinePool): Promise<NodeMarks> {
  const workload = await workloadOf(world, { namespace: metadata.namespace ?? "", name: spec.clusterName });
  if (!workload) return { emptied: [], spared: [] };
  const marked = await readWanted(workload.list<Node>(nodes), (node) => isEmptied(node) || isSpared(node));
  const idsOf = (found: readonly Node[]) => found.flatMap((node) => node.spec?.providerID ?? []);
  return { emptied: idsOf(marked.filter(isEmptied)), spared: idsOf(marked.filter(isSpared)) };
}

const isEmptied = ({ spec }: Node): boolean => Boolean(spec?.taints?.some(({ key }) => key === TO_BE_DELETED_TAINT));
const isSpared = ({ metadata }: Node): boolean => metadata.annotations?.[DRAIN_CANCELLED_ANNOTATION] !== undefined;

/** undefined: the Cluster has no kubeconfig, so nobody can have marked its Nodes. */
async function workloadOf(
  world: World,
  cluster: { readonly namespace: string; readonly name: string },
): Promise<KubernetesClient | undefined> {
  try {
    return await world.clusters.workload(cluster);
  } catch (error) {
    if (workloadTroubleOf(error)?.reason === NO_WORKLOAD_CLUSTER) return undefined;
    throw error;
  }
}
