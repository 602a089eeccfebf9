/** A pool, or something that leads to pools, is to be looked at: one pass for each message. */
import { app } from "@azure/functions";
import { poolQueueEntry } from "./runtime/pool-queue.ts";

export const handler = poolQueueEntry();

app.serviceBusQueue("pool-continued", { connection: "ServiceBus", queueName: "pool-looks", handler });
