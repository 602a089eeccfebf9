/** The account's event bus: wraps every event in EventBridge's envelope, and loses, doubles, delays or swaps it on request. */
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { type Trouble, troubledWay } from "../troubles.ts";
import { matchesPattern, type Pattern } from "./event-pattern.ts";

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
export type EventTrouble = Omit<Trouble<CloudEvent>, "match"> & { readonly match: Pattern };

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
  const { send, disturb } = troubledWay<CloudEvent>(clock, (event) => {
    for (const listener of listeners) listener(event);
  });

  return {
    emit: ({ source, detailType, resources = [], detail }) => {
      const time = isoSeconds(clock.now());
      const envelope = { version: "0", id: ids.uuid(), "detail-type": detailType, source, account: accountId } as const;
      const event: CloudEvent = { ...envelope, time, region, resources, detail };
      send(event);
      return event;
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    disturb: ({ match, ...spec }) => disturb({ ...spec, match: (event) => matchesPattern(match, { ...event }) }),
  };
}
