/** Turns what AWS says when it refuses into our kinds of failure; codes on the wire and SDK class names both occur. */
import { type ErrorKind, ProviderError } from "../errors.ts";

/** @source smithy-lang service error classification; AWS "Common errors" pages of Auto Scaling, EC2, SQS, SSM, Secrets Manager */
const KINDS: Readonly<Record<Exclude<ErrorKind, "unavailable">, readonly string[]>> = {
  throttled: [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "BandwidthLimitExceeded",
    "SlowDown",
    "OverLimit",
  ],
  denied: [
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "UnauthorizedAccess",
    "AuthFailure",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "ExpiredToken",
    "ExpiredTokenException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "IncompleteSignature",
    "OptInRequired",
    "CredentialsProviderError",
    "KMSAccessDenied",
  ],
  "not-found": [
    "InvalidInstanceID",
    "InvalidInstanceID.NotFound",
    "InvalidInstanceID.Malformed",
    "InvalidInstanceID.NotLinkable",
    "ResourceNotFoundException",
    "ParameterNotFound",
    "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateId.NotFound",
    "NoSuchBucket",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
  ],
  conflict: [
    "ResourceContention",
    "ResourceContentionFault",
    "ScalingActivityInProgress",
    "ScalingActivityInProgressFault",
    "ResourceInUse",
    "ResourceInUseFault",
    "AlreadyExists",
    "AlreadyExistsFault",
    "InvalidLaunchTemplateName.AlreadyExistsException",
    "InstanceRefreshInProgress",
    "InstanceRefreshInProgressFault",
    "ActiveInstanceRefreshNotFound",
    "ActiveInstanceRefreshNotFoundFault",
  ],
  invalid: [
    "ValidationError",
    "ValidationException",
    "InvalidNextToken",
    "InvalidParameterValue",
    "MissingParameter",
    // A bucket in another region: answered with 301, and time does not mend it.
    "PermanentRedirect",
  ],
};

const KIND_OF: ReadonlyMap<string, ErrorKind> = new Map(
  (["throttled", "denied", "not-found", "conflict", "invalid"] as const).flatMap((kind) =>
    KINDS[kind].map((code) => [code, kind] as const),
  ),
);

/**
 * Runs one call and gives its failure a kind.
 * @param action  the IAM action, e.g. "autoscaling:CompleteLifecycleAction": it names the operation and what a role lacks
 * @throws        ProviderError and nothing else
 */
export async function asAws<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toProviderError(action, error);
  }
}

export function toProviderError(action: string, error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const kind = kindOf(error);
  return new ProviderError(kind, action, kind === "denied" ? adviceFor(action, nameOf(error)) : "", sayable(error));
}

function kindOf(error: unknown): ErrorKind {
  const known = KIND_OF.get(nameOf(error));
  if (known) return known;
  const status = statusOf(error);
  if (status === 429) return "throttled";
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "not-found";
  return status >= 400 && status < 500 ? "invalid" : "unavailable";
}

const adviceFor = (action: string, code: string): string =>
  code.startsWith("AccessDenied") || code.startsWith("Unauthorized")
    ? `allow ${action} in this function's role`
    : "check the function's credentials, its clock and its region";

/**
 * The terminate hook no longer waits for this instance: completed, timed out, or its group, hook or instance is gone.
 * The text is all there is: CompleteLifecycleAction and RecordLifecycleActionHeartbeat answer a bare ValidationError.
 */
export const saysNotHeld = (error: unknown): boolean =>
  error instanceof ProviderError && /no active lifecycle action|not found/i.test(error.message);

/** A refused signature is answered with the canonical request, session token included: that goes no further. */
function sayable(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (!/x-amz-security-token|canonical string|AWS4-HMAC/i.test(message)) return error;
  return new Error(`${nameOf(error)}: the signature of the request was refused`);
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !("$metadata" in error)) return 0;
  const { $metadata } = error;
  const isObject = typeof $metadata === "object" && $metadata !== null;
  return isObject && "httpStatusCode" in $metadata ? Number($metadata.httpStatusCode ?? 0) : 0;
}
