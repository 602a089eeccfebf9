/** A lifecycle hook holds an instance that has just been launched: counted, and left to whoever completes launch hooks. */
import { readLaunchEvent } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readLaunchEvent);
