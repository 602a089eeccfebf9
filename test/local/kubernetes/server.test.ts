/** The wire of the embedded API: who is let in, what is counted, outages on demand, and time that waits for requests. */
import assert from "node:assert/strict";
import { Agent, get } from "node:https";
import { type TestContext, test } from "node:test";
import { virtualClock } from "../../../infra/local/clock.ts";
import { ADMIN } from "../../../infra/local/kubernetes/api.ts";
import { type LocalKubernetes, type StartOptions, startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { type Authority, createAuthority } from "../../../infra/local/tls.ts";
import { createWire, type Wire } from "../../conformance/wire.ts";

const NODES = "/api/v1/nodes";
const start = new Date("2026-01-01T00:00:00Z");

interface Rig {
  readonly server: LocalKubernetes;
  readonly wire: Wire;
  readonly authority: Authority;
  readonly clock: ReturnType<typeof virtualClock>;
}

async function rig(context: TestContext, options: Partial<StartOptions> = {}): Promise<Rig> {
  const clock = virtualClock(start);
  const authority = await createAuthority();
  const tokens = [["key", { name: "ann", groups: ["crew", "system:authenticated"] }]] as const;
  const server = await startKubernetes({ clock, name: "wire", authority, tokens, ...options });
  const wire = createWire({ url: server.url, token: "key", ca: authority.caPem });
  context.after(async () => {
    wire.close();
    await server.close();
  });
  return { server, wire, authority, clock };
}

const ask = (path = NODES, method = "GET", body?: object) => ({ method, path, ...(body && { body }) });
const node = (name: string) => ask(NODES, "POST", { apiVersion: "v1", kind: "Node", metadata: { name } });

void test("a request is counted with its user, its resource and its object", async (context) => {
  const { server, wire } = await rig(context);
  await wire.ask(node("n1"));
  await wire.ask(ask(`${NODES}/n1`, "PATCH", { spec: { unschedulable: true } }));
  await wire.ask(ask("/api/v1/namespaces/default/pods/p/eviction", "POST", {}));
  await wire.ask(ask());
  assert.deepEqual(
    server.calls.map(({ at: _at, ...call }) => call),
    [
      { server: "kubernetes:wire", who: "ann", what: "POST nodes", target: "", code: 201 },
      { server: "kubernetes:wire", who: "ann", what: "PATCH nodes", target: "n1", code: 200 },
      { server: "kubernetes:wire", who: "ann", what: "POST pods/eviction", target: "default/p", code: 404 },
      { server: "kubernetes:wire", who: "ann", what: "GET nodes", target: "", code: 200 },
    ],
  );
});

void test("times come from the clock that was given", async (context) => {
  const { wire } = await rig(context);
  const { body } = await wire.ask(node("n1"));
  assert.equal(
    (body as { metadata: { creationTimestamp: string } }).metadata.creationTimestamp,
    "2026-01-01T00:00:00Z",
  );
});

void test("without a credential only discovery, version and health are open", async (context) => {
  const { server, authority } = await rig(context);
  const open = createWire({ url: server.url, token: "", ca: authority.caPem });
  context.after(() => open.close());
  const codes = await Promise.all(
    [NODES, "/version", "/healthz"].map(async (path) => (await open.ask(ask(path))).status),
  );
  assert.deepEqual(codes, [403, 200, 200]);
});

void test("a revoked token is Unauthorized", async (context) => {
  const { server, wire } = await rig(context);
  assert.equal((await wire.ask(ask())).status, 200);
  server.revoke("ann");
  assert.equal((await wire.ask(ask())).status, 401);
});

void test("a certificate of another authority proves nothing", async (context) => {
  const { server, authority } = await rig(context);
  const { certPem: cert, keyPem: key } = await (await createAuthority()).issue({
    commonName: "admin",
    organizations: ["system:masters"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const agent = new Agent({ ca: authority.caPem, cert, key });
  get(`${server.url}${NODES}`, { agent }, (response) => resolve(response.resume().statusCode ?? 0)).on("error", reject);
  assert.equal(await promise, 403);
  agent.destroy();
});

void test("a fault strikes as often as it was told, with code, Retry-After and a Status", async (context) => {
  const { server, wire } = await rig(context);
  server.inject({ match: { method: "GET", path: /nodes/ }, times: 2, code: 429, retryAfterSeconds: 3 });
  const first = await wire.ask(ask());
  assert.deepEqual([first.status, first.headers["retry-after"]], [429, "3"]);
  assert.equal((first.body as { reason: string }).reason, "TooManyRequests");
  assert.equal((await wire.ask(node("n1"))).status, 201, "another method is left alone");
  assert.equal((await wire.ask(ask())).status, 429);
  assert.equal((await wire.ask(ask())).status, 200);
  assert.deepEqual(
    server.calls.map(({ code }) => code),
    [429, 201, 429, 200],
  );
});

void test("a fault may bring its own body, or cut the line", async (context) => {
  const { server, wire } = await rig(context);
  server.inject({ match: {}, times: 1, code: 500, body: { odd: true } });
  assert.deepEqual((await wire.ask(ask())).body, { odd: true });
  server.inject({ match: {}, times: 1, drop: true });
  await assert.rejects(wire.ask(ask()), /socket hang up|ECONNRESET/);
  assert.equal((await wire.ask(ask())).status, 200);
});

void test("a delayed request waits on the virtual clock", async (context) => {
  const { server, wire, clock } = await rig(context);
  server.inject({ match: {}, times: 1, delaySeconds: 25 });
  let status = 0;
  const asked = wire.ask(ask()).then((answer) => (status = answer.status));
  assert.equal(await clock.run({ maxSeconds: 20, done: () => status > 0 }), false);
  assert.equal(await clock.run({ maxSeconds: 20, done: () => status > 0 }), true);
  assert.equal(await asked, 200);
});

void test("a server that is down refuses everybody, and answers again when it is up", async (context) => {
  const { server, wire } = await rig(context);
  await wire.ask(ask());
  server.down();
  await assert.rejects(wire.ask(ask()), /ECONNRESET|socket hang up|disconnected/);
  server.up();
  assert.equal((await wire.ask(ask())).status, 200);
});

void test("a watch ends when the server closes, and holds no time still", async (context) => {
  const { server, wire, clock } = await rig(context);
  await wire.ask(node("n1"));
  let ended = false;
  const watching = wire.watch(ask(`${NODES}?watch=1`), 5).then(({ events }) => {
    ended = true;
    return events.length;
  });
  assert.equal(await clock.run({ maxSeconds: 50, done: () => ended }), false);
  await server.close();
  assert.equal(await watching, 1);
});

void test("watchers see changes in order, even when one of them writes", async (context) => {
  const { server } = await rig(context);
  const handle = (method: string, path: string, body?: object) =>
    server.api.handle({ method, path, headers: {}, user: ADMIN, ...(body && { body }) });
  const seen: string[] = [];
  const watch = async (then: (name: string) => void) => {
    const { watch: stream } = await handle("GET", `${NODES}?watch=1`);
    return stream?.start(
      ({ object }) => then((object.metadata as { name: string }).name),
      () => {},
    );
  };
  const stops = [
    await watch((name) => name === "first" && void handle("POST", NODES, { metadata: { name: "second" } })),
    await watch((name) => seen.push(name)),
  ];
  await handle("POST", NODES, { metadata: { name: "first" } });
  assert.deepEqual(seen, ["first", "second"]);
  for (const stop of stops) stop?.();
});

void test("a watcher that is late by more than the history is told so", async (context) => {
  const { server, wire } = await rig(context);
  await wire.ask(node("n1"));
  const headers = { "content-type": "application/merge-patch+json" };
  for (let count = 0; count < 12_000; count++) {
    const body = { metadata: { labels: { count: String(count) } } };
    await server.api.handle({ method: "PATCH", path: `${NODES}/n1`, headers, body, user: ADMIN });
  }
  const { status, events } = await wire.watch(ask(`${NODES}?watch=1&resourceVersion=5`), 1);
  assert.equal(status, 200);
  const [{ type, object }] = events as [{ type: string; object: { code: number; reason: string; message: string } }];
  assert.deepEqual([type, object.code, object.reason], ["ERROR", 410, "Expired"]);
  assert.match(object.message, /^too old resource version: 5 \(\d+\)$/);
});

void test("a continue token of a revision that is forgotten is Expired", async (context) => {
  const { server, wire } = await rig(context);
  for (const name of ["n1", "n2"]) await wire.ask(node(name));
  const page = (await wire.ask(ask(`${NODES}?limit=1`))).body as { metadata: { continue: string } };
  const headers = { "content-type": "application/merge-patch+json" };
  for (let count = 0; count < 12_000; count++) {
    const body = { metadata: { labels: { count: String(count) } } };
    await server.api.handle({ method: "PATCH", path: `${NODES}/n1`, headers, body, user: ADMIN });
  }
  const { status, body } = await wire.ask(ask(`${NODES}?limit=1&continue=${page.metadata.continue}`));
  assert.equal(status, 410);
  const { reason, metadata } = body as { reason: string; metadata: { continue: string } };
  assert.equal(reason, "Expired");
  const next = await wire.ask(ask(`${NODES}?limit=1&continue=${metadata.continue}`));
  assert.deepEqual(
    (next.body as { items: { metadata: { name: string } }[] }).items.map((item) => item.metadata.name),
    ["n2"],
  );
});
