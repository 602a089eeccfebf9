/** Turns what Azure says when it refuses into our kinds of failure, with what a person can do about each code. */
import { isRestError } from "@azure/core-rest-pipeline";
import { type ErrorKind, type Hint, ProviderError } from "../errors.ts";
import { isRecord } from "./json.ts";

interface Meaning {
  readonly kind: ErrorKind;
  readonly advice?: string;
}

const size = "choose another vmSize or other failure domains, or wait until Azure has room there";
const quota = "ask Azure for more quota of this size's family in this region, or choose another vmSize";

/** @source "Request limits and throttling", "Troubleshoot common Azure deployment errors" and "Allocation failures" of Microsoft Learn */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ResourceNotFound: { kind: "not-found" },
  NotFound: { kind: "not-found" },
  ParentResourceNotFound: { kind: "not-found" },
  ResourceGroupNotFound: {
    kind: "not-found",
    advice: "create the resource group, or name another in the AzureCluster",
  },
  RoleAssignmentNotFound: { kind: "not-found" },
  Conflict: { kind: "conflict" },
  AnotherOperationInProgress: { kind: "conflict" },
  OperationPreempted: { kind: "conflict" },
  RetryableErrorDueToAnotherOperation: { kind: "conflict" },
  PreconditionFailed: { kind: "conflict" },
  EtagMismatch: { kind: "conflict" },
  RoleAssignmentExists: { kind: "conflict" },
  TooManyRequests: { kind: "throttled" },
  SubscriptionRequestsThrottled: { kind: "throttled" },
  QuotaExceeded: { kind: "invalid", advice: quota },
  AllocationFailed: { kind: "invalid", advice: size },
  OverconstrainedAllocationRequest: { kind: "invalid", advice: size },
  OverconstrainedZonalAllocationRequest: { kind: "invalid", advice: size },
  ZonalAllocationFailed: { kind: "invalid", advice: size },
  SkuNotAvailable: {
    kind: "invalid",
    advice: "choose a vmSize that is offered in this region to this subscription",
  },
  InvalidParameter: { kind: "invalid", advice: "correct that field of the AzureMachinePool" },
  PropertyChangeNotAllowed: {
    kind: "invalid",
    advice: "Azure fixes that field for ever: put it back, or make a new pool",
  },
  ImageNotFound: { kind: "invalid", advice: "name an image that exists and is replicated to this region" },
  GalleryImageNotFound: {
    kind: "invalid",
    advice: "name an image version that exists and is replicated to this region",
  },
  VMExtensionProvisioningError: {
    kind: "invalid",
    advice: "read the extension's log on the machine; it is replaced meanwhile",
  },
  AuthorizationFailed: { kind: "denied", advice: "grant the identity of this cluster that action there" },
  LinkedAuthorizationFailed: {
    kind: "denied",
    advice: "grant the identity of this cluster that action on the linked subnet, image, load balancer or identity",
  },
  ScopeLocked: { kind: "denied", advice: "take the resource lock away" },
  RequestDisallowedByPolicy: { kind: "denied", advice: "change the pool so that the policy allows it, or the policy" },
};

/** What a person can do about a code; undefined: nothing is known of it. */
export const adviceOf = (code: string): string | undefined => MEANINGS[code]?.advice;

/** What is true of every code that is not in the table. */
const BY_STATUS: Readonly<Record<number, ErrorKind>> = {
  401: "denied",
  403: "denied",
  404: "not-found",
  408: "unavailable",
  409: "conflict",
  412: "conflict",
  429: "throttled",
};

/** Azure's default for 429 without a header (CAPZ azure/services/async). */
const THROTTLED_SECONDS = 60;

/**
 * Runs one call and gives its failure a kind.
 * @param action  the action that a role must allow, e.g. "Microsoft.Compute/virtualMachineScaleSets/write"
 * @throws        ProviderError and nothing else
 */
export async function asAzure<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toProviderError(action, error);
  }
}

