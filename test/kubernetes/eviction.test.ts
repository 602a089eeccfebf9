/** Every answer of the eviction API is an outcome of its own (status codes: kubernetes pkg/registry/core/pod/storage/eviction.go). */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connect } from "../../lib/kubernetes/connection.ts";
import { type EvictionOptions, type EvictionOutcome, evict } from "../../lib/kubernetes/eviction.ts";
import { type Reply, refusal, scriptedServer } from "./support/scripted-server.ts";

const pod = { namespace: "shop", name: "web-1", uid: "5c0e" };

async function evicted(t: TestContext, reply: Reply, options?: EvictionOptions) {
  const server = await scriptedServer(t, () => reply);
  const source = async () => server.kubeconfig({ token: "t" });
  const client = connect(source, { name: "workload cluster shop/prod", origin: "a test" }).client(undefined);
  const outcome = await evict(client, pod, options);
  return { outcome, asked: server.asked };
}

const accepted: Reply = { status: 201, body: { kind: "Status", apiVersion: "v1", status: "Success", code: 201 } };

for (const { options, wanted } of [
  { options: {}, wanted: { preconditions: { uid: "5c0e" } } },
  { options: { gracePeriodSeconds: 0 }, wanted: { preconditions: { uid: "5c0e" }, gracePeriodSeconds: 0 } },
]) {
  test(`an eviction with ${JSON.stringify(options)} names the pod and its uid`, async (t) => {
    const { outcome, asked } = await evicted(t, accepted, options);
    deepStrictEqual(outcome, { outcome: "accepted" });
    const [one] = asked;
    ok(one);
    strictEqual(`${one.method} ${one.url}`, "POST /api/v1/namespaces/shop/pods/web-1/eviction?fieldManager=lifeguard");
    deepStrictEqual(JSON.parse(one.body), {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "web-1", namespace: "shop" },
      deleteOptions: wanted,
    });
  });
}

const POD = { name: "web-1", kind: "pods" };
const BUDGET = "Cannot evict pod as it would violate the pod's disruption budget.";
const needs = {
  reason: "DisruptionBudget",
  message: "The disruption budget web needs 2 healthy pods and has 2 currently",
};
const busy = {
  reason: "DisruptionBudget",
  message: "The disruption budget web is still being processed by the server.",
};
const two = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";

