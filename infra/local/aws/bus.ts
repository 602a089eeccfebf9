/** The account's event bus: wraps every event in EventBridge's envelope, and loses, doubles, delays or swaps it on request. */
import type { Clock } from "../clock.ts";
import { matchesPattern, type Pattern } from "./event-pattern.ts";
import type { Ids } from "./ids.ts";

export interface CloudEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO, whole seconds, UTC. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventDraft {
  readonly source: string;
  readonly detailType: string;
  readonly resources?: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What happens to the next `times` events that match. */
export interface EventTrouble {
  readonly match: Pattern;
  readonly times: number;
  /** reorder: the `times` events arrive together, last one first. */
  readonly trouble: "drop" | "duplicate" | "delay" | "reorder";
  /** For delay, and for the second copy of a duplicate; default 0. */
  readonly seconds?: number;
}

export type EventListener = (event: CloudEvent) => void;

export interface Bus {
  readonly emit: (draft: EventDraft) => CloudEvent;
  /** Hears every event; the answer ends it. */
  readonly onEvent: (listener: EventListener) => () => void;
  readonly disturb: (trouble: EventTrouble) => void;
}

interface Place {
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly ids: Ids;
}

export const isoSeconds = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;

export function createBus({ clock, region, accountId, ids }: Place): Bus {
  const listeners = new Set<EventListener>();
  const troubles = new Set<{ spec: EventTrouble; left: number; swapped: CloudEvent[] }>();

  const deliver = (event: CloudEvent) => {
    for (const listener of listeners) listener(event);
  };
  const route = (event: CloudEvent) => {
    const trouble = [...troubles].find(({ spec, left }) => left > 0 && matchesPattern(spec.match, { ...event }));
    if (!trouble) return deliver(event);
    trouble.left--;
    const { trouble: kind, seconds = 0 } = trouble.spec;
    if (kind === "duplicate") deliver(event);
    if (kind === "duplicate" || kind === "delay") clock.after(seconds, () => deliver(event));
    if (kind !== "reorder") return;
    trouble.swapped.unshift(event);
    if (trouble.left === 0) trouble.swapped.forEach(deliver);
  };

  return {
    emit: ({ source, detailType, resources = [], detail }) => {
      const time = isoSeconds(clock.now());
      const envelope = { version: "0", id: ids.uuid(), "detail-type": detailType, source, account: accountId } as const;
      const event: CloudEvent = { ...envelope, time, region, resources, detail };
      route(event);
      return event;
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    disturb: (spec) => void troubles.add({ spec, left: spec.times, swapped: [] }),
  };
}
