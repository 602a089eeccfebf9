/** Azure noticed that a machine is unavailable, reclaimed or back: whoever recorded it, and its pool, look. */
import { readHealthChanges } from "../../lib/providers/azure/events/index.ts";
import { onEvents } from "./entry.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(readHealthChanges);

onEvents("health-changed", handler);
