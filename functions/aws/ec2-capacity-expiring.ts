/** A Capacity Block ends: EC2 tells which instances live in it. */
import { readCapacityExpiry } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(readCapacityExpiry);
