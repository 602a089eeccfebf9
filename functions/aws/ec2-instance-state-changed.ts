/** An instance is stopping, stopped or gone: it is drained while it still can be, or whoever recorded it looks at once. */
import { readStateChange } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readStateChange);
