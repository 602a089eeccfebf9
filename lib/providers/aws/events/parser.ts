/** What a parser of AWS events is given and what it answers; every parser is pure and never throws, whatever arrives. */
import * as z from "zod";
import type { Trigger } from "../../../api/trigger.ts";
import { type NoticePolicy, nothing } from "../../event-reading.ts";
import type { HookNames } from "../hook-names.ts";

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

/** A notice that the policy may ignore or weaken. */
export function byPolicy(policy: NoticePolicy, drain: Trigger): Trigger {
  if (drain.kind !== "leaving" || policy === "Drain") return drain;
  if (policy === "Ignore") return nothing(drain.event, "PolicyIgnore");
  return { ...drain, instances: drain.instances.map((instance) => ({ ...instance, mode: "CordonOnly" })) };
}
