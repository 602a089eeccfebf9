/** One pool's request with the kinds of Azure filled in: what the wish is made from. */

import type { AzureMachinePool } from "../../../api/azure/azure-machine-pool.ts";
import { REPLICAS_MANAGED_BY_ANNOTATION } from "../../../api/core/labels.ts";
import type { Tags } from "../../applied-tags.ts";
import type { PoolRequest } from "../../pool-provider.ts";
import type { ScaleSetId } from "../provider-id.ts";
import { scaleSetName } from "../scale-set-name.ts";
import type { Surroundings } from "./surroundings.ts";
import type { PoolIdentity } from "./tags.ts";

export interface AzureRequest extends PoolRequest {
  readonly pool: AzureMachinePool;
  readonly surroundings: Surroundings;
  readonly subscriptionId: string;
  /** The preview that tells of scheduled events outside the machines is wished for. */
  readonly publishScheduledEvents: boolean;
  /** GUIDs, in small letters, of the roles that the identity in use may give; "any": it is the cluster's own affair. */
  readonly assignableRoles: readonly string[] | "any";
}

export const isDeleting = ({ pool }: PoolRequest): boolean => pool.metadata.deletionTimestamp !== undefined;

export const scaleSetIdOf = ({ pool, subscriptionId, surroundings }: AzureRequest): ScaleSetId => ({
  subscriptionId,
  resourceGroup: surroundings.resourceGroup,
  name: scaleSetName(pool),
});

export const identityOf = ({ pool, cluster }: AzureRequest): PoolIdentity => ({
  namespace: pool.metadata.namespace ?? "",
  name: pool.metadata.name,
  scaleSetName: scaleSetName(pool),
  clusterName: cluster.metadata.name,
});

/** The pool's win over the cluster's. */
export const additionalTagsOf = ({ pool, surroundings }: AzureRequest): Tags => ({
  ...surroundings.additionalTags,
  ...pool.spec.additionalTags,
});

export function isExternallyManaged({ machinePool }: PoolRequest): boolean {
  const managedBy = machinePool.metadata.annotations?.[REPLICAS_MANAGED_BY_ANNOTATION];
  return managedBy !== undefined && managedBy !== "false";
}

export const isWindows = ({ pool }: Pick<AzureRequest, "pool">): boolean =>
  pool.spec.template.osDisk.osType === "Windows";
export const isFlexible = ({ pool }: Pick<AzureRequest, "pool">): boolean => pool.spec.orchestrationMode === "Flexible";
