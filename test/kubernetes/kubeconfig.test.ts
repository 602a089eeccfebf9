/** A kubeconfig that cannot be used is refused with what to mend, and never with a word of what it holds. */
import { deepStrictEqual, doesNotMatch, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { KubernetesError } from "../../lib/kubernetes/errors.ts";
import { type ClusterName, readKubeconfig } from "../../lib/kubernetes/kubeconfig.ts";

const OURS: ClusterName = { name: "the management cluster", origin: "the secret mgmt" };
const FROM_A_SECRET: ClusterName = {
  name: "workload cluster a/b",
  origin: "the Secret a/b-kubeconfig",
  selfContained: true,
};
const SECRET = "do-not-say-this";

const config = (user: object, cluster: object = {}, more: object = {}) =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server: "https://10.0.0.1:6443", ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
    ...more,
  });
const token = { token: SECRET };

test("YAML and JSON are read alike", async () => {
  const yaml = `
apiVersion: v1
kind: Config
current-context: x
clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443"}}]
users:
- name: u
  user:
    token: ${SECRET}
contexts:
- name: x
  context: {cluster: c, user: u}
`;
  for (const text of [yaml, config(token)]) {
    const access = readKubeconfig(text, FROM_A_SECRET);
    strictEqual(access.server.href, "https://10.0.0.1:6443/");
    strictEqual(access.userName, "u");
    deepStrictEqual(await access.credentials(), { headers: { authorization: `Bearer ${SECRET}` }, tls: {} });
  }
});

test("TLS options and impersonation are taken over", async () => {
  const cluster = { "insecure-skip-tls-verify": true, "tls-server-name": "api.internal" };
  const { headers, tls } = await readKubeconfig(config({ ...token, as: "jane" }, cluster), OURS).credentials();
  deepStrictEqual(tls, { rejectUnauthorized: false, servername: "api.internal" });
  deepStrictEqual(headers, { authorization: `Bearer ${SECRET}`, "impersonate-user": "jane" });
});

