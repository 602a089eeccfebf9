/** What the MachinePool, and the Machine where there is one, say about the drain of an instance. */
import {
  CLUSTER_NAME_LABEL,
  EXCLUDE_NODE_DRAINING_ANNOTATION,
  EXCLUDE_VOLUME_DETACH_ANNOTATION,
  PAUSED_ANNOTATION,
  POOL_NAME_LABEL,
} from "../../api/core/labels.ts";
import type { Machine } from "../../api/core/machine.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { KubernetesObject } from "../../api/kubernetes/meta.ts";
import type { Labels } from "./drain-rules.ts";
import type { DrainView } from "./drain-view.ts";
import { poolNameLabel } from "./pool-label.ts";

export interface Owner {
  readonly pool?: MachinePool;
  readonly machine?: Machine;
}

const has = (object: KubernetesObject | undefined, annotation: string): boolean =>
  object?.metadata.annotations?.[annotation] !== undefined;

/** What is paused, in words; upstream's Paused condition covers Cluster.spec.paused too. */
export function pausedIn(
  pool: MachinePool | undefined,
  others: readonly (KubernetesObject | undefined)[],
): string | undefined {
  const paused = [pool, ...others].find((object) => has(object, PAUSED_ANNOTATION));
  if (paused) return `${paused.kind ?? "object"} ${paused.metadata.name}`;
  const isPaused = pool?.status?.conditions?.some(({ type, status }) => type === "Paused" && status === "True");
  return isPaused && pool ? `MachinePool ${pool.metadata.name}` : undefined;
}

/** Who asks for no drain, in words. The MachinePool's annotation counts only where it has no Machines. */
export function excludedBy({ pool, machine }: Owner, node: KubernetesObject | undefined): string | undefined {
  const asks = (object: KubernetesObject | undefined) => has(object, EXCLUDE_NODE_DRAINING_ANNOTATION);
  if (machine && asks(machine)) return `Machine ${machine.metadata.name}`;
  if (node && asks(node)) return `Node ${node.metadata.name}`;
  return !machine && pool && asks(pool) ? `MachinePool ${pool.metadata.name}` : undefined;
}

export const skipsVolumeWait = ({ pool, machine }: Owner): boolean =>
  has(machine ?? pool, EXCLUDE_VOLUME_DETACH_ANNOTATION);

/** The Machine's limits win; 0 and absent are none. */
export function limitsOf({ pool, machine }: Owner): DrainView["limits"] {
  const deletion = machine ? machine.spec.deletion : pool?.spec.template.spec.deletion;
  const drainSeconds = deletion?.nodeDrainTimeoutSeconds;
  const volumeSeconds = deletion?.nodeVolumeDetachTimeoutSeconds;
  return { ...(drainSeconds && { drainSeconds }), ...(volumeSeconds && { volumeSeconds }) };
}

/** Labels that a rule's machine selector is held against: without a Machine, those it would have got from the pool. */
export function machineLabels({ pool, machine }: Owner): Labels {
  if (machine) return machine.metadata.labels ?? {};
  if (!pool) return {};
  return {
    ...pool.spec.template.metadata?.labels,
    [CLUSTER_NAME_LABEL]: pool.spec.clusterName,
    [POOL_NAME_LABEL]: poolNameLabel(pool.metadata.name),
  };
}
