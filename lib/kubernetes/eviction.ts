/** Asks the eviction API to let one pod go and says in plain words what it answered. */
import { pods } from "../api/kubernetes/pod.ts";
import type { KubernetesClient } from "./client.ts";
import { KubernetesError } from "./errors.ts";

export interface EvictablePod {
  readonly namespace: string;
  readonly name: string;
  /** Sent as precondition: a pod that only shares the name is never evicted. */
  readonly uid: string;
}

export interface EvictionOptions {
  /** Shortens the pod's own grace; absent: the pod's own. Negative values are refused by the server. */
  readonly gracePeriodSeconds?: number;
  /** The answer is not waited for longer; absent: 15. */
  readonly limitSeconds?: number;
}

/** Every answer of POST pods/{name}/eviction (kubernetes pkg/registry/core/pod/storage/eviction.go). */
export type EvictionOutcome =
  /** 200, 201: the pod is terminating now, or was already. */
  | { readonly outcome: "accepted" }
  /** 404, or 409 because another pod has taken the name: nothing left to evict. */
  | { readonly outcome: "gone" }
  /** 429 from a disruption budget. `message`: the server's words, causes behind them. Not an error: ask again later. */
  | { readonly outcome: "blocked"; readonly message: string; readonly retryAfterSeconds?: number }
  /** 429 without a budget: the server has too much to do. */
  | { readonly outcome: "overloaded"; readonly message: string; readonly retryAfterSeconds?: number }
  /** 500: two budgets match this pod. Waiting does not help, somebody must change one. */
  | { readonly outcome: "multiple-budgets"; readonly message: string }
  /** 403 with cause NamespaceTerminating: the namespace controller will delete the pod itself. */
  | { readonly outcome: "namespace-terminating"; readonly message: string }
  /** 403 otherwise: a role, a quota or an admission webhook says no. */
  | { readonly outcome: "forbidden"; readonly message: string }
  /** Anything else (400, 401, 409, 422, 5xx, network, time up): worth another try until the deadline. */
  | { readonly outcome: "failed"; readonly message: string; readonly retryAfterSeconds?: number };

/**
 * One eviction request with uid precondition; the server may take 10 s for a pod that is not running, so the client
 * waits 15 s for this call, unless the caller has less.
 * @throws nothing that the API server said: that is the outcome
 */
export async function evict(
  client: KubernetesClient,
  pod: EvictablePod,
  { limitSeconds, ...options }: EvictionOptions = {},
): Promise<EvictionOutcome> {
  const body = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: pod.name, namespace: pod.namespace },
    deleteOptions: { preconditions: { uid: pod.uid }, ...options },
  };
  const at = { namespace: pod.namespace, name: pod.name, ...(limitSeconds !== undefined && { limitSeconds }) };
  try {
    await client.createSubresource(pods, at, "eviction", body);
    return { outcome: "accepted" };
  } catch (error) {
    if (error instanceof KubernetesError) return refusal(error);
    throw error;
  }
}

function refusal(error: KubernetesError): EvictionOutcome {
  const message = withCauses(error);
  const later = error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds };
  const hasCause = (reason: string) => error.causes.some((cause) => cause.reason === reason);
  switch (error.code) {
    case 404:
      // Any other 404 is a server that does not know the path, not a pod that is gone.
      return error.kind === "not-found" ? { outcome: "gone" } : { outcome: "failed", message };
    case 409:
      return /UID in the precondition/.test(error.message) ? { outcome: "gone" } : { outcome: "failed", message };
    case 429:
      return { outcome: hasCause("DisruptionBudget") ? "blocked" : "overloaded", message, ...later };
    case 403:
      return { outcome: hasCause("NamespaceTerminating") ? "namespace-terminating" : "forbidden", message };
    case 500:
      if (/more than one PodDisruptionBudget/.test(error.message)) return { outcome: "multiple-budgets", message };
      return { outcome: "failed", message, ...later };
    default:
      return { outcome: "failed", message, ...later };
  }
}

/** The Status message and its causes, joined as upstream joins them (cluster-api core/reconcilers/machine/drain). */
const withCauses = (error: KubernetesError) => {
  const causes = error.causes.flatMap((cause) => cause.message ?? []);
  return causes.length === 0 ? error.message : `${error.message} ${causes.join(",")}`;
};
