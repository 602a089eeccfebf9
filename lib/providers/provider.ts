/** The contract every cloud fulfils for instances that leave: few verbs; an absent optional verb means the cloud cannot do it. */
import type { InfrastructureMachineWish, InfrastructurePool } from "../api/core/infrastructure-pool.ts";
import type { Resource } from "../api/kubernetes/meta.ts";
import type { Node } from "../api/kubernetes/node.ts";
import type { Hold } from "../api/lifecycle/hold.ts";
import type { LeavingInstance } from "../api/trigger.ts";

export type { InfrastructurePool } from "../api/core/infrastructure-pool.ts";

/** running: in service. held: waits for our release. leaving: no longer held, not yet gone. retained: kept by the cloud until told otherwise. */
export type InstanceState = "running" | "held" | "leaving" | "retained" | "gone";

export interface InstanceView {
  readonly state: InstanceState;
  /** As the cloud spells it, for messages, e.g. "Terminating:Wait". */
  readonly cloudState: string;
  /** What a person must do, e.g. the call that ends a retained instance. */
  readonly advice?: string;
  /** What holds it, or takes it now, gives the same instance back. */
  readonly comesBack?: true;
  /** Gone for now: somebody may start the same instance again, and its Node registers anew. */
  readonly mayReturn?: true;
}

/** What a hold asks of us. Pure: read off the hold. */
export interface HoldTerms {
  /** For messages, e.g. ["lifecycle hook drain of workers-a"]. */
  readonly names: readonly string[];
  /** The cloud lets go after so many seconds without a heartbeat; absent: unknown or it does not. */
  readonly heartbeatTimeoutSeconds?: number;
  /** The cloud lets go so many seconds after the notice, heartbeats or not. */
  readonly maximumSeconds?: number;
  /** Ids of all instances that this one hold holds: whoever releases it lets all of them go. Absent: it holds one. */
  readonly sharedBy?: readonly string[];
  /** Something a person should mend, e.g. a hook that the pool does not declare. */
  readonly warning?: { readonly reason: string; readonly message: string };
}

/** An infrastructure pool kind of Cluster API, as the cloud fills it. */
export interface PoolKind {
  readonly resource: Resource;
  /** `metadata.name` of the pool that owns a group of this name; undefined: the name does not tell. */
  poolNameOf(groupName: string): string | undefined;
  /** Told apart from every other group of the deployment's cloud: also what notices and the cloud itself call it. */
  groupNameOf(pool: InfrastructurePool): string;
  /** The instance id inside a providerID; undefined when the string is of another form. */
  instanceIdOf(providerID: string): string | undefined;
  /** The hold of a notice, completed by what the pool declares (heartbeat timeouts). */
  completeHold(hold: Hold, pool: InfrastructurePool): Hold;
  /** Of its infrastructure machines, where it keeps some: the pool that says so may be gone before they are. */
  readonly infrastructureMachineKind?: string;
  /** The infrastructure machine of one instance. Pure: read off the pool. Absent: this kind keeps none. */
  infrastructureMachine?(pool: InfrastructurePool, providerID: string): InfrastructureMachineWish | undefined;
  /** Events of this cloud say when an instance comes or goes: nobody needs to look for it. */
  readonly changesAreTold?: true;
  /** providerIDs that were launched from something older than what the pool asks for now, as its status tells. Pure. */
  outdated?(pool: InfrastructurePool): ReadonlySet<string>;
}

export interface GroupOwner {
  /** Cluster names that the group's own tags claim; empty: not a Cluster API group. */
  readonly clusterNames: readonly string[];
}

export interface InstanceLocation {
  readonly providerID: string;
  /** Absent: the instance is in no scaling group. */
  readonly groupName?: string;
}

export interface Asked {
  /** Our release of this very hold was accepted: what the group has forgotten since is gone. */
  readonly released?: boolean;
  /** RFC 3339: when that was, or when something else held it: what holds it now may be new. */
  readonly releaseTime?: string | undefined;
  /** RFC 3339: when the cloud told of this hold. What it answers about it may lag behind. */
  readonly noticeTime?: string;
  /** We take it out ourselves: what has lost its host and is listed still has to be taken out, too. */
  readonly removal?: boolean;
}

export interface TerminationProvider {
  readonly pools: PoolKind;
  /**
   * Where an instance is, asked of the cloud. Throws ProviderError "not-found" when it does not exist (any more).
   * @param groupName where the notice names it: ids may be unique within a group only
   */
  locate(instanceId: string, groupName?: string): Promise<InstanceLocation>;
  /** Who owns a group. Throws ProviderError "not-found". */
  groupOwner(groupName: string): Promise<GroupOwner>;
  /** The state of one instance; a vanished one is `gone`, not an error. */
  observeInstance(providerID: string, hold: Hold | undefined, asked?: Asked): Promise<InstanceView>;
  /** Pure. */
  terms(hold: Hold): HoldTerms;
  /** The likely name of an instance's Node, to be believed only if its providerID agrees. */
  nodeNameOf?(providerID: string): Promise<string | undefined>;
  /** Pure: what an agent on the machine says on its Node of what is to come; undefined: nothing. */
  announcedBy?(node: Node, now: Date): LeavingInstance | undefined;
  /** Restarts the hold's clock. "not-held" when the cloud knows of no such hold (any more). */
  heartbeat?(providerID: string, hold: Hold): Promise<"accepted" | "not-held">;
  /** Lets the instance go; every part of the hold. Repeatable: "not-held" when there is nothing left to release. */
  release?(providerID: string, hold: Hold): Promise<"accepted" | "not-held">;
  /**
   * Takes a drained instance out of its group; its hooks still hold it. `decrement`: the group wants one less afterwards.
   * Repeatable: an instance that is leaving or gone is success.
   */
  terminate?(providerID: string, how: { readonly decrement: boolean }): Promise<void>;
  /** Instances of these groups that wait for us now, event or no event. Unknown groups are left out. */
  findHeld?(groupNames: readonly string[], now: Date): Promise<readonly LeavingInstance[]>;
}
