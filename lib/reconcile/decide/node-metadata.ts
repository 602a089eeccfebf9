/** What a Node of a pool carries: whose it is, the labels of its Machine, and no "uninitialized" taint any more. */
import {
  CLUSTER_NAME_ANNOTATION,
  CLUSTER_NAMESPACE_ANNOTATION,
  INTERRUPTIBLE_LABEL,
  LABELS_FROM_MACHINE_ANNOTATION,
  MACHINE_ANNOTATION,
  OWNER_KIND_ANNOTATION,
  OWNER_NAME_ANNOTATION,
  UNINITIALIZED_TAINT,
} from "../../api/core/labels.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import type { Node } from "../../api/kubernetes/node.ts";
import { INSTANCE_LABEL } from "../../api/lifecycle/instance-termination.ts";
import { instanceLabel } from "./pool-label.ts";
import type { Labels } from "./pool-names.ts";

export interface NodeWish {
  readonly machinePool: MachinePool;
  /** Absent: its providerID is of a form that the provider does not know. */
  readonly instanceId?: string;
  /** Where Machines are kept. */
  readonly machineName?: string;
  /** Of the Machine, or of the pool's template; only those of managed domains reach the Node. */
  readonly labels: Labels;
  readonly interruptible: boolean;
}

const MANAGED_DOMAINS = ["node-restriction.kubernetes.io", "node.cluster.x-k8s.io"];

/** @source cluster-api core/reconcilers/machine/machine_controller_noderef.go (getManagedLabels) */
export function isManagedLabel(key: string): boolean {
  const domain = key.slice(0, Math.max(0, key.indexOf("/")));
  return (
    domain === "node-role.kubernetes.io" || MANAGED_DOMAINS.some((one) => domain === one || domain.endsWith(`.${one}`))
  );
}

const managed = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => isManagedLabel(key)));

/**
 * @returns a merge patch bound to the Node that was read; undefined when it carries all of it already
 */
export function nodePatch(node: Node, wish: NodeWish): object | undefined {
  const present = node.metadata.annotations ?? {};
  const synced = managed(wish.labels);
  const labels = differences(node.metadata.labels ?? {}, labelWishes(node, synced, wish));
  const annotations = differences(present, annotationWishes(present, synced, wish));
  const taints = node.spec?.taints ?? [];
  const kept = taints.filter(({ key }) => key !== UNINITIALIZED_TAINT);
  const hasTaint = kept.length < taints.length;
  if (!labels && !annotations && !hasTaint) return undefined;
  const { uid, resourceVersion } = node.metadata;
  return {
    // Taints have no merge key: the whole list is sent, bound to the version that was read.
    metadata: {
      uid,
      ...(hasTaint && { resourceVersion }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    },
    ...(hasTaint && { spec: { taints: kept } }),
  };
}

type Wishes = Readonly<Record<string, string | null>>;

/** A label that came from the Machine and is gone there goes here too; all others are somebody else's. */
function labelWishes({ metadata }: Node, synced: Labels, { instanceId, interruptible }: NodeWish): Wishes {
  const tracked = metadata.annotations?.[LABELS_FROM_MACHINE_ANNOTATION]?.split(",").filter(isManagedLabel) ?? [];
  const gone = tracked.filter((key) => synced[key] === undefined).map((key) => [key, null] as const);
  return {
    ...Object.fromEntries(gone),
    ...synced,
    ...(instanceId !== undefined && { [INSTANCE_LABEL]: instanceLabel(instanceId) }),
    ...(interruptible && { [INTERRUPTIBLE_LABEL]: "" }),
  };
}

function annotationWishes(present: Labels, synced: Labels, { machinePool, machineName }: NodeWish): Wishes {
  const keys = Object.keys(synced).sort().join(",");
  const isTracked = keys !== "" || present[LABELS_FROM_MACHINE_ANNOTATION] !== undefined;
  return {
    [CLUSTER_NAME_ANNOTATION]: machinePool.spec.clusterName,
    [CLUSTER_NAMESPACE_ANNOTATION]: machinePool.metadata.namespace ?? "",
    [OWNER_KIND_ANNOTATION]: machinePools.kind,
    [OWNER_NAME_ANNOTATION]: machinePool.metadata.name,
    ...(machineName !== undefined && { [MACHINE_ANNOTATION]: machineName }),
    ...(isTracked && { [LABELS_FROM_MACHINE_ANNOTATION]: keys }),
  };
}

function differences(present: Labels, wishes: Wishes): Wishes | undefined {
  const different = Object.entries(wishes).filter(([key, value]) => (present[key] ?? null) !== value);
  return different.length > 0 ? Object.fromEntries(different) : undefined;
}

/** The Node says itself that it belongs to this pool: true after its status was lost, too. */
export function isNodeOf({ metadata }: Node, machinePool: MachinePool): boolean {
  const said = metadata.annotations ?? {};
  return (
    said[OWNER_KIND_ANNOTATION] === machinePools.kind &&
    said[OWNER_NAME_ANNOTATION] === machinePool.metadata.name &&
    said[CLUSTER_NAME_ANNOTATION] === machinePool.spec.clusterName &&
    said[CLUSTER_NAMESPACE_ANNOTATION] === machinePool.metadata.namespace
  );
}
