/** The worker of pools: one key per message. */
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { poolLook } from "../../../lib/reconcile/pool-look.ts";
import { entry, type Invocation } from "../entry.ts";
import { eachKey } from "./key-queue.ts";
import { openPoolWorker } from "./pool-worker.ts";

const EVENT = "PoolLook";

/** Answers `{ batchItemFailures }`, as every queue worker does. */
export const poolQueueEntry = () =>
  entry(openPoolWorker, (worker, event, { signal, reporter }: Invocation) => {
    const site = { ...worker.during(signal), promised: worker.promised, labelled: [awsMachines] };
    return eachKey(event, { event: EVENT, reporter }, (key) => poolLook(site, key));
  });
