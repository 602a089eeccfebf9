/** Wishes of a person on an infrastructure pool that upstream's API has no field for. */

/** "false": instances of a deleted pool are taken out without a drain. */
export const DRAIN_ON_DELETE_ANNOTATION = "lifecycle.cluster.x-k8s.io/drain-on-delete";
