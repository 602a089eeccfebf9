/** The workload clusters are found through their Secrets, once per sandbox, and again when they refuse us. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { connectClusters } from "../../lib/kubernetes/clusters.ts";
import { KubernetesError, type KubernetesErrorKind } from "../../lib/kubernetes/errors.ts";
import { type Asked, type Reply, refusal, scriptedServer, toBase64 } from "./support/scripted-server.ts";

const PROD = { namespace: "team-a", name: "prod" };
const SECRET_URL = "/api/v1/namespaces/team-a/secrets/prod-kubeconfig";
const missing = refusal(404, "NotFound", 'secrets "prod-kubeconfig" not found', {
  name: "prod-kubeconfig",
  kind: "secrets",
});
const nodeOf = ({ url }: Asked): Reply => ({
  body: { apiVersion: "v1", kind: "Node", metadata: { name: url.split("/").at(-1) } },
});

const isError =
  (kind: KubernetesErrorKind, ...says: readonly RegExp[]) =>
  (error: unknown) => {
    ok(error instanceof KubernetesError, String(error));
    strictEqual(error.kind, kind, error.message);
    for (const part of says) match(error.message, part);
    return true;
  };

/** A management cluster whose Secret holds what `secret` says, and a workload cluster. */
async function twoClusters(t: TestContext) {
  const token = { wanted: "first" };
  const workload = await scriptedServer(t, (asked) =>
    asked.headers.authorization === `Bearer ${token.wanted}`
      ? nodeOf(asked)
      : refusal(401, "Unauthorized", "Unauthorized"),
  );
  const stored: { secret: Reply } = { secret: missing };
  const store = (text: string) => {
    stored.secret = {
      body: {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "prod-kubeconfig" },
        data: { value: toBase64(text) },
      },
    };
  };
  const management = await scriptedServer(t, (asked) =>
    asked.url.includes("/secrets/") ? stored.secret : nodeOf(asked),
  );
  const connections = connectClusters({ management: async () => management.kubeconfig({ token: "m" }) });
  return { workload, management, stored, store, token, connections };
}

test("the workload cluster is reached by the Secret beside the Cluster, which is read once per sandbox", async (t) => {
  const { workload, management, store, connections } = await twoClusters(t);
  store(workload.kubeconfig({ token: "first" }));
  for (let invocation = 0; invocation < 3; invocation++) {
    const clusters = connections.during(new AbortController().signal);
    await (await clusters.workload(PROD)).get(nodes, { name: "w" });
    await clusters.management.get(nodes, { name: "m" });
  }
  deepStrictEqual(
    management.asked.map(({ url }) => url),
    [SECRET_URL, ...Array(3).fill("/api/v1/nodes/m")],
  );
  deepStrictEqual([workload.asked.length, workload.handshakes(), management.handshakes()], [3, 1, 1]);
});

test("clusters of the same name in two namespaces are two clusters", async (t) => {
  const { workload, management, store, connections } = await twoClusters(t);
  store(workload.kubeconfig({ token: "first" }));
  const clusters = connections.during(undefined);
  await clusters.workload(PROD);
  await clusters.workload({ namespace: "team-b", name: "prod" });
  deepStrictEqual(
    management.asked.map(({ url }) => url),
    [SECRET_URL, SECRET_URL.replace("team-a", "team-b")],
  );
});

test("a token that ran out is taken from the Secret again", async (t) => {
  const { workload, management, store, token, connections } = await twoClusters(t);
  store(workload.kubeconfig({ token: "first" }));
  const client = await connections.during(undefined).workload(PROD);
  await client.get(nodes, { name: "w" });
  token.wanted = "second";
  store(workload.kubeconfig({ token: "second" }));
  await client.get(nodes, { name: "w" });
  strictEqual(management.asked.length, 2);
});

test("a missing Secret is said with its place, and looked for again next time", async (t) => {
  const { workload, store, connections } = await twoClusters(t);
  const clusters = connections.during(undefined);
  await rejects(
    clusters.workload(PROD),
    isError(
      "not-found",
      /expected its kubeconfig under the key "value" of the Secret team-a\/prod-kubeconfig in the management cluster, but there is no such Secret/,
    ),
  );
  store(workload.kubeconfig({ token: "first" }));
  await (await clusters.workload(PROD)).get(nodes, { name: "w" });
});

test("a Secret without the key is said", async (t) => {
  const { stored, connections } = await twoClusters(t);
  stored.secret = {
    body: { apiVersion: "v1", kind: "Secret", metadata: { name: "prod-kubeconfig" }, data: { other: "x" } },
  };
  await rejects(
    connections.during(undefined).workload(PROD),
    isError("not-found", /team-a\/prod-kubeconfig .* no such key/),
  );
});

test("a Secret that may not be read is a refusal, not a missing cluster", async (t) => {
  const { stored, connections } = await twoClusters(t);
  stored.secret = refusal(403, "Forbidden", "secrets is forbidden");
  await rejects(connections.during(undefined).workload(PROD), isError("forbidden", /secrets is forbidden/));
});

test("a Secret cannot make us run a program or read a file", async (t) => {
  const { workload, store, connections } = await twoClusters(t);
  store(workload.kubeconfig({ exec: { command: "id" } }));
  await rejects(
    connections.during(undefined).workload(PROD),
    isError("invalid", /workload cluster team-a\/prod: .*exec/),
  );
  strictEqual(workload.asked.length, 0);
});

test("the end of the invocation ends the calls of both clients", async (t) => {
  const { workload, store, connections } = await twoClusters(t);
  store(workload.kubeconfig({ token: "first" }));
  const invocation = new AbortController();
  const clusters = connections.during(invocation.signal);
  const client = await clusters.workload(PROD);
  invocation.abort();
  await rejects(
    client.get(nodes, { name: "w" }),
    isError("unreachable", /workload cluster team-a\/prod: .*the invocation ended/),
  );
  await rejects(
    clusters.management.get(nodes, { name: "w" }),
    isError("unreachable", /the management cluster: .*the invocation ended/),
  );
});

test("the end of the invocation ends the wait for a Secret", async (t) => {
  const { management, stored, connections } = await twoClusters(t);
  stored.secret = { cut: "never" };
  const invocation = new AbortController();
  management.whenAsked(() => invocation.abort());
  await rejects(
    connections.during(invocation.signal).workload(PROD),
    isError(
      "unreachable",
      /workload cluster team-a\/prod: reading its kubeconfig from the Secret team-a\/prod-kubeconfig .*the invocation ended/,
    ),
  );
});
