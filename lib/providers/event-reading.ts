/** What parsers of every cloud's events share: the policy of a notice, its time, and the triggers they answer with. */
import type * as z from "zod";
import type { LeavingInstance, Trigger } from "../api/trigger.ts";
import { readTime, wholeSeconds } from "./event-time.ts";

export const NOTICE_POLICIES = ["Ignore", "Cordon", "Drain"] as const;
/** What a notice does that obliges nobody yet. */
export type NoticePolicy = (typeof NOTICE_POLICIES)[number];

export const parsed = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined =>
  schema.safeParse(value).data;

/** The time of the notice, and a warning where the event has none that can be read. */
export function noticeOf(time: string | undefined, { receivedAt }: { readonly receivedAt: Date }) {
  const noticeTime = readTime(time);
  if (noticeTime !== undefined) return { noticeTime, warnings: [] };
  return {
    noticeTime: wholeSeconds(receivedAt),
    warnings: ["the event carries no readable time: counted from its arrival"],
  };
}

export const nothing = (event: string, because: string): Trigger => ({ kind: "nothing", event, because });

export const leaving = (
  event: string,
  instances: readonly LeavingInstance[],
  warnings: readonly string[],
): Trigger => ({ kind: "leaving", event, instances, ...(warnings.length > 0 ? { warnings } : {}) });
