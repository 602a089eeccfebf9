/** The Azure clients that a pool is reconciled with: those of its cluster's identity, made once per identity and kept. */
import { ComputeManagementClient } from "@azure/arm-compute";
import type { HttpClient } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { type RestClient, restClient } from "../rest.ts";
import { timeLimits } from "../time-limits.ts";
import { type SizeReader, sizeReader } from "./skus.ts";

export interface AzureClients {
  readonly compute: ComputeManagementClient;
  readonly rest: RestClient;
  readonly sizes: SizeReader;
  /** Of Azure Resource Manager, e.g. "https://management.azure.com". */
  readonly endpoint: string;
  /** What carries their requests. */
  readonly http: HttpClient;
}

export interface ClientAccess {
  readonly subscriptionId: string;
  readonly endpoint: string;
  /** Of tokens, e.g. "https://management.azure.com/.default". */
  readonly scope: string;
  readonly credential: TokenCredential;
  /** Default: one with time limits. */
  readonly http?: HttpClient | undefined;
}

/** Nothing is tried twice within a pass: the next pass is the second try. */
export function makeClients(
  { subscriptionId, endpoint, scope, credential, http = timeLimits.httpClient }: ClientAccess,
  now: () => Date,
): AzureClients {
  const compute = new ComputeManagementClient(credential, subscriptionId, {
    endpoint,
    credentials: { scopes: [scope] },
    retryOptions: { maxRetries: 0 },
    httpClient: http,
  });
  const rest = restClient({ endpoint, scope, credential, http });
  return { compute, rest, sizes: sizeReader(compute, now), endpoint, http };
}

export type ClientsFor = (key: string, access: () => ClientAccess) => AzureClients;

/** By identity, subscription and cloud; a rotated secret has another key and gets new clients. */
export function clientCache(now: () => Date): ClientsFor {
  const made = new Map<string, AzureClients>();
  return (key, access) => {
    const known = made.get(key) ?? makeClients(access(), now);
    made.set(key, known);
    return known;
  };
}
