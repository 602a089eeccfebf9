/** One connection for many calls, credentials that rotate, servers that fall silent: all over real TLS. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { connect } from "../../lib/kubernetes/connection.ts";
import { KubernetesError, type KubernetesErrorKind } from "../../lib/kubernetes/errors.ts";
import { type Asked, type Reply, refusal, scriptedServer, toBase64 } from "./support/scripted-server.ts";

const NAMES = { name: "the test cluster", origin: "the secret test/kubeconfig" };
const aNode: Reply = { body: { apiVersion: "v1", kind: "Node", metadata: { name: "n" } } };
const get = { name: "n" };

const isKind =
  (kind: KubernetesErrorKind, ...says: readonly RegExp[]) =>
  (error: unknown) => {
    ok(error instanceof KubernetesError, String(error));
    strictEqual(error.kind, kind, error.message);
    for (const part of says) match(error.message, part);
    return true;
  };

/** A source that counts how often it is read. */
function count() {
  let made = 0;
  return {
    made: () => made,
    counting: (text: () => string) => async () => {
      made++;
      return text();
    },
  };
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "lifeguard-"));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test("one TLS handshake serves 200 calls", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  const connection = connect(async () => server.kubeconfig({ token: "t" }), NAMES);
  for (let call = 0; call < 200; call++) await connection.client(undefined).get(nodes, get);
  strictEqual(server.asked.length, 200);
  strictEqual(server.handshakes(), 1);
});

test("calls at the same time share at most 16 connections", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  const client = connect(async () => server.kubeconfig({ token: "t" }), NAMES).client(undefined);
  await Promise.all(Array.from({ length: 60 }, () => client.get(nodes, get)));
  strictEqual(server.asked.length, 60);
  ok(server.handshakes() <= 16, `${server.handshakes()} handshakes`);
});

test("the kubeconfig is read once for many calls", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  const reads = count();
  const connection = connect(
    reads.counting(() => server.kubeconfig({ token: "t" })),
    NAMES,
  );
  strictEqual(reads.made(), 0, "connecting makes no call");
  await Promise.all([1, 2, 3].map(() => connection.client(undefined).get(nodes, get)));
  await connection.open(undefined);
  strictEqual(reads.made(), 1);
});

const credentials: { name: string; user: (t: TestContext) => Promise<object>; want: string }[] = [
  { name: "a token", user: async () => ({ token: "abc" }), want: "Bearer abc" },
  {
    name: "user name and password",
    user: async () => ({ username: "jane", password: "se:cret" }),
    want: `Basic ${toBase64("jane:se:cret")}`,
  },
  {
    name: "a token file, whose last line may end",
    user: async (t) => {
      const tokenFile = join(await folder(t), "token");
      await writeFile(tokenFile, "from-file\n");
      return { tokenFile, token: "older" };
    },
    want: "Bearer from-file",
  },
  {
    name: "an exec plugin, which is told what is asked of it",
    user: async (t) => {
      const command = join(await folder(t), "plugin.mjs");
      const script = `#!${process.execPath}
        const { kind, apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
        const token = [kind, process.env.MORE, ...process.argv.slice(2)].join("-");
        console.log(JSON.stringify({ kind, apiVersion, status: { token } }));`;
      await writeFile(command, script);
      await chmod(command, 0o755);
      const apiVersion = "client.authentication.k8s.io/v1";
      return { exec: { apiVersion, command, args: ["a", "b"], env: [{ name: "MORE", value: "m" }] } };
    },
    want: "Bearer ExecCredential-m-a-b",
  },
];
for (const { name, user, want } of credentials) {
  test(`${name} proves who we are`, async (t) => {
    const server = await scriptedServer(t, () => aNode);
    const given = await user(t);
    await connect(async () => server.kubeconfig(given), NAMES)
      .client(undefined)
      .get(nodes, get);
    deepStrictEqual(
      server.asked.map(({ headers }) => headers.authorization),
      [want],
    );
  });
}

test("a client certificate proves who we are", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  const { certPem, keyPem } = await server.authority.issue({ commonName: "lifeguard", organizations: ["ops"] });
  const user = { "client-certificate-data": toBase64(certPem), "client-key-data": toBase64(keyPem) };
  await connect(async () => server.kubeconfig(user), NAMES)
    .client(undefined)
    .get(nodes, get);
  deepStrictEqual(
    server.asked.map(({ clientName, headers }) => [clientName, headers.authorization]),
    [["lifeguard", undefined]],
  );
});

test("a server whose certificate another authority signed is not talked to", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  const other = await scriptedServer(t, () => aNode);
  const wrong = { "certificate-authority-data": toBase64(other.authority.caPem) };
  const connection = connect(async () => server.kubeconfig({ token: "t" }, wrong), NAMES);
  await rejects(
    connection.client(undefined).get(nodes, get),
    isKind("unreachable", /^the test cluster: GET \/api\/v1\/nodes\/n: /),
  );
  strictEqual(server.asked.length, 0);
});

test("a server behind a path keeps its path, and may go by another TLS name", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  const cluster = { server: `${server.url}/k8s/clusters/c-1/`, "tls-server-name": "localhost" };
  await connect(async () => server.kubeconfig({ token: "t" }, cluster), NAMES)
    .client(undefined)
    .get(nodes, get);
  deepStrictEqual(
    server.asked.map(({ url }) => url),
    ["/k8s/clusters/c-1/api/v1/nodes/n"],
  );
});

const tokenIs = (wanted: string) => (asked: Asked) =>
  asked.headers.authorization === `Bearer ${wanted}` ? aNode : refusal(401, "Unauthorized", "Unauthorized");

