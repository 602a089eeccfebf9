/** An instance is stopping, shutting down or gone: whoever recorded it looks at once. */
import { readStateChange } from "../../lib/providers/aws/events/index.ts";
import { noticeEntry } from "./runtime/notice.ts";

export const handler = noticeEntry(() => readStateChange);
