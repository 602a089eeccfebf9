/** The audit webhook's function in a deployment that reconciles pools: hints to their queue, parts of a batch to others. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { AUDIT_TOKEN, type Harness, type Invoked, metricsOf, outcomesOf, POOL_QUEUE, startHarness } from "./harness.ts";

interface Posted {
  readonly authorization: string | undefined;
  readonly forwarded: string | undefined;
  readonly names: readonly string[];
}
let harness: Harness;
let invoke: (event: unknown) => Promise<Invoked>;
let other: Server;
let answerOfOther = 200;
const received: Posted[] = [];

before(async () => {
  harness = await startHarness();
  const { url, server } = await startOther();
  other = server;
  await harness.aws.cloud.handle("secretsmanager", "CreateSecret", {
    Name: "lifeguard/other",
    SecretString: "token-of-the-other\n",
  });
  const forwards = [{ namespaces: ["team-b"], clusterNames: ["green"], url, tokenReference: "lifeguard/other" }];
  invoke = await harness.load("audit-received", {
    LIFEGUARD_WATCH_FILTER: "lifeguard",
    LIFEGUARD_AUDIT_FORWARDS: JSON.stringify(forwards),
  });
});
after(async () => {
  other.close();
  await harness.close();
});

/** Another deployment's audit function, as far as a forward sees it. */
async function startOther() {
  const { keyPem, certPem } = await harness.authority.issue({ commonName: "other", hosts: ["127.0.0.1"] });
  const server = createServer({ key: keyPem, cert: certPem }, (request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => {
      text += part.toString("utf8");
    });
    request.on("end", () => {
      const { items } = JSON.parse(text) as { items: { objectRef: { name: string } }[] };
      const { authorization } = request.headers;
      received.push({
        authorization,
        forwarded: request.headers["x-lifeguard-forwarded"]?.toString(),
        names: items.map(({ objectRef }) => objectRef.name),
      });
      response.writeHead(answerOfOther).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

const groups: Readonly<Record<string, string>> = {
  machinepools: "cluster.x-k8s.io",
  machines: "cluster.x-k8s.io",
  clusters: "cluster.x-k8s.io",
  kubeadmconfigs: "bootstrap.cluster.x-k8s.io",
  awsmachinepools: "infrastructure.cluster.x-k8s.io",
  awsmachines: "infrastructure.cluster.x-k8s.io",
};
const change = (resource: string, name: string, more: object = {}, ref: object = {}) => ({
  stage: "ResponseComplete",
  verb: "patch",
  user: { username: "jane" },
  objectRef: { resource, apiGroup: groups[resource] ?? "", apiVersion: "v1beta2", namespace: "team-a", name, ...ref },
  ...more,
});
const listOf = (...items: object[]) => JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items });
const posted = (body: string, more: { readonly rawPath?: string; readonly headers?: object } = {}) => ({
  version: "2.0",
  rawPath: "/",
  requestContext: { http: { method: "POST", path: "/" } },
  body,
  isBase64Encoded: false,
  ...more,
  headers: { "content-type": "application/json", authorization: `Bearer ${AUDIT_TOKEN}`, ...more.headers },
});
const statusOf = ({ answer }: Invoked) => Object(answer).statusCode;
const poolKeys = (afterSeconds = 0) =>
  harness
    .takeKeys(afterSeconds, POOL_QUEUE)
    .map(({ kind, name }) => `${kind} ${name}`)
    .sort();

const hints: { name: string; event: object; want: readonly string[] }[] = [
  { name: "a MachinePool", event: change("machinepools", "w"), want: ["PoolHint w"] },
  {
    name: "its scale subresource",
    event: change("machinepools", "w", {}, { subresource: "scale" }),
    want: ["PoolHint w"],
  },
  { name: "its status", event: change("machinepools", "w", {}, { subresource: "status" }), want: [] },
  { name: "an AWSMachinePool", event: change("awsmachinepools", "w"), want: ["AWSMachinePool w"] },
  { name: "its status", event: change("awsmachinepools", "w", {}, { subresource: "status" }), want: [] },
  { name: "an AWSMachine", event: change("awsmachines", "m"), want: ["AWSMachine m"] },
  { name: "a Machine", event: change("machines", "m"), want: ["Machine m"] },
  { name: "a Cluster", event: change("clusters", "blue"), want: ["Cluster blue"] },
  {
    name: "a Cluster's status, which says that its infrastructure is there",
    event: change("clusters", "blue", {}, { subresource: "status" }),
    want: ["Cluster blue"],
  },
  {
    name: "a bootstrap config's status, which names its data",
    event: change("kubeadmconfigs", "w", {}, { subresource: "status" }),
    want: ["KubeadmConfig w"],
  },
  { name: "a Secret", event: change("secrets", "w-data"), want: ["Secret w-data"] },
  { name: "a Secret that was only read", event: change("secrets", "w-data", { verb: "get" }), want: [] },
  {
    name: "a create whose name the policy left out",
    event: change("machinepools", "", { verb: "create" }),
    want: ["PoolHint *"],
  },
  {
    name: "a deletion of all",
    event: change("awsmachinepools", "", { verb: "deletecollection" }),
    want: ["AWSMachinePool *"],
  },
];
for (const { name, event, want } of hints)
  test(`${name}: ${want.length > 0 ? "a look at pools" : "nothing"}`, async () => {
    assert.equal(statusOf(await invoke(posted(listOf(event)))), 200);
    assert.deepEqual(poolKeys(), want);
    assert.deepEqual(harness.takeKeys(0), []);
  });

test("a mixed batch goes to both queues, each key once", async () => {
  const termination = change("instanceterminations", "t", {}, { apiGroup: "lifecycle.cluster.x-k8s.io" });
  await invoke(posted(listOf(change("machinepools", "w"), termination, change("machinepools", "w"))));
  assert.deepEqual(poolKeys(), ["PoolHint w"]);
  assert.deepEqual(
    harness.takeKeys(0).map(({ name }) => name),
    ["t"],
  );
});

test("what concerns another deployment is posted on to it, and to it alone", async () => {
  const theirs = change("machinepools", "theirs", {}, { namespace: "team-b" });
  const invoked = await invoke(posted(listOf(change("machinepools", "ours"), theirs, change("clusters", "green"))));
  assert.equal(statusOf(invoked), 200);
  assert.deepEqual(poolKeys(), ["PoolHint ours"]);
  const expected = { authorization: "Bearer token-of-the-other", forwarded: "1", names: ["theirs", "green"] };
  assert.deepEqual(received.splice(0), [expected]);
  assert.equal(metricsOf(invoked.lines, "AuditEventsForwarded")[0]?.AuditEventsForwarded, 2);
  assert.ok(!invoked.output.includes("token-of-the-other"));
});

test("what was posted on to us goes no further", async () => {
  const theirs = change("machinepools", "theirs", {}, { namespace: "team-b" });
  await invoke(posted(listOf(theirs), { headers: { "x-lifeguard-forwarded": "1" } }));
  assert.deepEqual(received.splice(0), []);
  assert.deepEqual(poolKeys(), ["PoolHint theirs"]);
});

test("while another deployment does not take its part, the API server is asked for the batch again", async () => {
  const theirs = change("machinepools", "theirs", {}, { namespace: "team-b" });
  for (const status of [503, 401]) {
    answerOfOther = status;
    const invoked = await invoke(posted(listOf(theirs)));
    assert.equal(statusOf(invoked), 503);
    assert.deepEqual(outcomesOf(invoked.lines), [`failed: ${status === 401 ? "unauthorized" : "server"}`]);
    assert.ok(!invoked.output.includes("token-of-the-other"));
  }
  answerOfOther = 200;
  received.length = 0;
  assert.equal(statusOf(await invoke(posted(listOf(theirs)))), 200);
  assert.equal(received.splice(0).length, 1);
});

const review = (more: object = {}) =>
  JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: "u-1",
      resource: { group: "cluster.x-k8s.io", version: "v1beta2", resource: "machinepools" },
      name: "w",
      namespace: "team-a",
      operation: "UPDATE",
      userInfo: { username: "jane" },
      ...more,
    },
  });

