/** The audit webhook's function: who may post, what is taken, and that only a refused queue asks for the batch again. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AUDIT_TOKEN, type Harness, type Invoked, metricsOf, outcomesOf, startHarness } from "./harness.ts";

let harness: Harness;
let invoke: (event: unknown) => Promise<Invoked>;
before(async () => {
  harness = await startHarness();
  invoke = await harness.load("audit-received", { LIFEGUARD_OWN_USERS: "system:serviceaccount:lifeguard:drain" });
});
after(() => harness.close());

const change = (name: string, more: object = {}) => ({
  stage: "ResponseComplete",
  verb: "delete",
  user: { username: "someone" },
  objectRef: {
    resource: "instanceterminations",
    apiGroup: "lifecycle.cluster.x-k8s.io",
    apiVersion: "v1alpha1",
    namespace: "team-a",
    name,
  },
  ...more,
});
const listOf = (...items: object[]) => ({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items });
interface Posted {
  readonly body?: string;
  readonly token?: string | undefined;
  readonly method?: string;
  readonly isBase64Encoded?: boolean;
}
const posted = ({
  body = "{}",
  token = `Bearer ${AUDIT_TOKEN}`,
  method = "POST",
  isBase64Encoded = false,
}: Posted) => ({
  version: "2.0",
  headers: { "content-type": "application/json", ...(token ? { authorization: token } : {}) },
  requestContext: { http: { method, path: "/" } },
  body,
  isBase64Encoded,
});
const statusOf = ({ answer }: Invoked) => Object(answer).statusCode;

test("what somebody changed goes on the queue, each object once, and our own writes do not", async () => {
  const own = { user: { username: "system:serviceaccount:lifeguard:drain" } };
  const batch = listOf(change("one"), change("two"), change("one"), change("three", own));
  const invoked = await invoke(posted({ body: JSON.stringify(batch) }));
  assert.equal(statusOf(invoked), 200);
  assert.deepEqual(
    harness.takeKeys(0).map(({ name }) => name),
    ["one", "two"],
  );
  assert.deepEqual(outcomesOf(invoked.lines), ["queued: "]);
  assert.equal(metricsOf(invoked.lines, "AuditEventsOwn").length, 1);
});

test("a deletion of all in a namespace names none: every drain there is to be looked at", async () => {
  const { objectRef } = change("");
  const { name: _name, ...all } = objectRef;
  const batch = listOf(change("", { verb: "deletecollection", objectRef: all }));
  const invoked = await invoke(posted({ body: JSON.stringify(batch) }));
  assert.equal(statusOf(invoked), 200);
  assert.deepEqual(harness.takeKeys(0), [{ kind: "InstanceTermination", namespace: "team-a", name: "*" }]);
});

test("a change of a Node, a pod or somebody else's object is counted and reaches no queue", async () => {
  const foreign = (resource: string, apiGroup = "") =>
    change("x", { objectRef: { resource, apiGroup, apiVersion: "v1", namespace: "team-a", name: "x" } });
  const batch = listOf(foreign("nodes"), foreign("pods"), foreign("deployments", "apps"));
  const invoked = await invoke(posted({ body: JSON.stringify(batch) }));
  assert.equal(statusOf(invoked), 200);
  assert.deepEqual(invoked.calls, []);
  assert.deepEqual(
    metricsOf(invoked.lines, "AuditEventsForeign").map((line) => line.AuditEventsForeign),
    [3],
  );
});

test("a batch larger than one SQS call arrives whole", async () => {
  const batch = listOf(...Array.from({ length: 25 }, (_, index) => change(`many-${index}`)));
  const body = Buffer.from(JSON.stringify(batch)).toString("base64");
  const invoked = await invoke(posted({ body, isBase64Encoded: true }));
  assert.equal(statusOf(invoked), 200);
  assert.equal(harness.takeKeys(0).length, 25);
});

test("an empty batch is taken without a call", async () => {
  const invoked = await invoke(posted({ body: JSON.stringify(listOf()) }));
  assert.equal(statusOf(invoked), 200);
  assert.deepEqual(invoked.calls, []);
});

const refused: { name: string; event: unknown; status: number; because: string }[] = [
  { name: "a wrong token", event: posted({ token: "Bearer wrong" }), status: 401, because: "WrongToken" },
  { name: "no token", event: posted({ token: "" }), status: 401, because: "WrongToken" },
  { name: "a token without Bearer", event: posted({ token: AUDIT_TOKEN }), status: 401, because: "WrongToken" },
  {
    name: "basic authentication",
    event: posted({ token: `Basic ${AUDIT_TOKEN}` }),
    status: 401,
    because: "WrongToken",
  },
  { name: "another method", event: posted({ method: "GET" }), status: 405, because: "WrongMethod" },
  { name: "a body that is no JSON", event: posted({ body: "{" }), status: 400, because: "NotAnEventList" },
  {
    name: "a body that is no EventList",
    event: posted({ body: '{"kind":"List"}' }),
    status: 400,
    because: "NotAnEventList",
  },
  { name: "no request at all", event: { Records: [] }, status: 400, because: "NotHttp" },
  {
    name: "a body beyond 6 MiB",
    event: posted({ body: "x".repeat(6 * 1024 * 1024 + 1) }),
    status: 413,
    because: "TooLarge",
  },
];
for (const { name, event, status, because } of refused) {
  test(`${name} is answered with ${status}, counted, and reaches no queue`, async () => {
    const invoked = await invoke(event);
    assert.equal(statusOf(invoked), status);
    assert.deepEqual(outcomesOf(invoked.lines), [`refused: ${because}`]);
    assert.ok(!invoked.calls.includes("SendMessageBatch"));
    assert.ok(!JSON.stringify(invoked.answer).includes(AUDIT_TOKEN) && !invoked.output.includes(AUDIT_TOKEN));
  });
}

test("a refusal tells nothing about the token", async () => {
  const { answer } = await invoke(posted({ token: "Bearer wrong" }));
  assert.equal(Object(answer).body, "unauthorized");
});

test("while tokens are changed both are good; afterwards only the new one is", async () => {
  const body = JSON.stringify(listOf());
  const status = async (token: string) => statusOf(await invoke(posted({ body, token: `Bearer ${token}` })));
  await harness.setAuditTokens(`${AUDIT_TOKEN}\ntoken-of-tomorrow\n`);
  harness.clock.advance(61);
  assert.deepEqual([await status(AUDIT_TOKEN), await status("token-of-tomorrow")], [200, 200]);
  await harness.setAuditTokens("token-of-tomorrow");
  harness.clock.advance(61);
  assert.deepEqual([await status(AUDIT_TOKEN), await status("token-of-tomorrow")], [401, 200]);
  await harness.setAuditTokens(AUDIT_TOKEN);
  harness.clock.advance(61);
  assert.equal(await status(AUDIT_TOKEN), 200);
});

test("an empty token secret lets nobody in", async () => {
  await harness.setAuditTokens(" ");
  harness.clock.advance(61);
  for (const token of ["Bearer ", "", "Bearer undefined"]) assert.equal(statusOf(await invoke(posted({ token }))), 503);
  await harness.setAuditTokens(AUDIT_TOKEN);
});

test("a queue that refuses is answered with 503, so that the API server sends the batch again", async () => {
  const body = JSON.stringify(listOf(change("late")));
  harness.aws.inject({ service: "sqs", code: "ServiceUnavailable", status: 503, times: 1 });
  const failed = await invoke(posted({ body }));
  assert.equal(statusOf(failed), 503);
  assert.equal(Object(failed.answer).body, "try again");
  assert.equal(metricsOf(failed.lines, "Failures").length, 1);
  assert.equal(statusOf(await invoke(posted({ body }))), 200);
  assert.equal(harness.takeKeys(0).length, 1);
});
