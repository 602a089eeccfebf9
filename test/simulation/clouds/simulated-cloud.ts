/** What the shared world and its judges need of a cloud: machines, holds, our own doors to it, and what befalls it. */
import type { AwsCloud } from "../../../infra/local/aws/cloud.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { Trigger } from "../../../lib/api/trigger.ts";
import type { NoticePolicy } from "../../../lib/providers/event-reading.ts";
import type { PoolProvider } from "../../../lib/providers/pool-provider.ts";
import type { TerminationProvider } from "../../../lib/providers/provider.ts";
import type { Pass } from "../pass.ts";
import type { Plan } from "../plan.ts";
import type { Wire } from "../wire.ts";
import type { AzureWorld } from "./azure/world.ts";

/** One machine; those that are gone are remembered. */
export interface Machine {
  /** As records call it. */
  readonly id: string;
  readonly providerID: string;
  readonly nodeName: string;
  readonly state: "pending" | "running" | "shutting-down" | "terminated";
  /** The group that it is a member of; absent: of none, or no longer. */
  readonly group?: string;
  /** It was launched for our pool. */
  readonly isOurs: boolean;
  /** Its group has it in service: nothing has asked it to go. */
  readonly isInService: boolean;
  /** What its group's size counts. */
  readonly isCounted: boolean;
  readonly launchTime: Date;
}

export interface MachineChange {
  readonly machine: Machine;
  readonly state: "launched" | "running" | "shutting-down" | "terminated" | "deallocated";
}

/** Something that waits for our word before it takes a machine. */
export interface ShownHold {
  readonly instanceId: string;
  readonly hook: string;
  readonly token: string;
  /** Without a heartbeat it ends after so long. */
  readonly heartbeatSeconds: number;
  /** No heartbeat leads beyond. */
  readonly mostSeconds: number;
}

/** What our group is, as nobody but the cloud knows it. */
export interface ShownGroup {
  readonly desired: number;
  readonly tagKeys: readonly string[];
}

export interface Shown {
  readonly group?: ShownGroup;
  readonly hooks: readonly string[];
  readonly isChanging: boolean;
  /** What a deleted pool has left behind beside its group and machines. */
  readonly leftovers: readonly string[];
}

export type Input = Readonly<Record<string, unknown>>;

/** What a pass asked of the cloud, and whether it was done. */
export interface CloudRequest {
  readonly action: string;
  readonly input: Input;
  readonly isDone: boolean;
}

/** Told of every request that reached the cloud. */
export type CloudListener = (pass: Pass, request: CloudRequest) => void;

export interface Line {
  readonly wire: Wire;
  readonly onRequest: CloudListener;
}

/** Our functions' own doors, as deployed ones have them. */
export interface Doors {
  readonly providerFor: (pass: Pass, now: () => Date) => TerminationProvider;
  readonly poolProviderFor: (pass: Pass, now: () => Date) => PoolProvider;
}

export type Whole = KubernetesObject & { readonly spec?: object; readonly status?: object; readonly data?: object };

interface Shared {
  readonly kinds: { readonly pools: Resource; readonly machines: Resource; readonly cluster: Resource };
  machines(): readonly Machine[];
  onMachine(listener: (change: MachineChange) => void): void;
  /** Every event of the cloud, raw, and a word for it. */
  onEvent(listener: (event: unknown, about: string) => void): void;
  /** What our functions make of an event. */
  read(event: unknown, how: { readonly receivedAt: Date; readonly ownsPools: boolean }): Promise<Trigger | undefined>;
  /** Those that are ours to answer. */
  holds(): readonly ShownHold[];
  /** By anybody. */
  isHeld(instanceId: string): boolean;
  shown(): Shown;
  doors(line: Line): Doors;
  isRead(action: string): boolean;
  instanceIdOf(providerID: string): string | undefined;
  /** Of somebody else's machine. */
  strangersId(number: number): string;
  createGroups(): Promise<void>;
  /** Of a pool that upstream keeps. */
  upstreamSpec(name: string): object;
  /** What a user applies for a pool of ours, the network first. */
  poolObjects(): readonly (readonly [Resource, Whole])[];
  /** Another machine shall take this one's place: what a person asks the group for. */
  replace(machine: Machine): Promise<void>;
  /** Everything answers truly, and machines can be had. */
  heal(): void;
  /** Whether the cloud refused, when something was tried that befits another moment. */
  refused(error: unknown): boolean;
}

export type SimulatedCloud = Shared &
  ({ readonly name: "aws"; readonly aws: AwsCloud } | { readonly name: "azure"; readonly azure: AzureWorld });

export interface Policies {
  readonly rebalancePolicy: NoticePolicy;
  readonly maintenancePolicy: NoticePolicy;
}

export const policiesOf = ({ rebalancePolicy }: Plan): Policies => ({ rebalancePolicy, maintenancePolicy: "Drain" });

interface Placed {
  readonly cloud: SimulatedCloud;
}

/** @throws in a world of another cloud */
export function awsOf({ cloud }: Placed): AwsCloud {
  if (cloud.name === "aws") return cloud.aws;
  throw new Error("this is no world of AWS");
}

/** @throws in a world of another cloud */
export function azureOf({ cloud }: Placed): AzureWorld {
  if (cloud.name === "azure") return cloud.azure;
  throw new Error("this is no world of Azure");
}
