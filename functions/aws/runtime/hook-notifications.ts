/** The queue that lifecycle hooks may write to themselves: plain notifications, SNS around them, or a rule's events. */

import type { Reader } from "../../../lib/providers/aws/events/parser.ts";
import { entry } from "../entry.ts";
import { eachRecord } from "./key-queue.ts";
import { handleNotice } from "./notice.ts";
import { openWorker } from "./worker.ts";

/** A body that is no JSON is malformed like any other: counted, and it holds up no other message. */
export const hookNotificationEntry = (read: Reader) =>
  entry(openWorker, (worker, event, invocation) =>
    eachRecord(event, async ({ body }) => {
      await handleNotice(worker, { event: fromJson(body), read }, invocation);
    }),
  );

function fromJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
