/** Everything that a run is made of, in one place: time, chance, two clusters and a cloud. */
import type { Chance } from "./chance.ts";
import type { SimulatedCloud } from "./clouds/simulated-cloud.ts";
import type { Plan } from "./plan.ts";
import type { Change, Server } from "./servers.ts";
import type { Time } from "./time.ts";
import type { Wire } from "./wire.ts";

export const NAMESPACE = "team-a";
export const CLUSTER = "prod";
/** Pool and group that are ours to drain. */
export const POOL = "workers";
/** A group of the same cluster that no pool speaks of. */
export const STRANGERS = "strangers";
/** A group whose name a pool has, but whose tags name another cluster. */
export const TWINS = "twins";

/** What the predicates must know and no object says. */
export interface Facts {
  /** Instance id -> when its cloud takes it, milliseconds; notices that never reached us included. */
  readonly takenAt: Map<string, number[]>;
  /** Deadlines that people wrote, by record: milliseconds. */
  readonly wishedEnds: Map<string, number[]>;
  /** A describe call may show what was true so many seconds ago. */
  describeLagSeconds: number;
  /** So many times they began to in this run. */
  lags: number;
  /** When something last changed in a pool of ours that running instances must get; milliseconds. */
  templateChangedAt: number;
  /** What people put on our group, and what must stay there. */
  readonly foreignHooks: Set<string>;
  readonly foreignTags: Set<string>;
}

export interface Scene {
  readonly time: Time;
  readonly chance: Chance;
  readonly plan: Plan;
  readonly management: Server;
  readonly workload: Server;
  readonly cloud: SimulatedCloud;
  readonly wire: Wire;
  readonly facts: Facts;
  /** Hears every change of every object. */
  readonly listeners: Set<(change: Change) => void>;
  /** Something has hurt us that may cost so many seconds. */
  readonly disturbed: (seconds: number) => void;
  /** A line of the story. */
  readonly tell: (line: string) => void;
}
