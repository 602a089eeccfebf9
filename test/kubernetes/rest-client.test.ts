/** What the verbs say on the wire, and what comes back of it. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { KubernetesObject } from "../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { daemonSets, pods } from "../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { KubernetesError } from "../../lib/kubernetes/errors.ts";
import { type Asked, type Reply, refusal, scriptedServer } from "./support/scripted-server.ts";

async function clientOf(t: TestContext, answer: (asked: Asked) => Reply) {
  const server = await scriptedServer(t, answer);
  const source = async () => server.kubeconfig({ token: "t" });
  const client = connect(source, { name: "the test cluster", origin: "a test" }).client(undefined);
  return { client, asked: server.asked };
}

const web = { namespace: "default", name: "web-1" };
const object = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "default", name: "web-1" } };
const ITERMS = "/apis/lifecycle.cluster.x-k8s.io/v1alpha1/namespaces/default/instanceterminations";

const onTheWire: {
  name: string;
  call: (client: KubernetesClient) => Promise<unknown>;
  want: { method: string; url: string; type?: string; body?: object };
}[] = [
  {
    name: "get of a core object",
    call: (client) => client.get(pods, web),
    want: { method: "GET", url: "/api/v1/namespaces/default/pods/web-1" },
  },
  {
    name: "get of a cluster-scoped object, its name escaped",
    call: (client) => client.get(nodes, { name: "a b?c" }),
    want: { method: "GET", url: "/api/v1/nodes/a%20b%3Fc" },
  },
  {
    name: "get of a group's object",
    call: (client) => client.get(daemonSets, { namespace: "kube-system", name: "cni" }),
    want: { method: "GET", url: "/apis/apps/v1/namespaces/kube-system/daemonsets/cni" },
  },
  {
    name: "create in the namespace of the object",
    call: (client) => client.create(pods, object),
    want: {
      method: "POST",
      url: "/api/v1/namespaces/default/pods?fieldManager=lifeguard",
      type: "application/json",
      body: object,
    },
  },
  {
    name: "create of a cluster-scoped object",
    call: (client) => client.create(nodes, { metadata: { name: "n" } }),
    want: {
      method: "POST",
      url: "/api/v1/nodes?fieldManager=lifeguard",
      type: "application/json",
      body: { metadata: { name: "n" } },
    },
  },
  {
    name: "merge patch",
    call: (client) => client.patch(instanceTerminations, web, { type: "merge", body: { spec: { dryRun: true } } }),
    want: {
      method: "PATCH",
      url: `${ITERMS}/web-1?fieldManager=lifeguard`,
      type: "application/merge-patch+json",
      body: { spec: { dryRun: true } },
    },
  },
  {
    name: "merge patch of the status",
    call: (client) => client.patch(instanceTerminations, web, { type: "merge", body: { status: {} } }, "status"),
    want: {
      method: "PATCH",
      url: `${ITERMS}/web-1/status?fieldManager=lifeguard`,
      type: "application/merge-patch+json",
      body: { status: {} },
    },
  },
  {
    name: "JSON patch",
    call: (client) => client.patch(pods, web, { type: "json", body: [{ op: "remove", path: "/a" }] }),
    want: {
      method: "PATCH",
      url: "/api/v1/namespaces/default/pods/web-1?fieldManager=lifeguard",
      type: "application/json-patch+json",
      body: [{ op: "remove", path: "/a" }],
    },
  },
  {
    name: "strategic merge patch",
    call: (client) =>
      client.patch(nodes, { name: "n" }, { type: "strategic", body: { spec: { unschedulable: true } } }),
    want: {
      method: "PATCH",
      url: "/api/v1/nodes/n?fieldManager=lifeguard",
      type: "application/strategic-merge-patch+json",
      body: { spec: { unschedulable: true } },
    },
  },
  {
    name: "delete without conditions",
    call: (client) => client.delete(nodes, { name: "n" }),
    want: {
      method: "DELETE",
      url: "/api/v1/nodes/n",
      type: "application/json",
      body: { apiVersion: "v1", kind: "DeleteOptions", preconditions: {} },
    },
  },
  {
    name: "delete with every condition",
    call: (client) =>
      client.delete(pods, web, {
        uid: "u",
        resourceVersion: "7",
        gracePeriodSeconds: 0,
        propagationPolicy: "Foreground",
      }),
    want: {
      method: "DELETE",
      url: "/api/v1/namespaces/default/pods/web-1",
      type: "application/json",
      body: {
        apiVersion: "v1",
        kind: "DeleteOptions",
        gracePeriodSeconds: 0,
        propagationPolicy: "Foreground",
        preconditions: { uid: "u", resourceVersion: "7" },
      },
    },
  },
  {
    name: "post to a subresource",
    call: (client) => client.createSubresource(pods, web, "eviction", { kind: "Eviction" }),
    want: {
      method: "POST",
      url: "/api/v1/namespaces/default/pods/web-1/eviction?fieldManager=lifeguard",
      type: "application/json",
      body: { kind: "Eviction" },
    },
  },
];
for (const { name, call, want } of onTheWire) {
  test(`${name}: ${want.method} ${want.url}`, async (t) => {
    const { client, asked } = await clientOf(t, () => ({ body: object }));
    await call(client);
    const [one, ...more] = asked;
    ok(one);
    deepStrictEqual(more, []);
    const { method, url, body, headers } = one;
    const { type, body: wantedBody, ...line } = want;
    deepStrictEqual({ method, url }, line);
    strictEqual(headers["content-type"], type);
    strictEqual(headers.accept, "application/json");
    strictEqual(headers["user-agent"], "lifeguard");
    deepStrictEqual(body === "" ? undefined : JSON.parse(body), wantedBody);
  });
}

test("an object comes back as it was sent, fields that nobody knows included", async (t) => {
  const sent = {
    ...object,
    spec: { fromTheFuture: { deep: [1, null, "2026-01-01T00:00:00Z"] } },
    metadata: { ...object.metadata, alsoNew: true },
  };
  const { client } = await clientOf(t, () => ({ body: sent }));
  deepStrictEqual(await client.get(pods, web), sent);
});

test("a compressed answer is asked for and read", async (t) => {
  const sent = { ...object, metadata: { ...object.metadata, annotations: { note: "Prüfung ".repeat(20_000) } } };
  const { client, asked } = await clientOf(t, () => ({
    headers: { "content-encoding": "gzip" },
    body: gzipSync(JSON.stringify(sent)),
  }));
  deepStrictEqual(await client.get(pods, web), sent);
  strictEqual(asked[0]?.headers["accept-encoding"], "gzip");
});

test("a compressed answer that is broken is no answer", async (t) => {
  const { client } = await clientOf(t, () => ({ headers: { "content-encoding": "gzip" }, body: "{}" }));
  await rejects(client.get(pods, web), (error) => error instanceof KubernetesError && error.kind === "unreachable");
});

test("text beyond ASCII survives both ways", async (t) => {
  const { client } = await clientOf(t, ({ body }) => ({ body }));
  const said = { ...object, metadata: { ...object.metadata, annotations: { note: "Prüfung – 試験 🛟" } } };
  deepStrictEqual(await client.create(pods, said), said);
});

const podNamed = (name: string) => ({ metadata: { namespace: "default", name } });
async function collect(pages: AsyncIterable<readonly KubernetesObject[]>): Promise<string[][]> {
  const names: string[][] = [];
  for await (const page of pages) names.push(page.map(({ metadata }) => metadata.name));
  return names;
}

test("a list is read page by page with the server's token", async (t) => {
  const replies: Reply[] = [
    { body: { metadata: { continue: "to/ken+2=" }, items: [podNamed("a"), podNamed("b")] } },
    { body: { metadata: { continue: "" }, items: [podNamed("c")] } },
  ];
  const { client, asked } = await clientOf(t, () => replies.shift() ?? { status: 500 });
  const query = { namespace: "default", labelSelector: "app in (web,db)", fieldSelector: "spec.nodeName=n", limit: 2 };
  deepStrictEqual(await collect(client.list(pods, query)), [["a", "b"], ["c"]]);
  const [first, second] = asked.map(({ url }) => new URL(url, "https://server"));
  strictEqual(first?.pathname, "/api/v1/namespaces/default/pods");
  const wanted = { limit: "2", labelSelector: "app in (web,db)", fieldSelector: "spec.nodeName=n" };
  deepStrictEqual(Object.fromEntries(first?.searchParams ?? []), wanted);
  deepStrictEqual(Object.fromEntries(second?.searchParams ?? []), { ...wanted, continue: "to/ken+2=" });
});

test("a page is asked for only when the one before has been read", async (t) => {
  const { client, asked } = await clientOf(t, () => ({
    body: { metadata: { continue: "more" }, items: [podNamed("a")] },
  }));
  for await (const page of client.list(pods)) {
    strictEqual(page.length, 1);
    break;
  }
  deepStrictEqual(
    asked.map(({ url }) => url),
    ["/api/v1/pods?limit=500"],
  );
});

test("a list whose items are null is empty", async (t) => {
  const { client } = await clientOf(t, () => ({ body: { metadata: {}, items: null } }));
  deepStrictEqual(await collect(client.list(pods)), [[]]);
});

test("a token that expires in the middle of a list is said", async (t) => {
  const { client } = await clientOf(t, ({ url }) =>
    url.includes("continue=")
      ? refusal(410, "Expired", "too old")
      : { body: { metadata: { continue: "x" }, items: [] } },
  );
  await rejects(collect(client.list(pods)), (error) => error instanceof KubernetesError && error.kind === "expired");
});

for (const name of ["", ".", "..", "a/b", "a%2fb"]) {
  test(`the name ${JSON.stringify(name)} never becomes a path`, async (t) => {
    const { client, asked } = await clientOf(t, () => ({}));
    const invalid = (error: unknown) => error instanceof KubernetesError && error.kind === "invalid";
    await rejects(client.delete(pods, { namespace: "default", name }), invalid);
    await rejects(client.get(pods, { namespace: name, name: "web" }), invalid);
    await rejects(client.create(pods, { metadata: { namespace: name, name: "web" } }), invalid);
    await rejects(collect(client.list(pods, { namespace: name })), invalid);
    strictEqual(asked.length, 0);
  });
}

test("an answer that is no JSON is an error, not an object", async (t) => {
  const { client } = await clientOf(t, () => ({ body: "<html>Sign in</html>" }));
  await rejects(client.get(pods, web), (error) => {
    ok(error instanceof KubernetesError);
    deepStrictEqual([error.kind, error.code], ["server", 200]);
    match(error.message, /not JSON/);
    return true;
  });
});
