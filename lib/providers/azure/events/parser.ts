/** What a parser of Azure's events is given and what it answers; every parser is pure and never throws, whatever arrives. */
import * as z from "zod";
import type { Trigger } from "../../../api/trigger.ts";
import type { EventPolicies } from "../notice.ts";

/** What a parser may know besides the event. */
export interface Reading {
  /** When the event reached us: the notice's time when the event gives none. */
  readonly receivedAt: Date;
  readonly policies: EventPolicies;
}

/** undefined: another event, or a malformed one. */
export type Parser = (event: unknown, reading: Reading) => Trigger | undefined;

/** Both schemas of Event Grid as one. */
export interface GridEvent {
  /** As it is spelled; see {@link typeIs}. */
  readonly type: string;
  readonly subject: string;
  readonly time: string | undefined;
  readonly data: unknown;
}

/** @source "Azure Event Grid event schema" */
const gridSchema = z.object({
  eventType: z.string(),
  subject: z.string().default(""),
  eventTime: z.string().optional(),
  data: z.unknown(),
});
/** @source cloudevents.io 1.0 */
const cloudSchema = z.object({
  specversion: z.literal("1.0"),
  type: z.string(),
  subject: z.string().default(""),
  time: z.string().optional(),
  data: z.unknown(),
});

export function readGridEvent(event: unknown): GridEvent | undefined {
  const grid = gridSchema.safeParse(event).data;
  if (grid) return { type: grid.eventType, subject: grid.subject, time: grid.eventTime, data: grid.data };
  const cloud = cloudSchema.safeParse(event).data;
  return cloud && { type: cloud.type, subject: cloud.subject, time: cloud.time, data: cloud.data };
}

export const typeIs = ({ type }: GridEvent, ...names: readonly string[]): boolean =>
  names.some((name) => name.toLowerCase() === type.toLowerCase());

/** The first parser that knows an event reads it. */
export const firstThatKnows =
  (...parsers: readonly Parser[]): Parser =>
  (event, reading) => {
    for (const parse of parsers) {
      const trigger = parse(event, reading);
      if (trigger) return trigger;
    }
    return undefined;
  };
