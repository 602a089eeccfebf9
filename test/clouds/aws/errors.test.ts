/** What AWS refuses with, as codes on the wire and as SDK class names, and the kind it becomes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asAws, saysNotHeld, toProviderError } from "../../../lib/providers/aws/errors.ts";
import { type ErrorKind, ProviderError } from "../../../lib/providers/errors.ts";

const ACTION = "autoscaling:CompleteLifecycleAction";
const refusal = (name: string, message = "refused", httpStatusCode?: number) =>
  Object.assign(new Error(message), { name, ...(httpStatusCode ? { $metadata: { httpStatusCode } } : {}) });

const kinds: { name: string; status?: number; want: ErrorKind }[] = [
  { name: "Throttling", want: "throttled" },
  { name: "ThrottlingException", want: "throttled" },
  { name: "RequestLimitExceeded", want: "throttled" },
  { name: "RequestThrottled", want: "throttled" },
  { name: "SomethingNew", status: 429, want: "throttled" },
  { name: "AccessDenied", want: "denied" },
  { name: "AccessDeniedException", want: "denied" },
  { name: "UnauthorizedOperation", want: "denied" },
  { name: "ExpiredToken", want: "denied" },
  { name: "CredentialsProviderError", want: "denied" },
  { name: "SomethingNew", status: 403, want: "denied" },
  { name: "InvalidInstanceID.NotFound", want: "not-found" },
  { name: "InvalidInstanceID.Malformed", want: "not-found" },
  { name: "ResourceNotFoundException", want: "not-found" },
  { name: "ParameterNotFound", want: "not-found" },
  { name: "QueueDoesNotExist", want: "not-found" },
  { name: "ResourceContention", status: 500, want: "conflict" },
  { name: "ResourceContentionFault", status: 500, want: "conflict" },
  { name: "ScalingActivityInProgress", want: "conflict" },
  { name: "ScalingActivityInProgressFault", want: "conflict" },
  { name: "ValidationError", status: 400, want: "invalid" },
  { name: "SomethingNew", status: 400, want: "invalid" },
  { name: "InternalFailure", status: 500, want: "unavailable" },
  { name: "ServiceUnavailable", status: 503, want: "unavailable" },
  { name: "TimeoutError", want: "unavailable" },
  { name: "AbortError", want: "unavailable" },
  { name: "Error", want: "unavailable" },
];
for (const { name, status, want } of kinds) {
  test(`${name}${status ? ` with ${status}` : ""} is ${want}`, () => {
    assert.equal(toProviderError(ACTION, refusal(name, "refused", status)).kind, want);
  });
}

test("a missing permission is named, so that it can be given", () => {
  const { message } = toProviderError(ACTION, refusal("AccessDenied", "User is not authorized"));
  assert.match(message, /allow autoscaling:CompleteLifecycleAction in this function's role/);
});

test("a refused signature says nothing of what was signed", () => {
  const canonical = "The Canonical String for this request should have been 'POST x-amz-security-token:the-token'";
  const error = toProviderError(ACTION, refusal("SignatureDoesNotMatch", canonical));
  assert.ok(!error.message.includes("the-token"));
  assert.ok(!String(error.cause).includes("the-token"));
});

test("an error that has its kind keeps it", async () => {
  const known = new ProviderError("conflict", "x", "", "y");
  await assert.rejects(
    asAws(ACTION, () => Promise.reject(known)),
    (error) => error === known,
  );
});

const held: { name: string; message: string; want: boolean }[] = [
  { name: "an action that is over", message: "No active Lifecycle Action found with instance ID i-0a", want: true },
  { name: "a group that is gone", message: "AutoScalingGroup name not found - 'a' not found", want: true },
  { name: "another refusal", message: "1 validation error detected: Value at 'lifecycleHookName'", want: false },
];
for (const { name, message, want } of held) {
  test(`${name}: ${want ? "nothing is held" : "no word about the hold"}`, () => {
    assert.equal(saysNotHeld(toProviderError(ACTION, refusal("ValidationError", message))), want);
  });
}
test("an error that is not AWS's says nothing about a hold", () => {
  assert.equal(saysNotHeld(new Error("No active Lifecycle Action found")), false);
});
