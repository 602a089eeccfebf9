/** First conclusions about a MachinePool that several decisions share: is it provisioned, which list counts, what is it waiting for. */

import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { PAUSED_ANNOTATION, REPLICAS_MANAGED_BY_ANNOTATION } from "../../api/core/labels.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { PoolView, RefSight } from "./pool-view.ts";

export const isDeleting = ({ machinePool }: Pick<PoolView, "machinePool">): boolean =>
  machinePool.metadata.deletionTimestamp !== undefined;

/** Of both contracts: a provider may fill either. */
export const isProvisioned = (pool: InfrastructurePool): boolean =>
  pool.status?.initialization?.provisioned ?? pool.status?.ready ?? false;

/** An empty list beside a count that is not 0 is half a statement: the next write completes it. */
const isHalfSaid = ({ spec, status }: InfrastructurePool): boolean =>
  (spec.providerIDList?.length ?? 0) === 0 && status?.replicas !== 0;

export interface InstanceList {
  readonly ids: readonly string[];
  /** What is missing here does not exist any more; only then may a Node be removed. */
  readonly trusted: boolean;
}

/**
 * The instances of the pool, in the order the infrastructure pool gives them; while it says nothing for certain, those
 * known before.
 */
export function instanceList(machinePool: MachinePool, infrastructure: RefSight<InfrastructurePool>): InstanceList {
  const before = { ids: machinePool.spec.providerIDList ?? [], trusted: false };
  const deleting = machinePool.metadata.deletionTimestamp !== undefined;
  if (infrastructure.seen === "missing") return deleting ? { ids: [], trusted: true } : before;
  if (infrastructure.seen !== "found") return before;
  const { object } = infrastructure;
  const counts = isProvisioned(object) || object.metadata.deletionTimestamp !== undefined;
  if (!counts || isHalfSaid(object)) return before;
  return { ids: object.spec.providerIDList ?? [], trusted: true };
}

/** Contract v1beta2 first, then v1beta1. */
export const hasBootstrapData = (view: Pick<PoolView, "bootstrap" | "machinePool">): boolean => {
  const { bootstrap, machinePool } = view;
  if (bootstrap.seen === "none") return machinePool.spec.template.spec.bootstrap?.dataSecretName !== undefined;
  if (bootstrap.seen !== "found") return false;
  const { status } = bootstrap.object;
  return (status?.initialization?.dataSecretCreated ?? status?.ready ?? false) && Boolean(status?.dataSecretName);
};

/** A config says "created" and does not say where: a fault of its controller. */
export const lacksSecretName = ({ bootstrap }: Pick<PoolView, "bootstrap">): boolean => {
  if (bootstrap.seen !== "found") return false;
  const { status } = bootstrap.object;
  return (status?.initialization?.dataSecretCreated ?? status?.ready ?? false) && !status?.dataSecretName;
};

/** Any value but "false" (cluster-api util/annotations/helpers.go). */
export const isExternallyManaged = ({ metadata }: MachinePool): boolean => {
  const value = metadata.annotations?.[REPLICAS_MANAGED_BY_ANNOTATION];
  return value !== undefined && value !== "false";
};

/** Upstream's webhook always fills it in. */
export const desiredReplicas = ({ spec }: MachinePool): number => spec.replicas ?? 1;

/** Instances that exist, as the infrastructure pool counts them; while it says nothing, as it did before. */
export function observedReplicas({ machinePool, infrastructure }: PoolView): number {
  if (infrastructure.seen === "missing" && machinePool.metadata.deletionTimestamp !== undefined) return 0;
  const told = infrastructure.seen === "found" ? infrastructure.object.status?.replicas : undefined;
  return told ?? machinePool.status?.replicas ?? machinePool.spec.providerIDList?.length ?? 0;
}

/** What pauses the pool, in upstream's words, joined; undefined: nothing (cluster-api util/paused/paused.go). */
export function pausedMessage(
  machinePool: MachinePool,
  cluster: { readonly spec?: { readonly paused?: boolean } } | undefined,
): string | undefined {
  const said = [
    ...(cluster?.spec?.paused ? ["Cluster spec.paused is set to true"] : []),
    ...(machinePool.metadata.annotations?.[PAUSED_ANNOTATION] !== undefined
      ? ["MachinePool has the cluster.x-k8s.io/paused annotation"]
      : []),
  ];
  return said.length > 0 ? said.join(", ") : undefined;
}
