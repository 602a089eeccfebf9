/** A pool, or something that leads to pools, is to be looked at: one pass for each key of the batch. */
import { poolQueueEntry } from "./runtime/pool-queue.ts";

export const handler = poolQueueEntry();