test("a webhook's review is allowed at once, and its look comes when the object is stored", async () => {
  const rawPath = `/admission/${AUDIT_TOKEN}`;
  const { answer } = await invoke(posted(review(), { rawPath, headers: { authorization: undefined } }));
  assert.equal(Object(answer).statusCode, 200);
  assert.deepEqual(JSON.parse(Object(answer).body).response, { uid: "u-1", allowed: true });
  assert.deepEqual(poolKeys(1), []);
  assert.deepEqual(poolKeys(2), ["PoolHint w"]);
});

test("a review with a wrong token in its path is refused, and the token is in no line", async () => {
  const invoked = await invoke(posted(review(), { rawPath: "/admission/wrong-token", headers: {} }));
  assert.equal(statusOf(invoked), 401);
  assert.ok(!invoked.output.includes("wrong-token"));
});

test("Nodes of a workload cluster lead to its pools, once per batch; anything else of it leads nowhere", async () => {
  const node = change("nodes", "n-1", { verb: "delete" }, { apiVersion: "v1", namespace: undefined });
  const rawPath = "/clusters/team-a/blue";
  await invoke(posted(listOf(node, node, change("secrets", "x")), { rawPath }));
  assert.deepEqual(poolKeys(), ["Cluster blue"]);
  await invoke(posted(listOf(change("secrets", "x")), { rawPath }));
  assert.deepEqual(poolKeys(), []);
});

test("a body that says it is no JSON is refused", async () => {
  const invoked = await invoke(posted(listOf(), { headers: { "content-type": "text/plain" } }));
  assert.equal(statusOf(invoked), 415);
  assert.deepEqual(outcomesOf(invoked.lines), ["refused: WrongContentType"]);
});

test("garbage among the items and kinds from the future are counted, and the rest arrives", async () => {
  const future = change("hyperpools", "x", {}, { apiGroup: "cluster.x-k8s.io" });
  const invoked = await invoke(
    posted(
      `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[7,null,{},${JSON.stringify(future)},${JSON.stringify(change("machinepools", "w"))}]}`,
    ),
  );
  assert.equal(statusOf(invoked), 200);
  assert.deepEqual(poolKeys(), ["PoolHint w"]);
  assert.equal(metricsOf(invoked.lines, "AuditEventsMalformed")[0]?.AuditEventsMalformed, 3);
});

test("where nothing but drains is wanted a hint about pools wakes nobody", async () => {
  const drainsOnly = await harness.load("audit-received");
  const { calls } = await drainsOnly(posted(listOf(change("machinepools", "w"), change("secrets", "x"))));
  assert.deepEqual(
    calls.filter((what) => what.startsWith("SendMessage")),
    [],
  );
});
