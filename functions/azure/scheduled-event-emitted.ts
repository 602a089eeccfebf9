/** Azure will terminate, reclaim or move machines at a known time: they are recorded, cordoned, drained and then let go. */
import { readScheduledEvents } from "../../lib/providers/azure/events/index.ts";
import { onEvents } from "./entry.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(readScheduledEvents, { mayDrain: true });

onEvents("scheduled-event-emitted", handler);
