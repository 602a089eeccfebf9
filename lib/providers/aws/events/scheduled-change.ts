/** AWS Health: the hosts of some instances will be maintained or retired at a known time. */
import * as z from "zod";
import type { LeavingInstance } from "../../../api/trigger.ts";
import { leaving, nothing, noticeOf, parsed } from "../../event-reading.ts";
import { readTime } from "../../event-time.ts";
import { isInstanceId } from "../provider-id.ts";
import { byPolicy, type Parser, readEnvelope } from "./parser.ts";

const EVENT = "ScheduledChange";

const detail = z.object({
  service: z.string(),
  eventTypeCategory: z.string(),
  /** RFC 1123, e.g. "Thu, 03 Dec 2026 02:00:00 GMT". */
  startTime: z.string().optional(),
  statusCode: z.string().optional(),
  affectedEntities: z
    .array(z.object({ entityValue: z.string(), status: z.string().optional() }))
    .optional()
    .default([]),
});

/**
 * Every instance of the event leaves, each by itself. A long list arrives as several events with `page` and `totalPages`;
 * each of them names its own entities and stands for itself.
 */
export const parseScheduledChange: Parser = (event, reading) => {
  const read = readEnvelope(event);
  if (read?.source !== "aws.health" || read.detailType !== "AWS Health Event") return undefined;
  const change = parsed(detail, read.detail);
  if (!change) return undefined;
  if (change.service !== "EC2") return nothing(EVENT, "OtherService");
  if (change.eventTypeCategory !== "scheduledChange") return nothing(EVENT, "OtherCategory");
  if (change.statusCode === "closed") return nothing(EVENT, "Closed");

  const { noticeTime, warnings } = noticeOf(read.time, reading);
  const deadlineTime = readTime(change.startTime);
  const open = change.affectedEntities.filter(({ status }) => status !== "RESOLVED");
  const instanceIds = [...new Set(open.map(({ entityValue }) => entityValue))].filter(isInstanceId);
  if (instanceIds.length === 0) return nothing(EVENT, "NoInstances");
  const instances = instanceIds.map(
    (instanceId): LeavingInstance => ({
      instanceId,
      cause: "ScheduledMaintenance",
      noticeTime,
      ...(deadlineTime === undefined ? {} : { deadlineTime }),
    }),
  );
  return byPolicy(reading.maintenancePolicy, leaving(EVENT, instances, warnings));
};
