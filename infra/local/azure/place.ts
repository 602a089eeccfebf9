/** Where everything happens: one subscription in one region, its clock, and how long things take. */
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import type { EventGrid } from "./event-grid.ts";

export interface Timing {
  /** From an instance's creation to its running. */
  readonly bootSeconds: number;
  /** From the end of its notice to its being gone. */
  readonly deleteSeconds: number;
  /** Of an operation that starts or ends no instance. */
  readonly updateSeconds: number;
  /** What `Retry-After` says while an operation runs. */
  readonly retryAfterSeconds: number;
  /** From Azure's decision to reclaim a Spot instance to its end. */
  readonly evictionNoticeSeconds: number;
  /** How far Resource Graph lags behind. */
  readonly graphLagSeconds: number;
}

export interface Place {
  readonly clock: Clock;
  readonly subscriptionId: string;
  readonly tenantId: string;
  readonly location: string;
  readonly ids: Ids;
  readonly timing: Timing;
  readonly grid: EventGrid;
}

export const TIMING: Timing = {
  bootSeconds: 20,
  deleteSeconds: 10,
  updateSeconds: 5,
  retryAfterSeconds: 10,
  evictionNoticeSeconds: 30,
  graphLagSeconds: 30,
};

/** .NET's round-trip format: seven digits of a second. */
export const armTime = (date: Date): string => date.toISOString().replace(/Z$/, "0000Z");

/** Names of Azure resources differ in case without differing. */
export const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