const outcomes: { name: string; reply: Reply; want: EvictionOutcome }[] = [
  { name: "200 is accepted like 201", reply: { ...accepted, status: 200 }, want: { outcome: "accepted" } },
  {
    name: "404: the pod is gone",
    reply: refusal(404, "NotFound", 'pods "web-1" not found', POD),
    want: { outcome: "gone" },
  },
  {
    name: "404 of something that does not know pods is a failure, not a pod that is gone",
    reply: { status: 404, body: "404 page not found" },
    want: {
      outcome: "failed",
      message:
        "POST /api/v1/namespaces/shop/pods/web-1/eviction: HTTP 404: 404 page not found: the server does not serve this path: is the CRD installed, is the server's address right?",
    },
  },
  {
    name: "409: another pod has taken the name",
    reply: refusal(
      409,
      "Conflict",
      'Operation cannot be fulfilled on pods "web-1": the UID in the precondition (5c0e) does not match the UID in record (77aa). The object might have been deleted and then recreated',
      POD,
    ),
    want: { outcome: "gone" },
  },
  {
    name: "409 for another reason is tried again",
    reply: refusal(409, "Conflict", "the object has been modified", POD),
    want: { outcome: "failed", message: "the object has been modified" },
  },
  {
    name: "429: a budget blocks, its numbers are told",
    reply: refusal(429, "TooManyRequests", BUDGET, { causes: [needs] }),
    want: { outcome: "blocked", message: `${BUDGET} ${needs.message}` },
  },
  {
    name: "429: a budget that is still being processed says when to come again",
    reply: {
      ...refusal(429, "TooManyRequests", BUDGET, { causes: [busy], retryAfterSeconds: 10 }),
      headers: { "retry-after": "10" },
    },
    want: { outcome: "blocked", message: `${BUDGET} ${busy.message}`, retryAfterSeconds: 10 },
  },
  {
    name: "429: several causes are joined as upstream joins them",
    reply: refusal(429, "TooManyRequests", BUDGET, { causes: [needs, { reason: "Other" }, { message: "b" }] }),
    want: { outcome: "blocked", message: `${BUDGET} ${needs.message},b` },
  },
  {
    name: "429 without a budget: the server has too much to do",
    reply: {
      ...refusal(429, "TooManyRequests", "the server has received too many requests"),
      headers: { "retry-after": "1" },
    },
    want: { outcome: "overloaded", message: "the server has received too many requests", retryAfterSeconds: 1 },
  },
  {
    name: "500: two budgets never come to terms",
    reply: refusal(500, "", two),
    want: { outcome: "multiple-budgets", message: two },
  },
  {
    name: "500 from a webhook is tried again",
    reply: refusal(500, "InternalError", "Internal error occurred: failed calling webhook"),
    want: { outcome: "failed", message: "Internal error occurred: failed calling webhook" },
  },
  {
    name: "403: the namespace is being deleted",
    reply: refusal(403, "Forbidden", "unable to create new content in namespace shop because it is being terminated", {
      causes: [
        { reason: "NamespaceTerminating", message: "namespace shop is being terminated", field: "metadata.namespace" },
      ],
    }),
    want: {
      outcome: "namespace-terminating",
      message:
        "unable to create new content in namespace shop because it is being terminated namespace shop is being terminated",
    },
  },
  {
    name: "403: a role or a webhook says no",
    reply: refusal(403, "Forbidden", 'admission webhook "n" denied the request: not today'),
    want: { outcome: "forbidden", message: 'admission webhook "n" denied the request: not today' },
  },
  {
    name: "504: the budget was changed by too many at once",
    reply: { ...refusal(504, "Timeout", "couldn't update PodDisruptionBudget", { retryAfterSeconds: 10 }) },
    want: { outcome: "failed", message: "couldn't update PodDisruptionBudget", retryAfterSeconds: 10 },
  },
  {
    name: "503 without a Status",
    reply: { status: 503, body: "" },
    want: { outcome: "failed", message: "POST /api/v1/namespaces/shop/pods/web-1/eviction: HTTP 503" },
  },
  {
    name: "400: names that do not agree",
    reply: refusal(400, "BadRequest", "name in URL does not match name in Eviction object"),
    want: { outcome: "failed", message: "name in URL does not match name in Eviction object" },
  },
  {
    name: "422: a negative grace",
    reply: refusal(422, "Invalid", "gracePeriodSeconds: Invalid value: -1"),
    want: { outcome: "failed", message: "gracePeriodSeconds: Invalid value: -1" },
  },
];
for (const { name, reply, want } of outcomes) {
  test(name, async (t) => deepStrictEqual((await evicted(t, reply)).outcome, want));
}

test("401: the credential is refused, which says what to check", async (t) => {
  const { outcome } = await evicted(t, refusal(401, "Unauthorized", "Unauthorized"));
  strictEqual(outcome.outcome, "failed");
  match("message" in outcome ? outcome.message : "", /workload cluster shop\/prod .* refuses the credential/);
});

test("an eviction that nobody answers takes no longer than there is time, and is asked once", async (t) => {
  const { outcome, asked } = await evicted(t, { cut: "never" }, { limitSeconds: 0.05 });
  strictEqual(outcome.outcome, "failed");
  match("message" in outcome ? outcome.message : "", /no answer within 0\.05 s/);
  strictEqual(asked.length, 1);
});

test("no answer at all is a failure to try again", async (t) => {
  const { outcome } = await evicted(t, { cut: "before" });
  strictEqual(outcome.outcome, "failed");
  match("message" in outcome ? outcome.message : "", /^workload cluster shop\/prod: POST /);
});
