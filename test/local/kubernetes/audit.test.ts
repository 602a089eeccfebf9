/** The audit webhook of the embedded API: which events, in which form, and what becomes of batches that nobody takes. */
import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type StoryClock, virtualClock } from "../../../infra/local/clock.ts";
import { ADMIN, createKubernetesApi } from "../../../infra/local/kubernetes/api.ts";
import type { AuditPolicy } from "../../../infra/local/kubernetes/audit.ts";
import { createAuditWebhook } from "../../../infra/local/kubernetes/audit-webhook.ts";

interface Event {
  readonly level: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef: Record<string, string>;
  readonly responseStatus: { readonly code: number };
  readonly requestObject?: unknown;
  readonly responseObject?: { readonly kind: string; readonly metadata: Record<string, unknown> };
}
interface Batch {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly at: number;
  readonly items: readonly Event[];
}

const everything: AuditPolicy = { rules: [{ level: "RequestResponse" }], omitStages: ["RequestReceived"] };

async function rig(
  context: TestContext,
  options: { policy?: AuditPolicy; code?: () => number; batchMaxSize?: number } = {},
) {
  const clock = virtualClock(new Date("2026-01-01T00:00:00Z"));
  const began = clock.now().getTime();
  const batches: Batch[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => take(request, Buffer.concat(chunks).toString(), response));
  });
  const take = (request: IncomingMessage, text: string, response: ServerResponse) => {
    const { items } = JSON.parse(text) as { items: Event[] };
    batches.push({
      url: request.url ?? "",
      headers: request.headers,
      at: (clock.now().getTime() - began) / 1000,
      items,
    });
    response.writeHead(options.code?.() ?? 200).end();
  };
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/audit`;
  const { policy = everything, batchMaxSize = 400 } = options;
  const webhook = createAuditWebhook(clock, { url, token: "secret", policy, batchMaxWaitSeconds: 1, batchMaxSize });
  const api = createKubernetesApi({ clock, name: "audited", audit: webhook.sink });
  context.after(() => {
    webhook.close();
    receiver.close();
    receiver.closeAllConnections();
  });
  const ask = (method: string, path: string, body?: unknown, type = "application/merge-patch+json") =>
    api.handle({ method, path, headers: method === "PATCH" ? { "content-type": type } : {}, user: ADMIN, body });
  return { clock, batches, webhook, ask };
}

const until = (clock: StoryClock, done: () => boolean, maxSeconds = 100) => clock.run({ maxSeconds, done });
const NODES = "/api/v1/nodes";
const node = { metadata: { name: "n1" } };

void test("a batch is an EventList at the URL that was given, with the timeout appended and no token over plain http", async (context) => {
  const { clock, batches, ask } = await rig(context);
  await ask("POST", NODES, node);
  await until(clock, () => batches.length > 0);
  const [batch] = batches;
  assert.equal(batch?.url, "/audit?timeout=30s");
  assert.equal(batch?.headers["content-type"], "application/json");
  assert.equal(batch?.headers.accept, "application/json, */*");
  assert.equal(batch?.headers.authorization, undefined);
  const [event] = batch?.items ?? [];
  assert.deepEqual(
    [event?.level, event?.stage, event?.verb, event?.responseStatus.code],
    ["RequestResponse", "ResponseComplete", "create", 201],
  );
  assert.deepEqual(event?.objectRef, { resource: "nodes", name: "n1", apiVersion: "v1" });
});

void test("the forms that a receiver must survive", async (context) => {
  const { clock, batches, ask } = await rig(context);
  await ask("POST", NODES, { metadata: { generateName: "g-" } });
  await ask("POST", NODES, node);
  await ask(
    "PATCH",
    `${NODES}/n1`,
    [{ op: "add", path: "/metadata/labels", value: { a: "b" } }],
    "application/json-patch+json",
  );
  await ask("PUT", `${NODES}/n1`, { metadata: { name: "n1", uid: "u", resourceVersion: "1" } });
  await ask("PATCH", `${NODES}/n1?dryRun=All`, { spec: { unschedulable: true } });
  await ask("POST", "/api/v1/namespaces/default/pods/p/eviction", {});
  await ask("DELETE", `${NODES}/n1`);
  await until(clock, () => batches.length > 0);
  const events = batches.flatMap(({ items }) => items);
  const [generated, , json, put, dry, eviction, removed] = events;
  assert.equal(generated?.objectRef.name, undefined, "a generated name is in the answer only");
  assert.match(String(generated?.responseObject?.metadata.name), /^g-/);
  assert.ok(Array.isArray(json?.requestObject));
  assert.deepEqual([put?.objectRef.uid, put?.objectRef.resourceVersion, put?.responseStatus.code], ["u", "1", 409]);
  assert.deepEqual([dry?.verb, dry?.responseStatus.code, dry?.requestURI], ["patch", 200, `${NODES}/n1?dryRun=All`]);
  assert.deepEqual(
    [eviction?.verb, eviction?.objectRef.subresource, eviction?.responseStatus.code],
    ["create", "eviction", 404],
  );
  assert.deepEqual([removed?.verb, removed?.responseObject?.kind], ["delete", "Status"]);
});

void test("the first matching rule of the policy decides", async (context) => {
  const policy: AuditPolicy = {
    omitStages: ["RequestReceived"],
    rules: [
      { level: "None", verbs: ["get", "list", "watch"] },
      { level: "None", users: ["admin"], resources: [{ group: "", resources: ["secrets"] }] },
      { level: "Metadata", resources: [{ group: "", resources: ["nodes/status"] }] },
      { level: "Request", resources: [{ group: "", resources: ["nodes"], resourceNames: ["n1"] }] },
      { level: "None", nonResourceURLs: ["/version*"] },
      { level: "RequestResponse", namespaces: ["default"] },
    ],
  };
  const { clock, batches, ask } = await rig(context, { policy });
  await ask("GET", NODES);
  await ask("POST", "/api/v1/namespaces/default/secrets", { metadata: { name: "s" } });
  await ask("POST", NODES, node);
  await ask("PATCH", `${NODES}/n1`, { metadata: { labels: { a: "b" } } });
  await ask("PATCH", `${NODES}/n1/status`, { status: {} });
  await ask("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "c" } });
  await until(clock, () => batches.length > 0);
  const seen = batches
    .flatMap(({ items }) => items)
    .map((event) => ({
      what: `${event.verb} ${event.objectRef.resource}`,
      level: event.level,
      request: event.requestObject !== undefined,
      response: event.responseObject !== undefined,
    }));
  assert.deepEqual(seen, [
    { what: "patch nodes", level: "Request", request: true, response: false },
    { what: "patch nodes", level: "Metadata", request: false, response: false },
    { what: "create configmaps", level: "RequestResponse", request: true, response: true },
  ]);
});

void test("without omitStages both ends of a request are told, and a watch when it begins", async (context) => {
  const { clock, batches, ask } = await rig(context, { policy: { rules: [{ level: "RequestResponse" }] } });
  await ask("POST", NODES, node);
  await ask("GET", `${NODES}?watch=1`);
  await until(clock, () => batches.length > 0);
  const stages = batches
    .flatMap(({ items }) => items)
    .map(({ verb, stage, responseObject }) => [verb, stage, responseObject?.kind]);
  assert.deepEqual(stages, [
    ["create", "RequestReceived", undefined],
    ["create", "ResponseComplete", "Node"],
    ["watch", "RequestReceived", undefined],
    ["watch", "ResponseStarted", undefined],
  ]);
});

void test("a full batch does not wait", async (context) => {
  const { clock, batches, ask } = await rig(context, { batchMaxSize: 2 });
  for (const name of ["a", "b", "c"]) await ask("POST", NODES, { metadata: { name } });
  await until(clock, () => batches.length === 2);
  assert.deepEqual(
    batches.map(({ items, at }) => [items.length, at]),
    [
      [2, 0],
      [1, 1],
    ],
  );
});

void test("a refused batch is tried five times with growing pauses, then dropped and counted", async (context) => {
  const { clock, batches, webhook, ask } = await rig(context, { code: () => 401 });
  await ask("POST", NODES, node);
  await until(clock, () => webhook.dropped() > 0, 200);
  assert.deepEqual(
    batches.map(({ at }) => Math.round(at)),
    [1, 11, 26, 49, 82],
  );
  assert.deepEqual([webhook.dropped(), webhook.delivered()], [1, 0]);
});

void test("a receiver that recovers in time gets the batch", async (context) => {
  let left = 2;
  const { clock, batches, webhook, ask } = await rig(context, { code: () => (left-- > 0 ? 500 : 204) });
  await ask("POST", NODES, node);
  await until(clock, () => webhook.delivered() > 0);
  assert.deepEqual([batches.length, webhook.delivered(), webhook.dropped()], [3, 1, 0]);
});

void test("closed while an attempt is under way, it makes no other", async (context) => {
  let close = () => {};
  const { clock, batches, webhook, ask } = await rig(context, {
    code: () => {
      close();
      return 500;
    },
  });
  close = () => webhook.close();
  await ask("POST", NODES, node);
  await until(clock, () => batches.length > 1, 200);
  assert.equal(batches.length, 1);
});