/** As {@link asAzure}; undefined for what is not there. */
export async function ifThere<T>(action: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await asAzure(action, call);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "not-found") return undefined;
    throw error;
  }
}

export function toProviderError(action: string, error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const { kind, advice } = meaningOf(error);
  const seconds = retryAfterOf(error) ?? (kind === "throttled" ? THROTTLED_SECONDS : undefined);
  const hint: Hint = {
    advice: advice ?? adviceFor(kind, action),
    ...(seconds !== undefined && { retryAfterSeconds: seconds }),
  };
  return new ProviderError(kind, action, hint, sayable(error));
}

function meaningOf(error: unknown): Meaning {
  if (isCredentialFault(error)) return { kind: "denied", advice: "check the AzureClusterIdentity and its Secret" };
  if (isSignInSilent(error))
    return { kind: "unavailable", advice: "no answer from where tokens come from: it is asked again in a later pass" };
  const code = codeOf(error) ?? "";
  const status = statusOf(error);
  // One code, two meanings: only the text tells a full quota from a running operation.
  if (code === "OperationNotAllowed") return notAllowed(error, status);
  const known = MEANINGS[code];
  if (known) return known;
  const kind = status === undefined ? "unavailable" : (BY_STATUS[status] ?? (status < 500 ? "invalid" : "unavailable"));
  return { kind };
}

function notAllowed(error: unknown, status: number | undefined): Meaning {
  const message = error instanceof Error ? error.message : "";
  if (/quota/i.test(message)) return { kind: "invalid", advice: quota };
  return { kind: status === 429 ? "throttled" : "conflict" };
}

/** By the name of @azure/identity's errors: a refused secret, a missing managed identity, a bad certificate. */
const isCredentialFault = (error: unknown): boolean =>
  error instanceof Error &&
  ["AuthenticationError", "AggregateAuthenticationError", "AuthenticationRequiredError"].includes(error.name);

/** By the codes of the library below @azure/identity, which keeps no more of what happened on the wire. */
const isSignInSilent = (error: unknown): boolean =>
  error instanceof Error && /\b(?:endpoints_resolution|openid_config|network)_error\b/.test(error.message);

const adviceFor = (kind: ErrorKind, action: string): string =>
  kind === "denied" ? `allow ${action} to the identity of this cluster` : "";

/** ARM's code: the RestError's own, or that of the body. */
export function codeOf(error: unknown): string | undefined {
  if (!isRecord(error)) return undefined;
  const { code, details } = error;
  const inBody = isRecord(details) ? (isRecord(details.error) ? details.error.code : details.code) : undefined;
  const found = [inBody, code].find((one) => typeof one === "string" && one !== "" && !/^\d+$/.test(one));
  return typeof found === "string" ? found : undefined;
}

/** ARM's error body, in either of its wrappings. */
export function faultOf(body: unknown): { readonly code?: string; readonly message?: string } {
  if (!isRecord(body)) return {};
  const { code, message } = isRecord(body.error) ? body.error : body;
  return { ...(typeof code === "string" && { code }), ...(typeof message === "string" && { message }) };
}

const statusOf = (error: unknown): number | undefined =>
  isRecord(error) && typeof error.statusCode === "number" ? error.statusCode : undefined;

/** Seconds or an HTTP date, as ARM's Retry-After says; undefined when it says nothing. */
export function retryAfterSeconds(text: string | undefined, now: Date): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds) : undefined;
  const at = Date.parse(text);
  const milliseconds = at - now.getTime();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, Math.ceil(milliseconds / 1000));
}

/** By the answer's own clock: ours may differ from Azure's. */
function retryAfterOf(error: unknown): number | undefined {
  if (!isRestError(error) || !error.response) return undefined;
  const { headers } = error.response;
  return retryAfterSeconds(headers.get("retry-after"), new Date(headers.get("date") ?? Number.NaN));
}

/** RestErrors print their request, tokens and bodies included: only the words go further. */
function sayable(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  const said = code && !message.includes(code) ? `${code}: ${message}` : message;
  return new Error(said.replaceAll(/\s+/g, " ").trim());
}
