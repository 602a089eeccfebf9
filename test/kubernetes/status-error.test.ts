/** Every way an API server says no has its kind, and nothing else is taken for it. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { KubernetesErrorKind } from "../../lib/kubernetes/errors.ts";
import type { ApiAnswer } from "../../lib/kubernetes/exchange.ts";
import { statusError } from "../../lib/kubernetes/status-error.ts";

const asked = { method: "GET", path: "/api/v1/namespaces/d/pods/a?limit=1" } as const;
const answered = (status: number, body: string, headers: ApiAnswer["headers"] = {}) =>
  statusError(asked, { status, headers, body });
const refused = (code: number, reason: string, message = "said so", details: object = {}) =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code });

const POOL = { name: "a", group: "cluster.x-k8s.io", kind: "machinepools" };
const kinds: { name: string; code: number; body: string; want: KubernetesErrorKind }[] = [
  {
    name: "a missing object",
    code: 404,
    body: refused(404, "NotFound", 'pods "a" not found', { name: "a", kind: "pods" }),
    want: "not-found",
  },
  {
    name: "a create in a missing namespace",
    code: 404,
    body: refused(404, "NotFound", 'namespaces "x" not found', { name: "x", kind: "namespaces" }),
    want: "not-found",
  },
  {
    name: "a resource the server does not know",
    code: 404,
    body: refused(404, "NotFound", "the server could not find the requested resource"),
    want: "invalid",
  },
  { name: "a group the server does not serve", code: 404, body: "404 page not found\n", want: "invalid" },
  { name: "a proxy's page for nothing", code: 404, body: "<html>default backend - 404</html>", want: "invalid" },
  {
    name: "an existing object",
    code: 409,
    body: refused(409, "AlreadyExists", "exists", POOL),
    want: "already-exists",
  },
  { name: "a stale resourceVersion", code: 409, body: refused(409, "Conflict", "modified", POOL), want: "conflict" },
  {
    name: "another uid",
    code: 409,
    body: refused(409, "Conflict", "the UID in the precondition (x) does not match", POOL),
    want: "conflict",
  },
  {
    name: "an apply conflict",
    code: 409,
    body: refused(409, "Conflict", "Apply failed with 1 conflict"),
    want: "conflict",
  },
  {
    name: "a failed validation",
    code: 422,
    body: refused(422, "Invalid", "is invalid", { ...POOL, kind: "MachinePool" }),
    want: "invalid",
  },
  {
    name: "a failed JSON patch test",
    code: 422,
    body: refused(422, "Invalid", "the server rejected our request"),
    want: "invalid",
  },
  {
    name: "a create with resourceVersion",
    code: 500,
    body: refused(500, "", "resourceVersion should not be set"),
    want: "server",
  },
  { name: "a broken body", code: 400, body: refused(400, "BadRequest"), want: "invalid" },
  { name: "an unsupported method", code: 405, body: refused(405, "MethodNotAllowed"), want: "invalid" },
  { name: "an unserveable Accept", code: 406, body: refused(406, "NotAcceptable"), want: "invalid" },
  { name: "too large a body", code: 413, body: refused(413, "RequestEntityTooLarge"), want: "invalid" },
  { name: "an unsupported patch type", code: 415, body: refused(415, "UnsupportedMediaType"), want: "invalid" },
  { name: "an old continue token", code: 410, body: refused(410, "Expired"), want: "expired" },
  { name: "a bad token", code: 401, body: refused(401, "Unauthorized", "Unauthorized"), want: "unauthorized" },
  { name: "a role that does not allow it", code: 403, body: refused(403, "Forbidden"), want: "forbidden" },
  {
    name: "a webhook that denies",
    code: 403,
    body: refused(403, "Forbidden", 'admission webhook "n" denied the request: no'),
    want: "forbidden",
  },
  { name: "overload", code: 429, body: refused(429, "TooManyRequests"), want: "too-many-requests" },
  {
    name: "overload without a Status",
    code: 429,
    body: "Too many requests, please try again later.",
    want: "too-many-requests",
  },
  {
    name: "a resourceVersion ahead of the server",
    code: 504,
    body: refused(504, "Timeout", "Too large resource version"),
    want: "server",
  },
  { name: "a server that stops", code: 503, body: "", want: "server" },
  { name: "a proxy without its server", code: 502, body: "<html>Bad Gateway</html>", want: "server" },
  { name: "a redirection", code: 302, body: "", want: "server" },
];
for (const { name, code, body, want } of kinds) {
  test(`${name} (${code}) is ${want}`, () => {
    const error = answered(code, body);
    deepStrictEqual([error.kind, error.code], [want, code]);
    strictEqual(error.message === "", false);
  });
}

test("the server's words are the message, its reason and causes are kept", () => {
  const causes = [
    { reason: "FieldValueRequired", message: "Required value", field: "spec.x" },
    { message: "more" },
    "odd",
    { reason: 7 },
  ];
  const error = answered(422, refused(422, "Invalid", "spec.x: Required value", { causes }));
  strictEqual(error.message, "spec.x: Required value");
  strictEqual(error.reason, "Invalid");
  deepStrictEqual(error.causes, [causes[0], causes[1], {}, {}]);
});

test("without a Status the message says what was asked and what to look for", () => {
  match(
    answered(404, "404 page not found").message,
    /^GET \/api\/v1\/namespaces\/d\/pods\/a: HTTP 404: 404 page not found: .*is the CRD installed/,
  );
  match(answered(302, "").message, /HTTP 302: .*does a proxy or a login page stand before it/);
  strictEqual(answered(503, "x".repeat(5_000)).message.length < 300, true);
});

const DATE = "Wed, 21 Oct 2026 07:28:00 GMT";
const waits: { name: string; headers: ApiAnswer["headers"]; details?: object; want: number | undefined }[] = [
  { name: "nothing said", headers: {}, want: undefined },
  { name: "seconds in the header", headers: { "retry-after": "7" }, want: 7 },
  { name: "seconds in the Status", headers: {}, details: { retryAfterSeconds: 10 }, want: 10 },
  {
    name: "the header goes before the Status",
    headers: { "retry-after": "3" },
    details: { retryAfterSeconds: 10 },
    want: 3,
  },
  {
    name: "a date is read against the server's own clock",
    headers: { "retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", date: DATE },
    want: 30,
  },
  {
    name: "a date that has passed means now",
    headers: { "retry-after": "Wed, 21 Oct 2026 07:27:00 GMT", date: DATE },
    want: 0,
  },
  {
    name: "a date without the server's clock leaves the Status",
    headers: { "retry-after": DATE },
    details: { retryAfterSeconds: 2 },
    want: 2,
  },
  { name: "words mean nothing", headers: { "retry-after": "soon", date: DATE }, want: undefined },
  { name: "a negative number means nothing", headers: { "retry-after": "-5" }, want: undefined },
  {
    name: "zero in the Status is the absence of a wish",
    headers: {},
    details: { retryAfterSeconds: 0 },
    want: undefined,
  },
];
for (const { name, headers, details, want } of waits) {
  test(`Retry-After: ${name}`, () => {
    strictEqual(answered(429, refused(429, "TooManyRequests", "wait", details), headers).retryAfterSeconds, want);
  });
}

for (const body of [
  "null",
  "[]",
  "7",
  '"x"',
  '{"kind":"Pod"}',
  '{"kind":"Status","details":7,"message":{}}',
  "{",
  "\u0000",
]) {
  test(`the body ${JSON.stringify(body)} is no Status and no accident`, () => {
    const error = answered(500, body);
    deepStrictEqual([error.kind, error.reason, error.causes], ["server", "", []]);
    match(error.message, /^GET .*HTTP 500/);
  });
}
