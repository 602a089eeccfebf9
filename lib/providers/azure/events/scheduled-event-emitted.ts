/** Something will happen to machines at a known time: they are drained first, or whoever recorded them looks. */
import * as z from "zod";
import { leaving, nothing, noticeOf, parsed } from "../../event-reading.ts";
import { leavingBy, policyFor } from "../notice.ts";
import { isScheduledEvent, readScheduledEvent, type ScheduledEvent } from "../scheduled-event.ts";
import { type Parser, readGridEvent } from "./parser.ts";

const EVENT = "ScheduledEvent";
/** Two pages of the documentation spell the event's own name differently; all three are taken, and the resource decides. */
const NAMES: readonly string[] = [
  "microsoft.resourcenotifications.maintenanceresources.scheduledeventemitted",
  "microsoft.maintenance/scheduledevents/write",
  "microsoft.maintenance.scheduledevents",
];

const data = z.object({ resourceInfo: z.looseObject({ id: z.string().optional(), type: z.string() }) });

export const parseScheduledEventEmitted: Parser = (event, reading) => {
  const grid = readGridEvent(event);
  if (!grid || !NAMES.includes(grid.type.toLowerCase())) return undefined;
  const info = parsed(data, grid.data)?.resourceInfo;
  if (!info) return undefined;
  if (!isScheduledEvent(info.type)) return nothing(EVENT, "OtherResource");
  const read = readScheduledEvent({ ...info, id: info.id ?? grid.subject });
  if (read === undefined) return undefined;
  if (read === "other") return nothing(EVENT, "NotOurs");
  if (isOver(read)) return { kind: "look", event: EVENT, instanceIds: read.machines };
  if (policyFor(read.type, reading.policies) === "Ignore") return nothing(EVENT, "PolicyIgnore");
  const { noticeTime, warnings } = noticeOf(grid.time, reading);
  const instances = leavingBy(read, noticeTime, reading.policies);
  return instances.length > 0 ? leaving(EVENT, instances, warnings) : nothing(EVENT, "UnknownStatus");
};

/** Canceled, or over: whether a machine serves on is for the pass to see. */
const isOver = ({ status }: ScheduledEvent): boolean => /^(cancell?ed|completed)$/i.test(status);
