/** What a pass may do, and what came of it: plain data between decide/ and act/. */

export interface PodRef {
  /** namespace/name */
  readonly pod: string;
  readonly uid: string;
  readonly graceSeconds: number;
  /** The grace is not the pod's own and must be sent. */
  readonly shortened?: boolean;
}

export type DrainAction =
  /** Nothing to do now; look again after so many seconds (absent: nobody needs to). */
  | { readonly do: "wait"; readonly because: string; readonly againSeconds?: number }
  | { readonly do: "cordon"; readonly because: string }
  /** One batch: evictions, and deletions with UID precondition where a pod's grace would overrun the deadline. */
  | {
      readonly do: "evict";
      readonly because: string;
      readonly evict: readonly PodRef[];
      readonly remove: readonly PodRef[];
      /** The answer to one eviction is not waited for longer: a pod must be deleted then. Absent: time is not short. */
      readonly limitSeconds?: number;
    }
  /** Tell the cloud that the instance may go. */
  | { readonly do: "release"; readonly because: string }
  /** The instance is gone, its Node is not. */
  | {
      readonly do: "delete-node";
      readonly because: string;
      readonly name: string;
      readonly uid: string;
      /** The Node that bears it goes whatever its uid: the instance may have registered anew, and never will again. */
      readonly providerID?: string;
    }
  /** The last phase; `uncordon`: undo our part of the cordon first. */
  | {
      readonly do: "finish";
      readonly phase: "Released" | "Cancelled" | "Failed";
      readonly because: string;
      readonly uncordon: boolean;
    }
  /** The object is being deleted: undo, say so, take the finalizer off. */
  | { readonly do: "let-go"; readonly because: string; readonly uncordon: boolean; readonly holdIsLeft: boolean }
  /** Finished long ago: delete the object. */
  | { readonly do: "forget"; readonly because: string };

/** What the API server said to one eviction or deletion. `reason` is stable and CamelCase. */
export interface PodAnswer {
  readonly pod: string;
  readonly uid: string;
  readonly answer: "accepted" | "gone" | "refused";
  /** Set when refused: DisruptionBudget, MultiplePodDisruptionBudgets, NamespaceTerminating, Forbidden ... */
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
}

export interface ActResult {
  readonly answers?: readonly PodAnswer[];
  readonly release?: "accepted" | "not-held";
  /** Nothing was released: other instances under the same hold are not ready, by label. Sorted. */
  readonly heldFor?: readonly string[];
  readonly cordoned?: boolean;
  /** The write failed in a way that passes or that a person must mend; status says it. */
  readonly trouble?: { readonly reason: string; readonly message: string; readonly againSeconds: number };
}