test("a rotated token is read again once, on the same connection, and the call succeeds", async (t) => {
  const server = await scriptedServer(t, (asked) => tokenIs(token)(asked));
  let token = "old";
  const reads = count();
  const connection = connect(
    reads.counting(() => server.kubeconfig({ token })),
    NAMES,
  );
  await connection.client(undefined).get(nodes, get);
  token = "new";
  await connection.client(undefined).get(nodes, get);
  await connection.client(undefined).get(nodes, get);
  deepStrictEqual([reads.made(), server.asked.length, server.handshakes()], [2, 4, 1]);
});

test("calls that are refused at the same time read the kubeconfig once together", async (t) => {
  const server = await scriptedServer(t, (asked) => tokenIs(token)(asked));
  let token = "old";
  const reads = count();
  const client = connect(
    reads.counting(() => server.kubeconfig({ token })),
    NAMES,
  ).client(undefined);
  await client.get(nodes, get);
  token = "new";
  await Promise.all(Array.from({ length: 8 }, () => client.get(nodes, get)));
  strictEqual(reads.made(), 2);
});

test("a second refusal is an error that names the cluster and what to check, never the credential", async (t) => {
  const server = await scriptedServer(t, tokenIs("never"));
  const token = "very-secret-token";
  const client = connect(async () => server.kubeconfig({ token }), NAMES).client(undefined);
  const error = await client.get(nodes, get).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  isKind("unauthorized", /the test cluster/, /user "u"/, /the secret test\/kubeconfig/)(error);
  strictEqual(server.asked.length, 2);
  ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(token));
});

test("a kubeconfig that cannot be read is asked for again by the next call", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  let reads = 0;
  const source = async () => {
    if (reads++ === 0) throw new Error("secret store is down");
    return server.kubeconfig({ token: "t" });
  };
  const client = connect(source, NAMES).client(undefined);
  await rejects(
    client.get(nodes, get),
    isKind("unreachable", /cannot read its kubeconfig from the secret test\/kubeconfig: secret store is down/),
  );
  await client.get(nodes, get);
});

test("after a server cannot be reached its kubeconfig is read again: the cluster may have a new address", async (t) => {
  const server = await scriptedServer(t, () => aNode);
  let cluster: object = { server: "https://127.0.0.1:1" };
  const client = connect(async () => server.kubeconfig({ token: "t" }, cluster), NAMES).client(undefined);
  await rejects(client.get(nodes, get), isKind("unreachable", /ECONNREFUSED/));
  cluster = {};
  await client.get(nodes, get);
});

test("a connection that the server closed while it was idle is opened again", async (t) => {
  const server = await scriptedServer(t, (asked) => {
    if (server.asked.length === 2 && asked.method === "GET") return { cut: "before" };
    return aNode;
  });
  const client = connect(async () => server.kubeconfig({ token: "t" }), NAMES).client(undefined);
  await client.get(nodes, get);
  await client.get(nodes, get);
  deepStrictEqual([server.asked.length, server.handshakes()], [3, 2]);
});

for (const cut of ["before", "within"] as const) {
  test(`an answer that is cut (${cut} its start) is an error after a second try, not a third one`, async (t) => {
    const server = await scriptedServer(t, () => ({ ...aNode, cut }));
    const client = connect(async () => server.kubeconfig({ token: "t" }), NAMES).client(undefined);
    await rejects(client.get(nodes, get), isKind("unreachable", /^the test cluster: GET \/api\/v1\/nodes\/n: /));
    strictEqual(server.asked.length, 2);
  });
}

test("the end of the invocation ends a call in flight", async (t) => {
  const invocation = new AbortController();
  const server = await scriptedServer(t, () => {
    invocation.abort();
    return { cut: "never" };
  });
  const client = connect(async () => server.kubeconfig({ token: "t" }), NAMES).client(invocation.signal);
  await rejects(client.get(nodes, get), isKind("unreachable", /the invocation ended/));
  await rejects(client.get(nodes, get), isKind("unreachable", /the invocation ended/));
  strictEqual(server.asked.length, 1, "no call is begun after the end");
});

test("the end of the invocation ends the wait for a kubeconfig too", async () => {
  const invocation = new AbortController();
  const source = () => {
    queueMicrotask(() => invocation.abort());
    return new Promise<string>(() => {});
  };
  await rejects(
    connect(source, NAMES).client(invocation.signal).get(nodes, get),
    isKind("unreachable", /the invocation ended/),
  );
});

/** Node 24 mocks it; its type declarations do not say so yet. */
const ABORT_TIMEOUT = "AbortSignal.timeout" as "setTimeout";
const deadlines = [
  { name: "an ordinary call", seconds: 10, ask: "get" },
  { name: "an eviction", seconds: 15, ask: "evict" },
] as const;
for (const { name, seconds, ask } of deadlines) {
  test(`${name} is given up after ${seconds} s without an answer`, async (t) => {
    t.mock.timers.enable({ apis: [ABORT_TIMEOUT] });
    const server = await scriptedServer(t, () => {
      t.mock.timers.tick(seconds * 1000 - 1);
      setImmediate(() => t.mock.timers.tick(1));
      return { cut: "never" };
    });
    const client = connect(async () => server.kubeconfig({ token: "t" }), NAMES).client(undefined);
    const at = { namespace: "default", name: "web" };
    const call = ask === "get" ? client.get(pods, at) : client.createSubresource(pods, at, "eviction", {});
    await rejects(call, isKind("unreachable", new RegExp(`no answer within ${seconds} s`)));
  });
}
