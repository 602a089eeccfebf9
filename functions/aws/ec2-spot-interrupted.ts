/** EC2 takes a Spot instance, or one in borrowed reserved capacity, back in two minutes. */
import { readReclaim } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readReclaim);
