/** Failures of the world as plain data: what passes, what a person must mend, and when to try again. */
import { KubernetesError } from "../kubernetes/errors.ts";
import { ProviderError } from "../providers/errors.ts";
import { NO_WORKLOAD_CLUSTER } from "./decide/drain-action.ts";
import { DrainRuleError } from "./decide/drain-rules.ts";
import type { Trouble } from "./decide/drain-view.ts";

/** Somebody else was faster: look again at what is there now. */
export const CONFLICT_SECONDS = 1;
const SOON_SECONDS = 15;
/** Somebody must change something first. */
const LATER_SECONDS = 60;

const KUBERNETES_REASONS: Partial<Record<KubernetesError["kind"], string>> = {
  unreachable: "ApiServerUnreachable",
  server: "ApiServerFailed",
  "too-many-requests": "ApiServerOverloaded",
  unauthorized: "Unauthorized",
  forbidden: "Forbidden",
  expired: "ListExpired",
};
const CLOUD_REASONS: Record<ProviderError["kind"], string> = {
  throttled: "CloudThrottled",
  unavailable: "CloudUnavailable",
  conflict: "CloudConflict",
  denied: "CloudDenied",
  invalid: "CloudRefused",
  "not-found": "CloudNotFound",
};
const NEEDS_A_PERSON: readonly string[] = ["Forbidden", "Unauthorized", "CloudDenied", "CloudRefused", "CloudNotFound"];

/**
 * @returns undefined for what a pass must not swallow: conflicts (come again), refused bodies, and faults of our own
 */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof DrainRuleError)
    return { reason: "MachineDrainRuleInvalid", message: error.message, againSeconds: LATER_SECONDS };
  const reason = reasonOf(error);
  if (reason === undefined || !(error instanceof Error)) return undefined;
  const asked =
    error instanceof KubernetesError || error instanceof ProviderError ? error.retryAfterSeconds : undefined;
  const usual = NEEDS_A_PERSON.includes(reason) ? LATER_SECONDS : SOON_SECONDS;
  return { reason, message: error.message, againSeconds: Math.max(1, asked ?? usual) };
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof KubernetesError) return KUBERNETES_REASONS[error.kind];
  return error instanceof ProviderError ? CLOUD_REASONS[error.kind] : undefined;
}

/** The same for opening a workload cluster, where "not found" means that its kubeconfig is not there. */
export function workloadTroubleOf(error: unknown): Trouble | undefined {
  if (error instanceof KubernetesError && error.kind === "not-found")
    return { reason: NO_WORKLOAD_CLUSTER, message: error.message, againSeconds: LATER_SECONDS };
  return troubleOf(error);
}

export const isConflict = (error: unknown): boolean => error instanceof KubernetesError && error.kind === "conflict";
export const isNotFound = (error: unknown): boolean => error instanceof KubernetesError && error.kind === "not-found";
export const ignoreNotFound = (error: unknown): undefined => {
  if (isNotFound(error)) return undefined;
  throw error;
};
