/** All that a drain decision may know: one plain object per pass, the clock included. Times are seconds since 1970. */
import type { InstanceTerminationSpec, InstanceTerminationStatus } from "../../api/lifecycle/instance-termination.ts";

/** What the filters say of a pod; `because` is stable and for people, e.g. "Mirror" or "Rule web-first". */
export interface Verdict {
  readonly behavior: "Drain" | "Skip" | "WaitCompleted";
  /** Lower leaves first; 0 unless a MachineDrainRule says otherwise. */
  readonly order: number;
  readonly because: string;
  /** What a careful person would want to know, e.g. "has local storage". */
  readonly warnings: readonly string[];
}

export interface PodView {
  /** namespace/name */
  readonly pod: string;
  readonly uid: string;
  readonly verdict: Verdict;
  /** The pod's own grace; 1 on a Node that does not answer. */
  readonly graceSeconds: number;
  /** metadata.deletionTimestamp: when the grace ends. */
  readonly deletionSeconds?: number;
  /** Succeeded or Failed: nothing runs any more. */
  readonly finished: boolean;
  /** system-cluster-critical or system-node-critical: leaves last within its order. */
  readonly critical: boolean;
  /** Asked not to be moved while moving is voluntary, or before the deadline; the annotation's key. */
  readonly heldBy?: string;
  /** namespace/name of its PersistentVolumeClaims. */
  readonly claims: readonly string[];
}

export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly ready: "True" | "False" | "Unknown";
  /** Since when `ready` is what it is, where the Node says so. */
  readonly readySinceSeconds?: number;
  readonly unschedulable: boolean;
  /** Value of our taint; absent: the Node does not carry it. */
  readonly taint?: string;
  /** Other Nodes that claim the same providerID. */
  readonly twins: readonly string[];
}

/**
 * What is known of the Node.
 * `found`; `gone` was known and is no more, or another Node has its name; `missing` was never found; `unread` could not
 * be asked, or was not; `assumed` was seen by an earlier pass and is not asked for: no pod of its name has to leave, and
 * nothing else depends on it.
 */
export type NodeSight =
  | { readonly seen: "found"; readonly node: NodeView }
  | { readonly seen: "gone" }
  | { readonly seen: "missing" }
  | { readonly seen: "unread" }
  | { readonly seen: "assumed" };

/** Why something could not be seen or done; `reason` becomes a condition's reason. */
export interface Trouble {
  readonly reason: string;
  readonly message: string;
  readonly againSeconds: number;
}

/** HoldTerms of the provider, and whether it has the verb. */
export interface HoldView {
  readonly names: readonly string[];
  readonly heartbeatTimeoutSeconds?: number;
  readonly maximumSeconds?: number;
  readonly warning?: { readonly reason: string; readonly message: string };
  readonly canHeartbeat: boolean;
}

/** Keys of annotations that ask to wait, sorted. */
export interface DeletionHooks {
  readonly drain: readonly string[];
  readonly terminate: readonly string[];
}

export interface DrainView {
  readonly nowSeconds: number;
  readonly settings: {
    readonly finishedTtlSeconds: number;
    readonly safetyMarginSeconds: number;
    readonly nodeNotFoundSeconds: number;
  };
  readonly spec: InstanceTerminationSpec;
  /** As the last pass left it; empty when a newer notice opened a finished drain again. */
  readonly status: InstanceTerminationStatus;
  readonly generation: number;
  readonly deleting: boolean;
  /** What is paused, in words; absent: nothing. */
  readonly paused?: string;
  /** Absent: nothing is held. */
  readonly hold?: HoldView;
  /** The answer to this pass's heartbeat; absent: none was due. */
  readonly heartbeat?: "accepted" | "not-held";
  /** Why this pass's heartbeat failed. */
  readonly heartbeatTrouble?: Trouble;
  /** Absent: not asked in this pass. */
  readonly instance?: {
    readonly state: "running" | "held" | "leaving" | "retained" | "gone";
    readonly cloudState: string;
    readonly advice?: string;
    readonly comesBack?: true;
    readonly mayReturn?: true;
  };
  readonly node: NodeSight;
  /** Pods of the Node; absent: not read. Never empty for "unknown". */
  readonly pods?: readonly PodView[];
  /** Machine's or pool's own limits, seconds; absent: none. */
  readonly limits: { readonly drainSeconds?: number; readonly volumeSeconds?: number };
  /** Who asked not to be drained, in words, e.g. "Node worker-1". */
  readonly excluded?: string;
  /** Absent: not read. */
  readonly hooks?: DeletionHooks;
  /** Claims of drained pods that are still attached to the Node; absent: not read. */
  readonly attachedClaims?: readonly string[];
  /** What stopped the observation; the fields after it are then absent. */
  readonly trouble?: Trouble;
}
