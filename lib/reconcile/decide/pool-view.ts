/** What one pass over a MachinePool saw: plain data, and all that its decisions may know. */
import type { BootstrapConfig } from "../../api/core/bootstrap-config.ts";
import type { Cluster } from "../../api/core/cluster.ts";
import type {
  InfrastructureMachine,
  InfrastructureMachineWish,
  InfrastructurePool,
} from "../../api/core/infrastructure-pool.ts";
import type { Machine } from "../../api/core/machine.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { Resource } from "../../api/kubernetes/meta.ts";
import type { NodeSystemInfo } from "../../api/kubernetes/node.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { Trouble } from "./drain-view.ts";
import type { ObjectWrite } from "./object-write.ts";

/** `none`: nothing is referred to. `unread`: a failure that passes, or that a person must mend. */
export type RefSight<T> =
  | { readonly seen: "none" }
  | { readonly seen: "missing" }
  | { readonly seen: "unread"; readonly trouble: Trouble }
  | { readonly seen: "found"; readonly object: T; readonly resource: Resource };

/** What is kept of a Node: a page is not held. */
export interface PoolNode {
  readonly name: string;
  readonly uid: string;
  readonly providerID: string;
  readonly ready: boolean;
  /** Of the Ready condition, whatever it says. */
  readonly readySinceSeconds?: number;
  /** Only where Machines are kept. */
  readonly info?: NodeSystemInfo;
  readonly version?: string;
}

/** Ours once; its instance is in the pool's list no longer. */
export interface RetiredNode {
  readonly name: string;
  readonly uid: string;
  readonly providerID: string;
  /** When it registered, seconds since 1970. */
  readonly bornSeconds: number;
  /** Its kubelet has not been heard of for a while: Ready is Unknown. */
  readonly silent: boolean;
}

export interface NodesSeen {
  /** With one of our providerIDs, in no order. */
  readonly found: readonly PoolNode[];
  readonly retired: readonly RetiredNode[];
  /** The first Nodes whose labels, annotations or taints are not as they should be; the others come with later passes. */
  readonly fixes: readonly ObjectWrite[];
}

export interface MachinesSeen {
  /** Labelled for this pool and controlled by nobody else, sorted by name. */
  readonly machines: readonly Machine[];
  /** Labelled for this pool, sorted by name. */
  readonly infrastructure: readonly InfrastructureMachine[];
  readonly infrastructureResource: Resource;
  /** Of each instance of the list. */
  readonly wishes: ReadonlyMap<string, InfrastructureMachineWish>;
}

export interface PoolView {
  readonly nowSeconds: number;
  readonly machinePool: MachinePool;
  /** Absent: there is none (any more). */
  readonly cluster?: Cluster;
  readonly infrastructure: RefSight<InfrastructurePool>;
  readonly bootstrap: RefSight<BootstrapConfig>;
  /** Absent: the workload cluster could not be read, see `workloadTrouble`. */
  readonly nodes?: NodesSeen;
  readonly workloadTrouble?: Trouble;
  /** Absent: this pool keeps no Machines. */
  readonly machines?: MachinesSeen;
  /** Unfinished terminations by providerID; read only when something might leave. */
  readonly leaving: ReadonlyMap<string, InstanceTermination>;
  /** providerIDs whose termination is done: they leave the list when their pool is looked at next. */
  readonly released: ReadonlySet<string>;
  /** Those among them that we let go ourselves, and did not just find gone. */
  readonly letGo: ReadonlySet<string>;
  /** providerID -> until when an instance that the list lacks may live all the same; read only when something might leave. */
  readonly doubts: ReadonlyMap<string, number>;
  /** providerIDs launched from something older than what is asked for now; absent: the provider cannot tell. */
  readonly outdated?: ReadonlySet<string>;
  /** providerID -> instance id, of the list. */
  readonly instanceIds: ReadonlyMap<string, string>;
  /** Value of the watch-filter label: what we create carries it too. */
  readonly watchFilter: string;
}
