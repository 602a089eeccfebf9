/** An admission review read as the audit event of the same request. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { admissionReviewOf, allowed } from "../../lib/kubernetes/admission-event.ts";
import { auditHints } from "../../lib/kubernetes/audit-event.ts";

/** kubectl scale machinepool, as kube-apiserver 1.34 sends it; each case changes one thing. */
const request = {
  uid: "705ab4f5-6393-11e8-b7cc-42010a800002",
  kind: { group: "autoscaling", version: "v1", kind: "Scale" },
  resource: { group: "cluster.x-k8s.io", version: "v1beta2", resource: "machinepools" },
  subResource: "scale",
  name: "workers",
  namespace: "team-a",
  operation: "UPDATE",
  userInfo: { username: "jane", groups: ["system:authenticated"] },
  object: { spec: { replicas: 3 } },
  dryRun: false,
};
const review = (more: object = {}) => ({
  kind: "AdmissionReview",
  apiVersion: "admission.k8s.io/v1",
  request: { ...request, ...more },
});
const key = { kind: "MachinePool", namespace: "team-a", name: "workers" };
const reduce = (body: unknown) => {
  const read = admissionReviewOf(body);
  const { keys, counted } = auditHints(read ? [read.event] : [], { ownUsers: ["lifeguard:x"], kinds: [machinePools] });
  return { keys, verdict: Object.entries(counted).find(([, count]) => count > 0)?.[0] };
};

const cases: { name: string; more?: object; keys: readonly object[]; verdict: string }[] = [
  { name: "a scale", keys: [key], verdict: "hint" },
  { name: "an edit", more: { subResource: undefined }, keys: [key], verdict: "hint" },
  { name: "a deletion", more: { operation: "DELETE", subResource: "" }, keys: [key], verdict: "hint" },
  {
    name: "a create with generateName",
    more: { operation: "CREATE", subResource: "", name: "", object: { metadata: { name: "workers" } } },
    keys: [key],
    verdict: "hint",
  },
  { name: "a status", more: { subResource: "status" }, keys: [], verdict: "statusOnly" },
  { name: "a dry run", more: { dryRun: true }, keys: [], verdict: "dryRun" },
  { name: "our own write", more: { userInfo: { username: "lifeguard:x" } }, keys: [], verdict: "own" },
  { name: "a connection", more: { operation: "CONNECT" }, keys: [], verdict: "read" },
  {
    name: "another kind",
    more: { resource: { group: "", version: "v1", resource: "pods" } },
    keys: [],
    verdict: "foreign",
  },
];
for (const { name, more, keys, verdict } of cases)
  test(`${name} counts as ${verdict}`, () => deepStrictEqual(reduce(review(more)), { keys, verdict }));

test("anything else is no review", () => {
  const strange = [
    undefined,
    null,
    7,
    {},
    { kind: "AdmissionReview" },
    { ...review(), apiVersion: "admission.k8s.io/v1beta1" },
    review({ uid: 1 }),
    review({ resource: null }),
  ];
  for (const body of strange) strictEqual(admissionReviewOf(body), undefined, JSON.stringify(body));
});

test("the answer allows, and names the request", () =>
  deepStrictEqual(allowed(request.uid), {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    response: { uid: request.uid, allowed: true },
  }));
