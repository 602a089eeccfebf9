/** The tags of a scale set: what a person adds, what says whose it is, and what our own later passes read. */
import { type AzureMachinePool, LAST_APPLIED_TAGS_ANNOTATION } from "../../../api/azure/azure-machine-pool.ts";
import { readAppliedTags, type Tags } from "../../applied-tags.ts";

/** @source CAPZ api/v1beta1/tags.go; Azure allows no slash in the name of a tag */
const CLUSTER_TAG = "sigs.k8s.io_cluster-api-provider-azure_cluster_";
const ROLE_TAG = "sigs.k8s.io_cluster-api-provider-azure_role";
const CLOUD_PROVIDER_TAG = "kubernetes.io_cluster_";
/** SHA-256 of the base64 text that new instances begin with: Azure does not say it again. */
export const CUSTOM_DATA_TAG = "capz-custom-data-hash";
/** Namespace and name of the pool: upstream's tags alone let pools of one name in two namespaces take each other's set. */
export const POOL_TAG = "lifecycle.cluster.x-k8s.io_machine-pool";
/** Of everything that new instances are made of, custom data and networks aside. */
export const MODEL_TAG = "lifecycle.cluster.x-k8s.io_model";
/** When it changed last, RFC 3339: what is older was made of something else. */
export const MODEL_TIME_TAG = "lifecycle.cluster.x-k8s.io_model-time";

export interface PoolIdentity {
  readonly namespace: string;
  /** Of the pool. */
  readonly name: string;
  /** Of the scale set. */
  readonly scaleSetName: string;
  readonly clusterName: string;
}

/** The owners' outrank what a person adds. */
export const ownershipTags = (
  { namespace, name, scaleSetName, clusterName }: PoolIdentity,
  additional: Tags,
): Tags => ({
  ...additional,
  Name: scaleSetName,
  [`${CLUSTER_TAG}${clusterName}`]: "owned",
  [ROLE_TAG]: "node",
  [`${CLOUD_PROVIDER_TAG}${clusterName}`]: "owned",
  [POOL_TAG]: `${namespace}/${name}`,
});

/** Why something of our name is not ours; undefined: it is. */
export function foreignness(tags: Tags, { namespace, name, clusterName }: PoolIdentity): string | undefined {
  if (tags[`${CLUSTER_TAG}${clusterName}`] !== "owned") return `has no tag ${CLUSTER_TAG}${clusterName}=owned`;
  const pool = tags[POOL_TAG];
  return pool === undefined || pool === `${namespace}/${name}` ? undefined : `belongs to the AzureMachinePool ${pool}`;
}

/** Names of the clusters that a scale set says it belongs to. */
export const owningClusters = (tags: Tags): readonly string[] =>
  Object.entries(tags).flatMap(([key, value]) =>
    key.startsWith(CLUSTER_TAG) && value === "owned" ? [key.slice(CLUSTER_TAG.length)] : [],
  );

export const appliedTags = (pool: AzureMachinePool): Tags => readAppliedTags(pool, LAST_APPLIED_TAGS_ANNOTATION);

/** Added by an earlier pass, wished no longer, and still there. */
export const goneTags = (applied: Tags, wanted: Tags, live: Tags): Tags =>
  Object.fromEntries(Object.entries(live).filter(([key]) => key in applied && !(key in wanted)));
