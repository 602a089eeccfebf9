/** The audit webhook's function: who may post what, what goes on which queue, and what an odd request is answered. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import * as z from "zod";
import { outcomesOf } from "../../clusters.ts";
import { AUDIT_TOKEN, type Harness, POOL_LOOKS, startHarness } from "./harness.ts";

let harness: Harness;
let invoke: Awaited<ReturnType<Harness["load"]>>;
let reconciling: Awaited<ReturnType<Harness["load"]>>;
before(async () => {
  harness = await startHarness();
  invoke = await harness.load("audit-received");
  reconciling = await harness.load("audit-received", {
    LIFEGUARD_WATCH_FILTER: "lifeguard",
    LIFEGUARD_OWN_USERS: "us, them",
  });
});
after(() => harness.close());
beforeEach(() => {
  harness.takeKeys(0);
  harness.takeKeys(0, POOL_LOOKS);
});

interface Posting {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
const posted = (body: string, { path = "", method = "POST", headers = {} }: Posting = {}) => ({
  data: {
    http: {
      method,
      url: `https://lifeguard.azurewebsites.net/api/audit${path}`,
      headers: {
        authorization: `Bearer ${AUDIT_TOKEN}`,
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
        ...headers,
      },
      query: {},
      params: {},
      body: body === "" ? null : { string: body },
    },
  },
  metadata: {},
});
const listOf = (...items: readonly object[]) =>
  JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items });
const change = (resource: string, apiGroup: string, more: object = {}) => ({
  verb: "patch",
  stage: "ResponseComplete",
  user: { username: "jane" },
  objectRef: { resource, apiGroup, namespace: "team-a", name: "workers-a" },
  responseStatus: { code: 200 },
  ...more,
});
const termination = change("instanceterminations", "lifecycle.cluster.x-k8s.io");
const pool = change("azuremachinepools", "infrastructure.cluster.x-k8s.io");
const answer = z.object({ http: z.object({ statusCode: z.coerce.string() }) });
const statusOf = ({ answer: given }: { readonly answer: unknown }) => answer.parse(given).http.statusCode;

test("a termination that somebody changed goes on the queue of drains, and a pool nowhere while none is reconciled", async () => {
  const invoked = await invoke(posted(listOf(termination, pool)));
  assert.equal(statusOf(invoked), "200");
  assert.deepEqual(harness.takeKeys(0), [{ kind: "InstanceTermination", namespace: "team-a", name: "workers-a" }]);
  assert.deepEqual(harness.takeKeys(0, POOL_LOOKS), []);
  assert.deepEqual(outcomesOf(invoked.lines), ["queued: "]);
});

test("where pools are reconciled each kind goes on its queue, and our own writes on none", async () => {
  const machine = change("azuremachinepoolmachines", "infrastructure.cluster.x-k8s.io");
  const own = change("azuremachinepools", "infrastructure.cluster.x-k8s.io", { user: { username: "them" } });
  await reconciling(posted(listOf(termination, pool, machine, own)));
  assert.equal(harness.takeKeys(0).length, 1);
  assert.deepEqual(
    harness
      .takeKeys(0, POOL_LOOKS)
      .map(({ kind }) => kind)
      .sort(),
    ["AzureMachinePool", "AzureMachinePoolMachine"],
  );
});

test("a workload cluster's Nodes lead to the pools of their cluster", async () => {
  const node = change("nodes", "", { objectRef: { resource: "nodes", name: "n-1" } });
  await reconciling(posted(listOf(node), { path: "/clusters/team-a/blue" }));
  assert.deepEqual(harness.takeKeys(0, POOL_LOOKS), [{ kind: "Cluster", namespace: "team-a", name: "blue" }]);
});

test("a review is always allowed, with the token in its path, and looked at a little later", async () => {
  const review = JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "u-1",
      resource: { group: "lifecycle.cluster.x-k8s.io", version: "v1alpha1", resource: "instanceterminations" },
      namespace: "team-a",
      name: "workers-a-1",
      operation: "UPDATE",
      userInfo: { username: "jane" },
    },
  });
  const { answer: given } = await invoke(
    posted(review, { path: `/admission/${AUDIT_TOKEN}`, headers: { authorization: "" } }),
  );
  assert.ok(JSON.stringify(given).includes("200"));
  assert.deepEqual(harness.takeKeys(0), []);
  assert.equal(harness.takeKeys(3).length, 1);
});

const refusals: { name: string; posting: Posting; body?: string; status: string; outcome: string }[] = [
  {
    name: "a wrong token",
    posting: { headers: { authorization: "Bearer of bad news" } },
    status: "401",
    outcome: "refused: WrongToken",
  },
  { name: "no token", posting: { headers: { authorization: "" } }, status: "401", outcome: "refused: WrongToken" },
  {
    name: "a wrong token in the path",
    posting: { path: "/admission/x" },
    status: "401",
    outcome: "refused: WrongToken",
  },
  { name: "another method", posting: { method: "PUT" }, status: "405", outcome: "refused: WrongMethod" },
  {
    name: "another content",
    posting: { headers: { "content-type": "text/plain" } },
    status: "415",
    outcome: "refused: WrongContentType",
  },
  { name: "a body that is no JSON", posting: {}, body: "{", status: "400", outcome: "refused: NotAnEventList" },
  { name: "another JSON", posting: {}, body: "{}", status: "400", outcome: "refused: NotAnEventList" },
  {
    name: "a batch beyond all measure",
    posting: { headers: { "content-length": String(2 ** 30) } },
    status: "413",
    outcome: "refused: TooLarge",
  },
];
for (const { name, posting, body = listOf(termination), status, outcome } of refusals) {
  test(`${name} is refused with ${status}, and nothing goes on a queue`, async () => {
    const invoked = await invoke(posted(body, posting));
    assert.equal(statusOf(invoked), status);
    assert.deepEqual(outcomesOf(invoked.lines), [outcome]);
    assert.deepEqual(harness.takeKeys(0), []);
    assert.ok(!invoked.output.includes(AUDIT_TOKEN));
  });
}

test("a queue that does not take the keys makes the API server send the batch again", async () => {
  harness.azure.inject({ service: "servicebus", code: "500", status: 500, times: 1 });
  const invoked = await invoke(posted(listOf(termination)));
  assert.equal(statusOf(invoked), "503");
  assert.deepEqual(outcomesOf(invoked.lines), ["failed: unavailable"]);
  assert.equal(statusOf(await invoke(posted(listOf(termination)))), "200");
});

test("what concerns another deployment needs its token among the forward tokens", async () => {
  const forwards = JSON.stringify([{ namespaces: ["team-a"], url: "https://127.0.0.1:1/", tokenReference: "other" }]);
  const nameless = await harness.load("audit-received", { LIFEGUARD_AUDIT_FORWARDS: forwards });
  const { lines } = await nameless(posted(listOf(termination)));
  assert.ok(
    lines.some(({ message }) => String(message).includes("LIFEGUARD_AUDIT_FORWARD_TOKENS has no token named other")),
  );
  const named = await harness.load("audit-received", {
    LIFEGUARD_AUDIT_FORWARDS: forwards,
    LIFEGUARD_AUDIT_FORWARD_TOKENS: JSON.stringify({ other: "token-of-the-other" }),
  });
  const invoked = await named(posted(listOf(termination)));
  assert.equal(statusOf(invoked), "503");
  assert.ok(!invoked.output.includes("token-of-the-other"));
});
