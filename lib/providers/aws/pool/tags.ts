/** The tags of groups and templates: what a person adds, what says whose they are, and what our own later passes read. */
import { LAST_APPLIED_TAGS_ANNOTATION } from "../../../api/aws/aws-machine-pool.ts";
import type { KubernetesObject } from "../../../api/kubernetes/meta.ts";
import { readAppliedTags, type Tags } from "../../applied-tags.ts";

/** @source CAPA api/v1beta2/tags.go */
const CLUSTER_TAG = "sigs.k8s.io/cluster-api-provider-aws/cluster/";
const ROLE_TAG = "sigs.k8s.io/cluster-api-provider-aws/role";
const CLOUD_PROVIDER_TAG = "kubernetes.io/cluster/";
/** Namespace and name of the pool: upstream's tags alone let pools of one name in two namespaces take each other's group. */
export const POOL_TAG = "lifecycle.cluster.x-k8s.io/machine-pool";
/** One per hook that the pool declares, so that one that is declared no longer can be told from a foreign one. */
export const HOOK_TAG_PREFIX = "lifecycle.cluster.x-k8s.io/hook/";
const LONGEST_TAG_KEY = 128;

export interface PoolIdentity {
  /** Of the pool, the group and the template alike. */
  readonly name: string;
  readonly namespace: string;
  readonly clusterName: string;
  /** As the cloud provider of the cluster knows it: EKS's own name of an EKS cluster. */
  readonly cloudClusterName: string;
}

/** On instances, volumes, group and template. Exactly upstream's set, so that a pool taken over rolls nothing. */
export const ownershipTags = ({ name, clusterName, cloudClusterName }: PoolIdentity, additional: Tags): Tags => ({
  ...additional,
  Name: name,
  [`${CLOUD_PROVIDER_TAG}${cloudClusterName}`]: "owned",
  [`${CLUSTER_TAG}${clusterName}`]: "owned",
  [ROLE_TAG]: "node",
});

/** On the group and the template themselves only. */
export const resourceTags = (identity: PoolIdentity, additional: Tags): Tags => ({
  ...ownershipTags(identity, additional),
  [POOL_TAG]: `${identity.namespace}/${identity.name}`,
});

export const hookTags = (hookNames: readonly string[]): Tags =>
  Object.fromEntries(
    hookNames
      .map((name) => [`${HOOK_TAG_PREFIX}${name}`, "declared"] as const)
      .filter(([key]) => key.length <= LONGEST_TAG_KEY),
  );

/** Why something of our name is not ours; undefined: it is. */
export function foreignness(tags: Tags, { namespace, name, clusterName }: PoolIdentity): string | undefined {
  if (tags[`${CLUSTER_TAG}${clusterName}`] !== "owned") return `has no tag ${CLUSTER_TAG}${clusterName}=owned`;
  const pool = tags[POOL_TAG];
  return pool === undefined || pool === `${namespace}/${name}` ? undefined : `belongs to the AWSMachinePool ${pool}`;
}

export const appliedTags = (pool: KubernetesObject): Tags => readAppliedTags(pool, LAST_APPLIED_TAGS_ANNOTATION);

export const tagList = (tags: Tags) =>
  Object.entries(tags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([Key, Value]) => ({ Key, Value }));