const refused: { name: string; text: string; from?: ClusterName; says: RegExp }[] = [
  { name: "nothing", text: "", says: /it is empty$/ },
  { name: "a list", text: `[${JSON.stringify(SECRET)}]`, says: /it is no mapping$/ },
  { name: "broken YAML", text: `users:\n- user: {token: ${SECRET}\n  x: "`, says: /neither YAML nor JSON/ },
  { name: "broken JSON", text: `{"token": "${SECRET}" oops`, says: /neither YAML nor JSON/ },
  { name: "an alias that leads nowhere", text: `token: *${SECRET}`, says: /neither YAML nor JSON/ },
  {
    name: "no current-context",
    text: config(token, {}, { "current-context": "" }),
    says: /current-context names no cluster/,
  },
  {
    name: "a context without its cluster",
    text: config(token, {}, { clusters: [] }),
    says: /current-context names no cluster/,
  },
  { name: "a context without its user", text: config(token, {}, { users: [] }), says: /current-context names no user/ },
  { name: "a cluster without a server", text: config(token, { server: "" }), says: /server is missing/ },
  {
    name: "a server that is no URL",
    text: config(token, { server: "10.0.0.1" }),
    says: /its server "10.0.0.1" is no URL/,
  },
  {
    name: "a server that is no URL and holds a password",
    text: config(token, { server: `jane:${SECRET}@10.0.0.1` }),
    says: /its server address is not https/,
  },
  {
    name: "a server that is half a URL and holds a password",
    text: config(token, { server: `/${SECRET}@10.0.0.1` }),
    says: /its server "10.0.0.1" is no URL/,
  },
  {
    name: "a server without TLS that holds a password",
    text: config(token, { server: `http://jane:${SECRET}@10.0.0.1` }),
    says: /http:\/\/10.0.0.1 is not https/,
  },
  {
    name: "a server without TLS",
    text: config(token, { server: "http://10.0.0.1:8080" }),
    says: /http:\/\/10.0.0.1:8080 is not https/,
  },
  {
    name: "a server without TLS on this machine",
    text: config(token, { server: "http://127.0.0.1:8080" }),
    says: /is not https/,
  },
  { name: "a proxy", text: config(token, { "proxy-url": "http://proxy" }), says: /proxy-url is not supported/ },
  {
    name: "an auth provider",
    text: config({ "auth-provider": { name: "oidc", config: { "id-token": SECRET } } }),
    says: /auth-provider is not supported/,
  },
  {
    name: "a Secret that names a program",
    text: config({ exec: { command: "sh" } }),
    from: FROM_A_SECRET,
    says: /it uses exec, which names files or programs/,
  },
  {
    name: "a Secret that names a token file",
    text: config({ tokenFile: "/etc/shadow" }),
    from: FROM_A_SECRET,
    says: /it uses tokenFile/,
  },
  {
    name: "a Secret that names a token file as client-node spells it",
    text: config({ "token-file": "/etc/shadow" }),
    from: FROM_A_SECRET,
    says: /it uses token-file/,
  },
  {
    name: "a Secret that names key files",
    text: config({ "client-certificate": "/a", "client-key": "/b" }),
    from: FROM_A_SECRET,
    says: /it uses client-certificate, client-key/,
  },
  {
    name: "a Secret that names a CA file",
    text: config(token, { "certificate-authority": "/ca" }),
    from: FROM_A_SECRET,
    says: /it uses certificate-authority/,
  },
  {
    name: "a Secret with an auth provider",
    text: config({ "auth-provider": { name: "gcp" } }),
    from: FROM_A_SECRET,
    says: /it uses auth-provider/,
  },
];
for (const { name, text, from = OURS, says } of refused) {
  test(`${name} is refused`, () => {
    throws(
      () => readKubeconfig(text, from),
      (error) => {
        ok(error instanceof KubernetesError);
        strictEqual(error.kind, "invalid");
        ok(error.message.startsWith(`${from.name}: the kubeconfig in ${from.origin} cannot be used: `), error.message);
        match(error.message, says);
        doesNotMatch(error.message, new RegExp(SECRET));
        strictEqual(error.cause, undefined, "the parser's error quotes what it read");
        return true;
      },
    );
  });
}

const node = (script: string) => ({ exec: { apiVersion: "v1", command: process.execPath, args: ["-e", script] } });
const without: { name: string; user: object; says: RegExp }[] = [
  {
    name: "a plugin that is not there",
    user: { exec: { command: "/no/such/plugin" } },
    says: /spawn \/no\/such\/plugin ENOENT/,
  },
  {
    name: "a plugin that fails",
    user: node("console.error('not signed in\\nmore'); process.exit(3)"),
    says: /: not signed in$/,
  },
  { name: "a plugin that fails without a word", user: node("process.exit(3)"), says: /failed without a word/ },
  { name: "a plugin that prints something else", user: node(`console.log('${SECRET}')`), says: /no ExecCredential/ },
  {
    name: "a plugin that prints another object",
    user: node(`console.log('{"token":"${SECRET}"}')`),
    says: /no ExecCredential/,
  },
  {
    name: "a token file that is not there",
    user: { tokenFile: "/no/such/token" },
    says: /no such file or directory, open '\/no\/such\/token'/,
  },
  { name: "a key file that is not there", user: { "client-key": "/no/such/key" }, says: /open '\/no\/such\/key'/ },
];
for (const { name, user, says } of without) {
  test(`${name} gives no credential, and that is said`, async () => {
    await rejects(readKubeconfig(config(user), OURS).credentials(), (error) => {
      ok(error instanceof KubernetesError);
      strictEqual(error.kind, "unauthorized");
      match(error.message, /^the management cluster: the kubeconfig in the secret mgmt gives no credential: /);
      match(error.message, says);
      doesNotMatch(error.message, new RegExp(SECRET));
      strictEqual(error.cause, undefined);
      return true;
    });
  });
}
