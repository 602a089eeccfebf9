/** What one pass over an infrastructure pool saw: plain data, and all that its decisions may know. */
import type { Cluster } from "../../api/core/cluster.ts";
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";

/** `not-named`: nobody has said yet which Secret. `not-wanted`: the empty name, as managed pools have it. `missing`: no such Secret or key. */
export type BootstrapSeen = "not-named" | "not-wanted" | "missing" | "found";

/** Before any call to the cloud. */
export interface PoolSeen {
  readonly pool: InfrastructurePool;
  /** Upstream's own for this kind. */
  readonly finalizer: string;
  /** Of this deployment; undefined: it reconciles no pools. */
  readonly watchFilter: string | undefined;
  /** Absent: no owner yet, or it is gone. */
  readonly machinePool?: MachinePool;
  readonly cluster?: Cluster;
  /** Absent: not read. */
  readonly bootstrap?: BootstrapSeen;
}

/** The same members as the provider contract's. */
export interface GroupInstance {
  readonly providerID: string;
  readonly instanceId: string;
  readonly state: "pending" | "running" | "held" | "leaving" | "retained" | "gone";
  readonly upToDate: boolean;
  readonly healthy: boolean;
  readonly launchTime?: string;
}

export interface GroupSeen {
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly instances: readonly GroupInstance[];
  readonly deleting: boolean;
  readonly replacing: boolean;
  readonly busySeconds?: number;
  /** Something is awaited that no event may tell: it is looked at again after so many seconds. */
  readonly lookSeconds?: number;
}

/** The same members as the provider contract's. */
export interface RolloutSeen {
  readonly desired: number;
  readonly victims: readonly string[];
  readonly decrement: boolean;
  readonly atOnce?: number;
  readonly because: string;
}

/** What is recorded of an instance that leaves. */
export interface LeavingSeen {
  /** `open`: on its way. `cancelled`: a drain that was taken back. */
  readonly record: "open" | "cancelled";
  /** We take it out ourselves; `decrement`: for good. Absent: the cloud does. */
  readonly removal?: { readonly decrement: boolean };
  /** The cloud was asked to take it and agreed. */
  readonly released?: true;
}

/** A change of the cloud by its reason; what it is in detail only the provider knows. */
export interface NamedChange {
  readonly do: string;
  readonly because: string;
}

export interface GroupMoment {
  readonly deleting: boolean;
  /** Somebody else decides about the number of instances. */
  readonly externallyManaged: boolean;
  /** What the MachinePool asks for; absent: nothing. */
  readonly replicas?: number;
  /** Absent: there is none. */
  readonly group?: GroupSeen;
  readonly change?: NamedChange;
  /** Where the provider leads: size and victims are its own. */
  readonly rollout?: RolloutSeen;
  readonly preparation?: NamedChange;
  readonly removal?: NamedChange;
  /** By providerID. */
  readonly leaving: ReadonlyMap<string, LeavingSeen>;
  /** Removals at the same time at the most. */
  readonly surge: number;
  /** Events say when an instance comes or goes, and the end of a drain is told: nobody needs to look for it. */
  readonly told: boolean;
}
