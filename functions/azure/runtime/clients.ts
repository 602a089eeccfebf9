/** What a sandbox keeps to talk to Azure: the function's own identity, and one client per endpoint. */
import { ManagedIdentityCredential, type TokenCredential } from "@azure/identity";
import type { KeyQueue } from "../../../lib/api/key.ts";
import { keyQueue, SERVICE_BUS_SCOPE } from "../../../lib/providers/azure/requeue.ts";
import { type RestClient, restClient } from "../../../lib/providers/azure/rest.ts";
import { timeLimits } from "../../../lib/providers/azure/time-limits.ts";
import { routedQueue } from "../../../lib/reconcile/key-queues.ts";

export const LOOKS = "looks";
export const POOL_LOOKS = "pool-looks";

export const ownIdentity = (clientId: string): TokenCredential =>
  new ManagedIdentityCredential({ clientId, retryOptions: { maxRetries: 2 }, ...timeLimits });

export interface BusSettings {
  readonly serviceBus: string;
  readonly reconcilesPools: boolean;
}

/** @returns the queues of the deployment as one, for an invocation */
export function openQueues({ serviceBus, reconcilesPools }: BusSettings, credential: TokenCredential) {
  const bus: RestClient = restClient({ endpoint: serviceBus, scope: SERVICE_BUS_SCOPE, credential });
  const now = () => new Date();
  return (signal: AbortSignal): KeyQueue =>
    routedQueue({
      drains: keyQueue({ bus, queue: LOOKS, now, signal }),
      pools: reconcilesPools ? keyQueue({ bus, queue: POOL_LOOKS, now, signal }) : undefined,
    });
}
