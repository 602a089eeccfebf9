/** The next look at an InstanceTermination is due: one pass for each key of the batch. */
import { keyQueueEntry } from "./runtime/key-queue.ts";

export const handler = keyQueueEntry();
