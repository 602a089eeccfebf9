/** AWS will maintain or retire the hosts of some instances at a known time. */
import { readScheduledChange } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readScheduledChange);
