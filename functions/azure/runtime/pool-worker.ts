/** What the function that reconciles pools keeps in its sandbox beside a worker's: Azure clients per identity of a cluster. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { KeyQueue } from "../../../lib/api/key.ts";
import { azurePoolProvider } from "../../../lib/providers/azure/pool/index.ts";
import type { PoolWorld } from "../../../lib/reconcile/step.ts";
import { ownIdentity } from "./clients.ts";
import { type Environment, readWorkerSettings } from "./settings.ts";
import { openWorker } from "./worker.ts";

export interface PoolWorker {
  /** Runs `work` with its invocation's signal: several invocations share the sandbox's clients. */
  during<T>(
    signal: AbortSignal,
    work: (site: { readonly world: PoolWorld; readonly queue: KeyQueue }) => Promise<T>,
  ): Promise<T>;
  /** Looks that are promised already. */
  readonly promised: Map<string, number>;
}

export function openPoolWorker(environment: Environment): PoolWorker {
  const worker = openWorker(environment);
  const settings = readWorkerSettings(environment);
  const { subscriptionId, armEndpoint, clientId, publishScheduledEvents, assignableRoles } = settings;
  const current = new AsyncLocalStorage<AbortSignal>();
  const provider = azurePoolProvider({
    credential: ownIdentity(clientId),
    subscriptionId,
    armEndpoint,
    publishScheduledEvents,
    assignableRoles,
    now: () => new Date(),
    signal: () => current.getStore(),
  });
  const contractVersions = new Map<string, string>();
  return {
    promised: new Map(),
    during: (signal, work) => {
      const { world, queue } = worker.during(signal);
      return current.run(signal, () =>
        work({ world: { ...world, poolProviders: [provider], contractVersions }, queue }),
      );
    },
  };
}
