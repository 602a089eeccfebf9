/** lifecycle.cluster.x-k8s.io/v1alpha1 InstanceTermination: the way of one instance out of its pool. Our only CRD. */
import type { Condition, KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { Hold } from "./hold.ts";

export const instanceTerminations: Resource = {
  apiVersion: "lifecycle.cluster.x-k8s.io/v1alpha1",
  plural: "instanceterminations",
  kind: "InstanceTermination",
};

/** Holds the object back until drain-step has undone what it did to the Node. */
export const DRAIN_FINALIZER = "lifecycle.cluster.x-k8s.io/drain";
/** On an InstanceTermination: the instance id, so that an event finds it in one call. */
export const INSTANCE_LABEL = "lifecycle.cluster.x-k8s.io/instance";
/**
 * On a Node: it is leaving. The value says who made it unschedulable, so that a cancelled drain undoes only its own part:
 * `cordoned` we did, in the same patch as the taint; `found-cordoned` it was so before.
 */
export const TERMINATING_TAINT = "lifecycle.cluster.x-k8s.io/terminating";

export const CAUSES = [
  "ScaleIn",
  "TerminationHook",
  "SpotInterruption",
  "RebalanceRecommendation",
  "ScheduledMaintenance",
  "Preemption",
  "Upgrade",
  "Unhealthy",
  "UserRequest",
] as const;
export type Cause = (typeof CAUSES)[number];

export const PHASES = [
  "Pending",
  "Cordoned",
  "Draining",
  "DetachingVolumes",
  "Releasing",
  "Released",
  "Cancelled",
  "Failed",
] as const;
export type Phase = (typeof PHASES)[number];

export interface DrainOverrides {
  /** CordonOnly: no eviction and no release; the hold is kept alive until its maximum. Default Drain. */
  readonly mode?: "Drain" | "CordonOnly";
  /** Seconds from drainStartTime until the drain gives up waiting; 0 or absent: no limit of our own. */
  readonly timeoutSeconds?: number;
  /** Seconds to wait for volumes; 0 or absent: no limit of our own. */
  readonly volumeDetachTimeoutSeconds?: number;
  /** Seconds between cordon and release at the least. */
  readonly waitBeforeReleaseSeconds?: number;
  /** Delete (default): pods whose grace would overrun the deadline are deleted. Release: they are left to the instance's end. */
  readonly onDeadline?: "Delete" | "Release";
}

/** We take the instance out ourselves: nothing holds it, and the cloud is asked once its Node is empty. */
export interface Removal {
  /** The group shall have one instance less afterwards; otherwise the cloud replaces it. */
  readonly decrement: boolean;
}

export interface InstanceTerminationSpec {
  readonly clusterName: string;
  readonly machinePoolName: string;
  /** The Machine of this instance, where upstream keeps one. */
  readonly machineName?: string;
  readonly providerID: string;
  readonly cause: Cause;
  /** When the cloud said so, RFC 3339. */
  readonly noticeTime: string;
  /** When the cloud takes the instance, RFC 3339; later events may only bring it forward. */
  readonly deadlineTime?: string;
  /** What must be told to the cloud when the Node is empty; absent: nothing. */
  readonly hold?: Hold;
  /** Absent: the instance leaves by itself. */
  readonly removal?: Removal;
  readonly drain?: DrainOverrides;
  /** Write nothing but the plan into status. */
  readonly dryRun?: boolean;
}

/** A pod that holds the drain up, and why, in words for people. */
export interface WaitingFor {
  /** namespace/name */
  readonly pod: string;
  readonly reason: string;
  readonly message: string;
}

export interface InstanceTerminationStatus {
  readonly phase?: Phase;
  readonly nodeRef?: { readonly name: string; readonly uid: string };
  readonly cordonedByUs?: boolean;
  readonly drainStartTime?: string;
  readonly volumeWaitStartTime?: string;
  readonly lastHeartbeatTime?: string;
  /** When the instance was let go. */
  readonly releaseTime?: string;
  /** Whether the cloud still held it then and accepted; absent: it held nothing (any more). */
  readonly holdReleased?: boolean;
  /** When the last phase was reached; the TTL counts from here. */
  readonly finishTime?: string;
  /** When a function will look again; the sweep picks up what is overdue. */
  readonly nextLookTime?: string;
  readonly pods?: { readonly total: number; readonly evicted: number; readonly remaining: number };
  /** The first few, sorted by pod. */
  readonly waitingFor?: readonly WaitingFor[];
  /** Pods not to be asked again before a time (Retry-After, 5 s spacing): pod uid -> RFC 3339. */
  readonly retryTimes?: Readonly<Record<string, string>>;
  /** namespace/name of the claims of pods we drained: what the world cannot tell once they are gone. */
  readonly drainedClaims?: readonly string[];
  /** dryRun: what would be done next, one sentence each. */
  readonly plan?: readonly string[];
  readonly conditions?: readonly Condition[];
  readonly observedGeneration?: number;
}

export interface InstanceTermination extends KubernetesObject {
  readonly spec: InstanceTerminationSpec;
  readonly status?: InstanceTerminationStatus;
}
