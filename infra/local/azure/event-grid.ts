/** The subscription's system topics: every event once in the Event Grid schema, which delivery turns into what was subscribed. */
import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";
import { type Trouble, troubledWay } from "../troubles.ts";

/** @source Event Grid event schema; CloudEvents are made of it at delivery */
export interface GridEvent {
  readonly id: string;
  /** "/subscriptions/<id>" */
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  /** ISO with seven digits of a second. */
  readonly eventTime: string;
  readonly dataVersion: string;
  readonly metadataVersion: "1";
  readonly data: Readonly<Record<string, unknown>>;
}

export interface EventDraft {
  readonly subject: string;
  readonly eventType: string;
  readonly dataVersion?: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The same event may be sent again under its id; default: a new one. */
  readonly id?: string;
}

export type EventListener = (event: GridEvent) => void;

export interface EventGrid {
  readonly emit: (draft: EventDraft) => GridEvent;
  /** Hears every event; the answer ends it. */
  readonly onEvent: (listener: EventListener) => () => void;
  readonly disturb: (trouble: Trouble<GridEvent>) => void;
}

export function createEventGrid(clock: Clock, ids: Ids, topic: string): EventGrid {
  const listeners = new Set<EventListener>();
  const { send, disturb } = troubledWay<GridEvent>(clock, (event) => {
    for (const listener of listeners) listener(event);
  });
  return {
    emit: ({ subject, eventType, dataVersion = "1", data, id = ids.uuid() }) => {
      const eventTime = clock.now().toISOString().replace(/Z$/, "0000Z");
      const event: GridEvent = { id, topic, subject, eventType, eventTime, dataVersion, metadataVersion: "1", data };
      send(event);
      return event;
    },
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    disturb,
  };
}

/** @source cloudevents.io 1.0 as Event Grid maps its own schema: topic becomes source, eventType becomes type */
export const asCloudEvent = ({ id, topic, subject, eventType, eventTime, data }: GridEvent) => ({
  specversion: "1.0" as const,
  id,
  source: topic,
  type: eventType,
  subject,
  time: eventTime,
  datacontenttype: "application/json",
  data,
});
