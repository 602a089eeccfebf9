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
/** Beginnings of annotations of a Machine: its deletion waits until nobody has one of them. */
export const PRE_DRAIN_HOOK_PREFIX = "pre-drain.delete.hook.machine.cluster.x-k8s.io";
export const PRE_TERMINATE_HOOK_PREFIX = "pre-terminate.delete.hook.machine.cluster.x-k8s.io";
/** Which controller, or which deployment of this one, an object belongs to. */
export const WATCH_FILTER_LABEL = "cluster.x-k8s.io/watch-filter";
/** Presence and any value but "false": somebody else owns spec.replicas. */
export const REPLICAS_MANAGED_BY_ANNOTATION = "cluster.x-k8s.io/replicas-managed-by";
/** On a Machine: the first to go when there are fewer; the value is free. */
export const DELETE_MACHINE_ANNOTATION = "cluster.x-k8s.io/delete-machine";
/** clusterctl takes the object away because it lives elsewhere now: nothing of the cloud may be touched. */
export const DELETE_FOR_MOVE_ANNOTATION = "clusterctl.cluster.x-k8s.io/delete-for-move";

/** On a Node: where it belongs. */
export const CLUSTER_NAME_ANNOTATION = "cluster.x-k8s.io/cluster-name";
export const CLUSTER_NAMESPACE_ANNOTATION = "cluster.x-k8s.io/cluster-namespace";
export const MACHINE_ANNOTATION = "cluster.x-k8s.io/machine";
export const OWNER_KIND_ANNOTATION = "cluster.x-k8s.io/owner-kind";
export const OWNER_NAME_ANNOTATION = "cluster.x-k8s.io/owner-name";
/** On a Node: the label keys that came from its Machine, comma-separated, so that one taken away there goes here too. */
export const LABELS_FROM_MACHINE_ANNOTATION = "cluster.x-k8s.io/labels-from-machine";
/** On a Node, value "": the cloud may take it at any time. */
export const INTERRUPTIBLE_LABEL = "cluster.x-k8s.io/interruptible";
/** On a Node since it joined; taken away once it is known whose it is. */
export const UNINITIALIZED_TAINT = "node.cluster.x-k8s.io/uninitialized";
