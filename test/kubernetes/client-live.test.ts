/** The client against an API server as it is, embedded or real (KUBE_API_URL): what is refused, and as which kind. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KubernetesObject, Resource } from "../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../lib/api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../lib/api/kubernetes/secret.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { KubernetesError, type KubernetesErrorKind } from "../../lib/kubernetes/errors.ts";
import { evict } from "../../lib/kubernetes/eviction.ts";
import { type AnyApiServer, anyApiServer, installDefinition } from "./support/any-api-server.ts";

const CRD = "infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml";
const namespaces: Resource = { apiVersion: "v1", plural: "namespaces", kind: "Namespace" };
const budgets: Resource = { apiVersion: "policy/v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget" };
const namespace = `live-${process.pid}`;
let api: AnyApiServer;
let client: KubernetesClient;
before(async () => {
  api = await anyApiServer();
  ({ client } = api);
  await installDefinition(client, CRD, instanceTerminations);
  await client.create(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
});
after(() => api.close());

let made = 0;
const fresh = (word: string) => `${word}-${process.pid}-${made++}`;
const aSecret = (name: string): Secret => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { namespace, name },
  data: { a: "YQ==" },
});
async function stored(): Promise<{ at: { namespace: string; name: string }; secret: Secret }> {
  const name = fresh("secret");
  return { at: { namespace, name }, secret: await client.create(secrets, aSecret(name)) };
}
const termination = (name: string) => ({
  apiVersion: instanceTerminations.apiVersion,
  kind: instanceTerminations.kind,
  metadata: { namespace, name },
  spec: {
    clusterName: "c",
    machinePoolName: "p",
    providerID: "aws:///z/i-1",
    cause: "ScaleIn",
    noticeTime: "2026-01-01T00:00:00Z",
  },
});

const refused: { name: string; call: () => Promise<unknown>; kind: KubernetesErrorKind; code: number }[] = [
  {
    name: "get of a missing object",
    call: () => client.get(secrets, { namespace, name: "no" }),
    kind: "not-found",
    code: 404,
  },
  {
    name: "patch of a missing object",
    call: () => client.patch(nodes, { name: "no" }, { type: "merge", body: {} }),
    kind: "not-found",
    code: 404,
  },
  {
    name: "delete of a missing object",
    call: () => client.delete(pods, { namespace, name: "no" }),
    kind: "not-found",
    code: 404,
  },
  {
    name: "a group that is not served",
    call: () => client.get({ apiVersion: "no.example.com/v1", plural: "things", kind: "Thing" }, { name: "a" }),
    kind: "invalid",
    code: 404,
  },
  {
    name: "a core resource that is not served",
    call: () => client.get({ apiVersion: "v1", plural: "things", kind: "Thing" }, { name: "a" }),
    kind: "invalid",
    code: 404,
  },
  {
    name: "create of an existing object",
    call: async () => client.create(secrets, aSecret((await stored()).at.name)),
    kind: "already-exists",
    code: 409,
  },
  {
    name: "patch with a stale resourceVersion",
    call: async () => {
      const { at, secret } = await stored();
      const body = { metadata: { resourceVersion: secret.metadata.resourceVersion }, data: { b: "Yg==" } };
      await client.patch(secrets, at, { type: "merge", body });
      return client.patch(secrets, at, { type: "merge", body: { ...body, data: { c: "Yw==" } } });
    },
    kind: "conflict",
    code: 409,
  },
  {
    name: "delete of another uid",
    call: async () => client.delete(secrets, (await stored()).at, { uid: "0b0e9e1c-0000-4000-8000-000000000000" }),
    kind: "conflict",
    code: 409,
  },
  {
    name: "delete of another version",
    call: async () => client.delete(secrets, (await stored()).at, { resourceVersion: "1" }),
    kind: "conflict",
    code: 409,
  },
  {
    name: "a failing test of a JSON patch",
    call: async () =>
      client.patch(secrets, (await stored()).at, { type: "json", body: [{ op: "test", path: "/data/a", value: "x" }] }),
    kind: "invalid",
    code: 422,
  },
  {
    name: "a strategic patch of a custom resource",
    call: async () => {
      const name = fresh("iterm");
      await client.create(instanceTerminations, termination(name));
      return client.patch(instanceTerminations, { namespace, name }, { type: "strategic", body: {} });
    },
    kind: "invalid",
    code: 415,
  },
  {
    name: "an object that breaks its schema",
    call: () => client.create(instanceTerminations, { ...termination(fresh("iterm")), spec: {} } as KubernetesObject),
    kind: "invalid",
    code: 422,
  },
  {
    name: "a field selector that is not known",
    call: async () => {
      for await (const _page of client.list(pods, { namespace, fieldSelector: "spec.no=1" }));
    },
    kind: "invalid",
    code: 400,
  },
];
for (const { name, call, kind, code } of refused) {
  test(`${name} is ${kind} (${code})`, () =>
    rejects(call(), (error) => {
      ok(error instanceof KubernetesError, String(error));
      deepStrictEqual([error.kind, error.code], [kind, code], error.message);
      return true;
    }));
}

test("a list of several pages gives every object once, in order", async () => {
  const names = Array.from({ length: 7 }, (_, index) => `paged-${index}`);
  for (const name of names)
    await client.create(secrets, { ...aSecret(name), metadata: { namespace, name, labels: { paged: "yes" } } });
  const pages: string[][] = [];
  for await (const page of client.list<Secret>(secrets, { namespace, labelSelector: "paged in (yes)", limit: 3 })) {
    pages.push(page.map(({ metadata }) => metadata.name));
  }
  deepStrictEqual(pages, [names.slice(0, 3), names.slice(3, 6), names.slice(6)]);
});

test("each patch type does what its name says", async () => {
  const name = fresh("node");
  const first = { key: "a", effect: "NoSchedule" };
  await client.create<Node>(nodes, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { x: "1" } },
    spec: { taints: [first] },
  });
  const merged = await client.patch<Node>(
    nodes,
    { name },
    { type: "merge", body: { spec: { unschedulable: true }, metadata: { labels: { x: null, y: "2" } } } },
  );
  deepStrictEqual([merged.spec?.unschedulable, merged.metadata.labels], [true, { y: "2" }]);
  const replaced = await client.patch<Node>(
    nodes,
    { name },
    { type: "json", body: [{ op: "replace", path: "/metadata/labels/y", value: "3" }] },
  );
  deepStrictEqual(replaced.metadata.labels, { y: "3" });
  const strategic = await client.patch<Node>(
    nodes,
    { name },
    { type: "strategic", body: { metadata: { labels: { z: "4" } } } },
  );
  deepStrictEqual([strategic.metadata.labels, strategic.spec?.taints], [{ y: "3", z: "4" }, [first]]);
  const uid = strategic.metadata.uid ?? "";
  await client.delete(nodes, { name }, { uid });
  await rejects(client.get(nodes, { name }), (error) => error instanceof KubernetesError && error.kind === "not-found");
});

async function podWith(labels: Record<string, string>): Promise<{ namespace: string; name: string; uid: string }> {
  const name = fresh("pod");
  const spec = { nodeName: "somewhere", terminationGracePeriodSeconds: 30, containers: [{ name: "c", image: "i" }] };
  const body = { apiVersion: "v1", kind: "Pod", metadata: { namespace, name, labels }, spec };
  const { metadata } = await client.create<Pod>(pods, body);
  const ready = { type: "Ready", status: "True" };
  await client.patch(
    pods,
    { namespace, name },
    { type: "merge", body: { status: { phase: "Running", conditions: [ready] } } },
    "status",
  );
  return { namespace, name, uid: metadata.uid ?? "" };
}
const budget = (name: string, app: string) =>
  client.create(budgets, {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { namespace, name },
    spec: { minAvailable: 1, selector: { matchLabels: { app } } },
  } as KubernetesObject);

test("evictions: accepted, accepted again, of another uid, of a pod that is gone", async () => {
  const pod = await podWith({ app: fresh("app") });
  deepStrictEqual(await evict(client, { ...pod, uid: "0b0e9e1c-0000-4000-8000-000000000000" }), { outcome: "gone" });
  deepStrictEqual(await evict(client, pod), { outcome: "accepted" });
  deepStrictEqual(await evict(client, pod, { gracePeriodSeconds: 5 }), { outcome: "accepted" });
  const { metadata } = await client.get<Pod>(pods, pod);
  ok(metadata.deletionTimestamp);
  await client.delete(pods, pod, { uid: pod.uid, gracePeriodSeconds: 0 });
  deepStrictEqual(await evict(client, pod), { outcome: "gone" });
});

test("evictions: a budget that nobody has counted yet blocks, two budgets never come to terms", async () => {
  const app = fresh("app");
  const pod = await podWith({ app });
  await budget(fresh("budget"), app);
  const blocked = await evict(client, pod);
  strictEqual(blocked.outcome, "blocked", JSON.stringify(blocked));
  ok(
    "message" in blocked &&
      blocked.message.startsWith("Cannot evict pod as it would violate the pod's disruption budget. "),
  );
  await budget(fresh("budget"), app);
  strictEqual((await evict(client, pod)).outcome, "multiple-budgets");
  strictEqual((await client.get<Pod>(pods, pod)).metadata.deletionTimestamp, undefined);
});
