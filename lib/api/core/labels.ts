/** Labels and annotations of Cluster API, letter for letter (cluster-api api/core/v1beta2/common_types.go). */

export const CLUSTER_NAME_LABEL = "cluster.x-k8s.io/cluster-name";
export const POOL_NAME_LABEL = "cluster.x-k8s.io/pool-name";
/** On a workload Pod: `skip` or `wait-completed`, in any case and spelling upstream accepts. */
export const POD_DRAIN_LABEL = "cluster.x-k8s.io/drain";
/** Presence pauses the object, whatever the value. */
export const PAUSED_ANNOTATION = "cluster.x-k8s.io/paused";
/** On a Machine (upstream) or a Node (ours): presence means do not drain. */
export const EXCLUDE_NODE_DRAINING_ANNOTATION = "machine.cluster.x-k8s.io/exclude-node-draining";
export const EXCLUDE_VOLUME_DETACH_ANNOTATION = "machine.cluster.x-k8s.io/exclude-wait-for-node-volume-detach";
