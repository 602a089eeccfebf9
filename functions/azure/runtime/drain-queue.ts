/** The worker of drains. */
import { drainLook } from "../../../lib/reconcile/drain-look.ts";
import { entry } from "../entry.ts";
import { oneKey } from "./key-messages.ts";
import { openWorker } from "./worker.ts";

export const drainQueueEntry = () =>
  entry(openWorker, (worker, message: unknown, invocation) => {
    const site = worker.during(invocation.signal);
    return oneKey(message, { event: "Look", invocation }, (key) => drainLook(site, key));
  });
