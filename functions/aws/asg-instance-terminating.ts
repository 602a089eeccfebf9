/** A lifecycle hook holds an instance that is about to go: it is recorded, cordoned, drained and then let go. */
import { readHookEvent } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readHookEvent);
