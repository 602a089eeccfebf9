/** The next look at an InstanceTermination is due. */
import { app } from "@azure/functions";
import { drainQueueEntry } from "./runtime/drain-queue.ts";

export const handler = drainQueueEntry();

app.serviceBusQueue("drain-continued", { connection: "ServiceBus", queueName: "looks", handler });
