/** What a parser of AWS events is given and what it answers; every parser is pure and never throws, whatever arrives. */
import * as z from "zod";
import type { LeavingInstance, Trigger } from "../../../api/trigger.ts";
import type { HookNames } from "../hook-names.ts";
import { readTime, wholeSeconds } from "./time.ts";

export const NOTICE_POLICIES = ["Ignore", "Cordon", "Drain"] as const;
/** What a notice does that obliges nobody yet. */
export type NoticePolicy = (typeof NOTICE_POLICIES)[number];

/** What a parser may know besides the event. */
export interface Reading {
  /** When the event reached us: the notice's time when the event gives none. */
  readonly receivedAt: Date;
  readonly hookNames: HookNames;
  /** EC2 Instance Rebalance Recommendation; default Ignore. */
  readonly rebalancePolicy: NoticePolicy;
  /** AWS Health scheduled changes; default Drain. */
  readonly maintenancePolicy: NoticePolicy;
}

/** undefined: another event, or a malformed one. */
export type Parser = (event: unknown, reading: Reading) => Trigger | undefined;

/** As a parser, but it may have to ask the cloud which instances are meant. */
export type Reader = (event: unknown, reading: Reading) => Trigger | undefined | Promise<Trigger | undefined>;

/** EventBridge's envelope; `detail` is read by each event's own parser. */
const envelope = z.object({
  source: z.string(),
  "detail-type": z.string(),
  time: z.string().optional(),
  detail: z.unknown(),
});

export interface BusEvent {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  readonly time: string | undefined;
}

export function readEnvelope(event: unknown): BusEvent | undefined {
  const read = envelope.safeParse(event);
  if (!read.success) return undefined;
  const { source, time, detail } = read.data;
  return { source, detailType: read.data["detail-type"], time, detail };
}

export const parsed = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined =>
  schema.safeParse(value).data;

/** The time of the notice, and a warning where the event has none that can be read. */
export function noticeOf(time: string | undefined, { receivedAt }: Reading) {
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

/** A notice that the policy may ignore or weaken. */
export function byPolicy(policy: NoticePolicy, drain: Trigger): Trigger {
  if (drain.kind !== "leaving" || policy === "Drain") return drain;
  if (policy === "Ignore") return nothing(drain.event, "PolicyIgnore");
  return { ...drain, instances: drain.instances.map((instance) => ({ ...instance, mode: "CordonOnly" })) };
}
