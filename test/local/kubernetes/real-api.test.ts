/** The front before a real API server, which is an embedded one here: it tells users apart, counts, and passes on the rest. */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { realClock } from "../../../infra/local/clock.ts";
import { startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";

async function startFront(context: TestContext) {
  const parts = { clock: realClock(), name: "front", authority: await createAuthority() };
  const server = await startKubernetes({ ...parts, name: "server", authority: await createAuthority() });
  server.api.tokens.set("the-one", { name: "the-one", groups: ["system:masters"] });
  const front = await startKubernetes({ ...parts, real: { url: server.url, token: "the-one" } });
  context.after(async () => {
    await front.close();
    await server.close();
  });
  const clientOf = (user: string) => {
    const kubeconfig = front.kubeconfig(user);
    return connect(() => Promise.resolve(kubeconfig), { name: "front", origin: "a test" }).client(undefined);
  };
  return { server, front, clientOf };
}

const node = (name: string): Node => ({ apiVersion: "v1", kind: "Node", metadata: { name } });

test("the front counts who called what; the server hears of its one user only", async (context) => {
  const { server, front, clientOf } = await startFront(context);
  await clientOf("ann").create(nodes, node("a"));
  await rejects(clientOf("ben").get(nodes, { name: "b" }), { kind: "not-found" });
  const seen = ({ calls }: typeof front) => calls.map(({ who, what, target, code }) => [who, what, target, code]);
  deepEqual(seen(front), [
    ["ann", "POST nodes", "", 201],
    ["ben", "GET nodes", "b", 404],
  ]);
  deepEqual(
    server.calls.map(({ who }) => who),
    ["the-one", "the-one"],
  );
});

test("who is revoked is refused by the front, and a fault strikes there: the server hears of neither", async (context) => {
  const { server, front, clientOf } = await startFront(context);
  const client = clientOf("ann");
  front.inject({ match: {}, times: 1, code: 503 });
  await rejects(client.get(nodes, { name: "a" }), { code: 503 });
  front.revoke("ann");
  await rejects(client.get(nodes, { name: "a" }), { kind: "unauthorized" });
  equal(server.calls.length, 0);
});

test("a watch streams through", async (context) => {
  const { server, front } = await startFront(context);
  const headers = { authorization: "Bearer of-ann" };
  front.api.tokens.set("of-ann", { name: "ann", groups: [] });
  const { code, watch } = await front.api.handle({ method: "GET", path: "/api/v1/nodes?watch=1", headers });
  equal(code, 200);
  const heard = Promise.withResolvers<unknown>();
  const stop = watch?.start(
    ({ type, object }) => heard.resolve([type, object.kind]),
    () => {},
  );
  const user = { name: "admin", groups: ["system:masters"] };
  await server.api.handle({ method: "POST", path: "/api/v1/nodes", headers: {}, body: node("new"), user });
  deepEqual(await heard.promise, ["ADDED", "Node"]);
  stop?.();
});

test("a server on another machine is refused: stories write as administrators", async () => {
  const authority = await createAuthority();
  const real = { url: "https://kubernetes.example:6443", token: "x" };
  await rejects(startKubernetes({ clock: realClock(), name: "far", authority, real }), /not on this machine/);
});
