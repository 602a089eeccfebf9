/** The contract every cloud fulfils for pools that we reconcile ourselves: look, name the next change, make it, say what is. */
import type { Cluster } from "../api/core/cluster.ts";
import type { MachinePool } from "../api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../api/kubernetes/meta.ts";
import type { ProviderError } from "./errors.ts";
import type { InfrastructurePool, InstanceState, PoolKind } from "./provider.ts";

/** Reads one object of the management cluster; undefined when there is none. Throws what the client throws otherwise. */
export type ObjectReader = <T extends KubernetesObject>(
  resource: Resource,
  at: { readonly namespace?: string; readonly name: string },
) => Promise<T | undefined>;

export interface BootstrapData {
  readonly secretName: string;
  readonly format: "cloud-config" | "ignition";
  readonly value: Uint8Array;
}

/** What the management cluster knows of one instance, by its Machine. */
export interface PoolMember {
  readonly providerID: string;
  /** Its Node is there and Ready. */
  readonly ready: boolean;
  /** A person, or who scales for them, wants it to be the first to go. */
  readonly marked: boolean;
}

export interface PoolRequest {
  readonly pool: InfrastructurePool;
  readonly machinePool: MachinePool;
  readonly cluster: Cluster;
  /** Absent only while deleting. */
  readonly bootstrap?: BootstrapData;
  readonly read: ObjectReader;
  /** One list, made when it is first asked for. Absent: this pool keeps no Machines. */
  readonly members?: () => Promise<readonly PoolMember[]>;
  readonly now: Date;
}

export interface PoolInstance {
  readonly providerID: string;
  readonly instanceId: string;
  readonly state: "pending" | InstanceState;
  /** Launched from what the pool asks for now. */
  readonly upToDate: boolean;
  readonly healthy: boolean;
  /** RFC 3339, where the cloud says it. */
  readonly launchTime?: string;
}

export interface GroupView {
  /** Goes to the pool's spec.providerID. */
  readonly id: string;
  readonly desired: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Sorted by providerID; every instance that exists, whatever its state. */
  readonly instances: readonly PoolInstance[];
  readonly deleting: boolean;
  /** Instances are being replaced, by the cloud itself or step by step by `rollout`. */
  readonly replacing: boolean;
  /** The cloud works on the group and asked to be looked at again after so many seconds: nothing is asked of it meanwhile. */
  readonly busySeconds?: number;
  /** Something is awaited that no event may tell: it is looked at again after so many seconds. */
  readonly lookSeconds?: number;
}

/** One write to the cloud; `detail` is the provider's own. */
export interface PoolChange {
  readonly do: string;
  readonly because: string;
  readonly detail: unknown;
}

/** A v1beta1 condition of Cluster API, without its time. */
export interface PoolCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly severity?: "Error" | "Warning" | "Info";
  readonly reason?: string;
  readonly message?: string;
}

/** `group` absent: there is none. `detail` is the provider's own. */
export interface PoolSight {
  readonly group?: GroupView;
  readonly detail: unknown;
}

/** What a rollout may know beside the sight. */
export interface RolloutWish {
  /** Absent: nobody asks for a number. */
  readonly replicas?: number;
  /** Somebody else decides about the number: it must be the same afterwards. */
  readonly externallyManaged: boolean;
  /** By providerID: `open` ones are on their way out, `cancelled` ones were taken back by a person. */
  readonly leaving: ReadonlyMap<string, { readonly record: "open" | "cancelled" }>;
}

/** The next step towards the wish: first the size, then who goes. */
export interface RolloutStep {
  /** The size that the group shall have for now. */
  readonly desired: number;
  /** providerIDs in the order in which they go, each drained first. */
  readonly victims: readonly string[];
  /** The group shall have one less for each of them. */
  readonly decrement: boolean;
  /** Removals at the same time at the most; absent: as many as the deployment allows. */
  readonly atOnce?: number;
  readonly because: string;
}

/** What a pass may say on the infrastructure pool: only fields that upstream has. */
export interface PoolStatement {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
  readonly conditions: readonly PoolCondition[];
  /** undefined: it is taken away. */
  readonly annotations?: Readonly<Record<string, string | undefined>>;
}

export interface PoolProvider {
  readonly kind: PoolKind;
  /** Upstream's own, so that either controller can finish what the other began. */
  readonly finalizer: string;
  /** The condition that says whether the group stands, e.g. "GroupReady": what stops us before it can be asked is said there. */
  readonly groupCondition?: string;
  /** Credentials and infrastructure cluster. `waiting` is a condition and no error: not there yet, identity not allowed ... */
  open(request: PoolRequest): Promise<PoolSession | { readonly waiting: PoolCondition }>;
}

export interface PoolSession {
  /** Reads the cloud. Throws ProviderError. */
  observe(): Promise<PoolSight>;
  /** Pure: the first thing that differs from the wish, size excluded, in upstream's order; undefined: in step. */
  nextChange(sight: PoolSight): PoolChange | undefined;
  /**
   * Pure: for a cloud that replaces nothing by itself, how many there shall be now and who goes next, scale-in included.
   * Absent: both are decided without the provider.
   */
  rollout?(sight: PoolSight, wish: RolloutWish): RolloutStep;
  /** Pure: what must change before instances may leave for good, e.g. a minimum that would hold them; undefined: nothing. */
  prepareRemoval?(sight: PoolSight): PoolChange | undefined;
  /** Pure: what is still to be taken away once no instance is left; undefined: nothing of ours is left. */
  nextRemoval(sight: PoolSight): PoolChange | undefined;
  /** One write; repeatable. Throws ProviderError. */
  apply(change: PoolChange): Promise<void>;
  /** Asks for so many instances; no call when that is the wish already. Never used to lose an instance that runs. */
  scale(sight: PoolSight, replicas: number): Promise<void>;
  /** Pure: what to say of what was seen and of what failed. */
  say(sight: PoolSight, failed: ProviderError | undefined): PoolStatement;
}
