/** Somebody changed or deleted a scale set or a machine through ARM: its pool, and whoever recorded the machine, look. */
import { readResourceChanges } from "../../lib/providers/azure/events/index.ts";
import { onEvents } from "./entry.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(readResourceChanges);

onEvents("resource-changed", handler);
