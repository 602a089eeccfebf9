/** Servers that accept and never answer, and connections that die without a word: each costs one deadline, and only once. */
import { match, ok, rejects, strictEqual } from "node:assert/strict";
import { type AddressInfo, createServer, connect as dial } from "node:net";
import { type TestContext, test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { KubernetesError } from "../../lib/kubernetes/errors.ts";
import type { ApiRequest } from "../../lib/kubernetes/exchange.ts";
import { httpsSender } from "../../lib/kubernetes/http-exchange.ts";
import { type Reply, scriptedServer } from "./support/scripted-server.ts";

const NAMES = { name: "the test cluster", origin: "the secret test/kubeconfig" };
const aNode: Reply = { body: { apiVersion: "v1", kind: "Node", metadata: { name: "n" } } };
const SOON_MILLISECONDS = 50;
const get = (signal: AbortSignal): ApiRequest => ({ method: "GET", path: "/api/v1/nodes/n", headers: {}, signal });
const soon = () => AbortSignal.timeout(SOON_MILLISECONDS);
const later = () => AbortSignal.timeout(10_000);

/** Takes connections and says nothing, not even its half of the TLS handshake. */
async function silentServer(t: TestContext): Promise<URL> {
  const server = createServer((socket) => t.after(() => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

test("a connection that is accepted and never answered is given up long before the call's deadline", async (t) => {
  const send = httpsSender({ connectMilliseconds: SOON_MILLISECONDS });
  const to = { server: await silentServer(t), tls: { rejectUnauthorized: false } };
  const started = performance.now();
  await rejects(send(to, get(later())), (error: unknown) => {
    match(String(error), /no TLS connection to 127\.0\.0\.1:\d+ within 0\.05 s/);
    return true;
  });
  ok(performance.now() - started < 5_000);
});

test("a connection that was never made carried nothing: another is tried, for whatever is asked", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  let accepted = 0;
  const way = createServer((socket) => {
    t.after(() => socket.destroy());
    if (++accepted === 1) return;
    const behind = dial(Number(new URL(server.url).port), "127.0.0.1");
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
  t.after(() => way.close());
  const send = httpsSender({ connectMilliseconds: 10 * SOON_MILLISECONDS });
  const to = { server: new URL(server.url), tls: { ca: server.authority.caPem } };
  to.server.port = String((way.address() as AddressInfo).port);
  const { status } = await send(to, { ...get(later()), method: "POST", body: "{}" });
  strictEqual(status, 200);
  strictEqual(server.asked.length, 1);
});

test("once a connection has died without a word, those that were kept alive beside it are not trusted either", async (t) => {
  let isDead = false;
  const server = await scriptedServer(t, () => (isDead && server.handshakes() <= 2 ? { cut: "never" } : aNode));
  const send = httpsSender();
  const to = { server: new URL(server.url), tls: { ca: server.authority.caPem } };
  await Promise.all([send(to, get(later())), send(to, get(later()))]);
  strictEqual(server.handshakes(), 2, "two connections are kept alive");
  isDead = true;
  await rejects(send(to, get(soon())));
  const { status } = await send(to, get(later()));
  strictEqual(status, 200);
  strictEqual(server.handshakes(), 3);
});

test("a request that waited for its turn is not taken for one that has no connection", async (t) => {
  const server = await scriptedServer(t, () => ({
    ...aNode,
    ...(server.asked.at(-1)?.url === "/last" && { cut: "never" }),
  }));
  const send = httpsSender({ connectMilliseconds: 10 * SOON_MILLISECONDS });
  const to = { server: new URL(server.url), tls: { ca: server.authority.caPem } };
  const create = (signal: AbortSignal, path = "/"): ApiRequest => ({
    ...get(signal),
    path,
    method: "POST",
    body: "{}",
  });
  const asked = [...Array(16)].map(() => send(to, create(later())));
  const last = send(to, create(AbortSignal.timeout(20 * SOON_MILLISECONDS), "/last"));
  await rejects(last, { name: "AbortError" });
  await Promise.all(asked);
  strictEqual(server.asked.length, 17);
});

const methods: { name: string; method: ApiRequest["method"]; headers?: Record<string, string>; asked: number }[] = [
  { name: "a read", method: "GET", asked: 2 },
  { name: "a deletion", method: "DELETE", asked: 2 },
  { name: "a merge patch", method: "PATCH", headers: { "content-type": "application/merge-patch+json" }, asked: 2 },
  { name: "a JSON patch", method: "PATCH", headers: { "content-type": "application/json-patch+json" }, asked: 1 },
  { name: "a creation", method: "POST", asked: 1 },
];
const ends = [
  { cut: "never", end: "whose answer never comes" },
  { cut: "before", end: "that is cut before its answer" },
  { cut: "within", end: "whose answer is cut" },
] as const;
for (const { cut, end } of ends)
  for (const { name, method, headers = {}, asked } of methods)
    test(`${name} ${end} is asked ${asked === 2 ? "once more, on a connection of its own" : "once only"}`, async (t) => {
      const server = await scriptedServer(t, () => (server.asked.length === 1 ? { ...aNode, cut } : aNode));
      const send = httpsSender({ silentMilliseconds: SOON_MILLISECONDS });
      const to = { server: new URL(server.url), tls: { ca: server.authority.caPem } };
      const signal = asked === 2 ? later() : AbortSignal.timeout(20 * SOON_MILLISECONDS);
      const answer = send(to, { ...get(signal), method, headers, body: "{}" });
      if (asked === 2) strictEqual((await answer).status, 200);
      else await rejects(answer);
      strictEqual(server.asked.length, asked);
      strictEqual(server.handshakes(), asked);
    });

test("a kubeconfig that never comes costs the invocation that waits for it, and none after it", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  let reads = 0;
  const source = () =>
    ++reads === 1 ? new Promise<string>(() => {}) : Promise.resolve(server.kubeconfig({ token: "t" }));
  const connection = connect(source, NAMES);
  await rejects(connection.client(soon()).get(nodes, { name: "n" }), KubernetesError);
  await connection.client(later()).get(nodes, { name: "n" });
  strictEqual(reads, 2);
});

test("the same when the connection is opened first", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  let reads = 0;
  const source = () =>
    ++reads === 1 ? new Promise<string>(() => {}) : Promise.resolve(server.kubeconfig({ token: "t" }));
  const connection = connect(source, NAMES);
  await rejects(connection.open(soon()), KubernetesError);
  await connection.open(later());
  strictEqual(reads, 2);
});
