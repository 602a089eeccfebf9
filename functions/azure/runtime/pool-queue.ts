/** The worker of pools. */
import { azureMachinePoolMachines } from "../../../lib/api/azure/azure-machine-pool-machine.ts";
import { poolLook } from "../../../lib/reconcile/pool-look.ts";
import { entry } from "../entry.ts";
import { oneKey } from "./key-messages.ts";
import { openPoolWorker } from "./pool-worker.ts";

export const poolQueueEntry = () =>
  entry(openPoolWorker, (worker, message: unknown, invocation) =>
    worker.during(invocation.signal, (site) => {
      const { promised } = worker;
      return oneKey(message, { event: "PoolLook", invocation }, (key) =>
        poolLook({ ...site, promised, labelled: [azureMachinePoolMachines] }, key),
      );
    }),
  );
