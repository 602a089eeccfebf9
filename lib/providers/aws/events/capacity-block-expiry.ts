/** A Capacity Block for ML ends: its instances are terminated from 30 minutes before its end date on. */
import * as z from "zod";
import type { LeavingInstance, Trigger } from "../../../api/trigger.ts";
import { leaving, nothing, noticeOf, parsed } from "../../event-reading.ts";
import { readTime, secondsAfter } from "../../event-time.ts";
import { type Reader, type Reading, readEnvelope } from "./parser.ts";

const EVENT = "CapacityBlockExpiry";
/** @source Amazon EC2 user guide, "Capacity Blocks for ML": the warning comes 40 minutes before the end */
const TERMINATED_BEFORE_END_SECONDS = 30 * 60;
const RESERVATION_ID = /^cr-[0-9a-z]+$/;

/** The public page prints some keys with underscores; both are taken. */
const detail = z.object({
  "capacity-reservation-id": z.string().optional(),
  capacity_reservation_id: z.string().optional(),
  "end-date": z.string().optional(),
  end_date: z.string().optional(),
});

/** The event names the block only; whoever can ask EC2 finds its instances. */
export interface ExpiringBlock {
  readonly kind: "block";
  readonly reservationId: string;
  readonly notice: Omit<LeavingInstance, "instanceId">;
  readonly warnings: readonly string[];
}

/** Pure, as every parser. */
export function parseCapacityBlockExpiry(event: unknown, reading: Reading): ExpiringBlock | Trigger | undefined {
  const read = readEnvelope(event);
  if (read?.source !== "aws.ec2") return undefined;
  if (read.detailType === "Capacity Block Reservation Delivered") return nothing(EVENT, "NotLeaving");
  if (read.detailType !== "Capacity Block Reservation Expiration Warning") return undefined;
  const block = parsed(detail, read.detail);
  const reservationId = block?.["capacity-reservation-id"] ?? block?.capacity_reservation_id ?? "";
  if (!RESERVATION_ID.test(reservationId)) return undefined;
  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const endTime = readTime(block?.["end-date"] ?? block?.end_date);
  const deadline = endTime ? { deadlineTime: secondsAfter(endTime, -TERMINATED_BEFORE_END_SECONDS) } : {};
  const notice = { cause: "ScheduledMaintenance", noticeTime, ...deadline } as const;
  return { kind: "block", reservationId, notice, warnings };
}

/** @param instancesOf ids of the instances in a reservation; throws ProviderError */
export const capacityBlockExpiry =
  (instancesOf: (reservationId: string) => Promise<readonly string[]>): Reader =>
  async (event, reading) => {
    const read = parseCapacityBlockExpiry(event, reading);
    if (read?.kind !== "block") return read;
    const instanceIds = await instancesOf(read.reservationId);
    if (instanceIds.length === 0) return nothing(EVENT, "NoInstances");
    return leaving(
      EVENT,
      instanceIds.map((instanceId) => ({ instanceId, ...read.notice })),
      read.warnings,
    );
  };
