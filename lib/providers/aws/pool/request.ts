/** One pool's request with the kinds of AWS filled in: what the wish is made from. */

import type { AwsInfrastructure } from "../../../api/aws/aws-cluster.ts";
import type { AwsMachinePool } from "../../../api/aws/aws-machine-pool.ts";
import { REPLICAS_MANAGED_BY_ANNOTATION } from "../../../api/core/labels.ts";
import type { Tags } from "../../applied-tags.ts";
import type { PoolRequest } from "../../pool-provider.ts";
import type { PoolIdentity } from "./tags.ts";

export interface AwsRequest extends PoolRequest {
  readonly pool: AwsMachinePool;
  readonly infrastructure: AwsInfrastructure;
  /** The control plane is EKS's. */
  readonly isEks: boolean;
}

export const isDeleting = ({ pool }: PoolRequest): boolean => pool.metadata.deletionTimestamp !== undefined;

export function identityOf({ pool, cluster, infrastructure, isEks }: AwsRequest): PoolIdentity {
  const { name, namespace = "" } = pool.metadata;
  const clusterName = cluster.metadata.name;
  const eksName = isEks ? infrastructure.spec.eksClusterName : undefined;
  return { name, namespace, clusterName, cloudClusterName: eksName || clusterName };
}

/** The pool's win over the cluster's. */
export const additionalTagsOf = ({ pool, infrastructure }: AwsRequest): Tags => ({
  ...infrastructure.spec.additionalTags,
  ...pool.spec.additionalTags,
});

/** undefined: nobody asks for a number, or somebody else owns it. */
export function replicasOf({ machinePool }: PoolRequest): number | undefined {
  const managedBy = machinePool.metadata.annotations?.[REPLICAS_MANAGED_BY_ANNOTATION];
  return managedBy === undefined || managedBy === "false" ? machinePool.spec.replicas : undefined;
}
