/** Labels, owners and names of what a MachinePool owns: written the same way by whoever writes them. */
import { CLUSTER_NAME_LABEL, POOL_NAME_LABEL, WATCH_FILTER_LABEL } from "../../api/core/labels.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import type { KubernetesObject, OwnerReference, Resource } from "../../api/kubernetes/meta.ts";
import { poolNameLabel } from "./pool-label.ts";

export type Labels = Readonly<Record<string, string>>;

/** On every Machine and infrastructure machine of the pool; with them it is found again. */
export function memberLabels({ metadata, spec }: MachinePool, watchFilter: string): Labels {
  return {
    [CLUSTER_NAME_LABEL]: spec.clusterName,
    [POOL_NAME_LABEL]: poolNameLabel(metadata.name),
    ...(watchFilter && { [WATCH_FILTER_LABEL]: watchFilter }),
  };
}

export const memberSelector = ({ metadata, spec }: MachinePool): string =>
  `${CLUSTER_NAME_LABEL}=${spec.clusterName},${POOL_NAME_LABEL}=${poolNameLabel(metadata.name)}`;

export const controllerReference = ({ metadata }: MachinePool): OwnerReference => ({
  apiVersion: machinePools.apiVersion,
  kind: machinePools.kind,
  name: metadata.name,
  uid: metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});

export const ownerReference = (resource: Resource, { metadata }: KubernetesObject): OwnerReference => ({
  apiVersion: resource.apiVersion,
  kind: resource.kind,
  name: metadata.name,
  uid: metadata.uid ?? "",
});

const groupOf = (apiVersion: string): string => apiVersion.slice(0, apiVersion.lastIndexOf("/") + 1);

/** The same object, whatever its version and uid: a reference outlives a move of its object to another cluster. */
const refersToSame = (a: OwnerReference, b: OwnerReference): boolean =>
  groupOf(a.apiVersion) === groupOf(b.apiVersion) && a.kind === b.kind && a.name === b.name;

const isEqual = (a: OwnerReference, b: OwnerReference): boolean =>
  a.apiVersion === b.apiVersion &&
  a.uid === b.uid &&
  (a.controller ?? false) === (b.controller ?? false) &&
  (a.blockOwnerDeletion ?? false) === (b.blockOwnerDeletion ?? false);

/** @returns the whole list with this owner in it; undefined when it stands there already */
export function withOwner(
  owners: readonly OwnerReference[] | undefined,
  owner: OwnerReference,
): readonly OwnerReference[] | undefined {
  const before = owners ?? [];
  const known = before.find((one) => refersToSame(one, owner));
  if (known && isEqual(known, owner)) return undefined;
  return known ? before.map((one) => (one === known ? owner : one)) : [...before, owner];
}

/** Who controls an object, when it is neither nobody nor this owner. */
export const otherController = ({ metadata }: KubernetesObject, owner: OwnerReference): OwnerReference | undefined =>
  metadata.ownerReferences?.find((one) => one.controller === true && !refersToSame(one, owner));

/** @returns those of `wanted` that are missing or different; undefined when none is */
export function missingLabels(present: Labels | undefined, wanted: Labels): Labels | undefined {
  const missing = Object.entries(wanted).filter(([key, value]) => present?.[key] !== value);
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}
