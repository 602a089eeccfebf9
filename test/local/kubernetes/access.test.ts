/** RBAC of the embedded API: roles stored in it decide, and a refusal reads as upstream's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { virtualClock } from "../../../infra/local/clock.ts";
import { ruleCovers } from "../../../infra/local/kubernetes/access.ts";
import { ADMIN, createKubernetesApi } from "../../../infra/local/kubernetes/api.ts";

const RBAC = "rbac.authorization.k8s.io";
const fn = { name: "drainer", groups: ["functions", "system:authenticated"] };

const roleRef = (kind: string, name: string) => ({ apiGroup: RBAC, kind, name });
const core = (resource: string, verbs: readonly string[], more: object = {}) => ({
  apiGroups: [""],
  resources: [resource],
  verbs,
  ...more,
});
const stored: { path: string; kind: string; name: string; more: object }[] = [
  {
    path: "clusterroles",
    kind: "ClusterRole",
    name: "evict",
    more: { rules: [core("pods", ["get", "list"]), core("pods/eviction", ["create"])] },
  },
  {
    path: "clusterrolebindings",
    kind: "ClusterRoleBinding",
    name: "evict",
    more: { subjects: [{ kind: "Group", name: "functions" }], roleRef: roleRef("ClusterRole", "evict") },
  },
  {
    path: "namespaces/default/roles",
    kind: "Role",
    name: "secrets",
    more: { rules: [core("secrets", ["get"], { resourceNames: ["kubeconfig"] })] },
  },
  {
    path: "namespaces/default/rolebindings",
    kind: "RoleBinding",
    name: "secrets",
    more: { subjects: [{ kind: "User", name: "drainer" }], roleRef: roleRef("Role", "secrets") },
  },
];

async function world() {
  const api = createKubernetesApi({ clock: virtualClock(new Date(0)), name: "rbac", authorize: "rbac" });
  const ask = (user: typeof ADMIN, method: string, path: string, body?: object) =>
    api.handle({ method, path, headers: {}, user, ...(body && { body }) });
  for (const { path, kind, name, more } of stored) {
    const body = { apiVersion: `${RBAC}/v1`, kind, metadata: { name }, ...more };
    assert.equal((await ask(ADMIN, "POST", `/apis/${RBAC}/v1/${path}`, body)).code, 201);
  }
  return { ask };
}

const cases: { name: string; method: string; path: string; body?: object; code: number; message?: string }[] = [
  { name: "a bound cluster role allows", method: "GET", path: "/api/v1/pods", code: 200 },
  {
    name: "what no role names is forbidden, cluster-wide",
    method: "GET",
    path: "/api/v1/nodes",
    code: 403,
    message: 'nodes is forbidden: User "drainer" cannot list resource "nodes" in API group "" at the cluster scope',
  },
  {
    name: "a verb that no role names is forbidden",
    method: "DELETE",
    path: "/api/v1/namespaces/default/pods/p",
    code: 403,
    message:
      'pods "p" is forbidden: User "drainer" cannot delete resource "pods" in API group "" in the namespace "default"',
  },
  {
    name: "a subresource needs its own rule, and has it",
    method: "POST",
    path: "/api/v1/namespaces/default/pods/p/eviction",
    body: {},
    code: 404,
  },
  {
    name: "a subresource needs its own rule, and lacks it",
    method: "PATCH",
    path: "/api/v1/namespaces/default/pods/p/status",
    body: {},
    code: 403,
    message:
      'pods "p" is forbidden: User "drainer" cannot patch resource "pods/status" in API group "" in the namespace "default"',
  },
  {
    name: "a role with a resourceName allows that name",
    method: "GET",
    path: "/api/v1/namespaces/default/secrets/kubeconfig",
    code: 404,
  },
  {
    name: "a role with a resourceName allows no other",
    method: "GET",
    path: "/api/v1/namespaces/default/secrets/other",
    code: 403,
  },
  {
    name: "a role reaches no further than its namespace",
    method: "GET",
    path: "/api/v1/namespaces/kube-system/secrets/kubeconfig",
    code: 403,
  },
  { name: "discovery is open", method: "GET", path: "/apis", code: 200 },
  {
    name: "metrics are not",
    method: "GET",
    path: "/metrics",
    code: 403,
    message: 'forbidden: User "drainer" cannot get path "/metrics"',
  },
];

for (const { name, method, path, body, code, message } of cases)
  void test(name, async () => {
    const { ask } = await world();
    const answer = await ask(fn, method, path, body);
    assert.equal(answer.code, code);
    if (message)
      assert.deepEqual(
        { ...(answer.body as object) },
        { ...(answer.body as object), message, reason: "Forbidden", status: "Failure" },
      );
  });

void test("a review answers what a request would, and is not stored", async () => {
  const { ask } = await world();
  const review = (resource: string, verb: string) => ({
    spec: { resourceAttributes: { verb, resource, namespace: "default" } },
  });
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const allowed = async (resource: string, verb: string) => {
    const { code, body } = await ask(fn, "POST", path, review(resource, verb));
    assert.equal(code, 201);
    return (body as { status: { allowed: boolean } }).status.allowed;
  };
  assert.deepEqual([await allowed("pods", "list"), await allowed("nodes", "list")], [true, false]);
});

const asked = { verb: "get", group: "apps", resource: "deployments", subresource: "scale", namespace: "", name: "web" };
const rules: { name: string; rule: object; want: boolean }[] = [
  { name: "stars cover everything", rule: { verbs: ["*"], apiGroups: ["*"], resources: ["*"] }, want: true },
  {
    name: "a star for the subresource covers every kind",
    rule: { verbs: ["get"], apiGroups: ["apps"], resources: ["*/scale"] },
    want: true,
  },
  {
    name: "the kind alone does not cover its subresource",
    rule: { verbs: ["get"], apiGroups: ["apps"], resources: ["deployments"] },
    want: false,
  },
  {
    name: "another group is not covered",
    rule: { verbs: ["get"], apiGroups: [""], resources: ["deployments/scale"] },
    want: false,
  },
  {
    name: "another name is not covered",
    rule: { verbs: ["get"], apiGroups: ["apps"], resources: ["deployments/scale"], resourceNames: ["api"] },
    want: false,
  },
];
for (const { name, rule, want } of rules)
  void test(`rule: ${name}`, () => assert.equal(ruleCovers({ ...rule }, asked), want));
