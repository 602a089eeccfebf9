/** A lifecycle hook with a notification target wrote to the queue, directly or through SNS. */
import { readHookEvent } from "../../lib/providers/aws/events/index.ts";
import { hookNotificationEntry } from "./runtime/hook-notifications.ts";

export const handler = hookNotificationEntry(readHookEvent);
