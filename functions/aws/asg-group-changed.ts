/** A scaling group has launched an instance, failed to, or ended one: the pool behind it is looked at. */
import { readGroupChange } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readGroupChange);
