/** Whose an audit event is: by namespace, by the cluster that it names, and ours when it is nobody else's. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { splitEvents } from "../../lib/kubernetes/audit-forwarding.ts";

const about = (resource: string, name: string, more: object = {}) => ({
  verb: "patch",
  objectRef: { resource, namespace: "team-a", name },
  ...more,
});
const forward = { namespaces: ["team-b"], clusterNames: ["green"] };
const second = { namespaces: ["team-b", "team-c"], clusterNames: [] };

const cases: { name: string; event: unknown; want: "ours" | "theirs" }[] = [
  { name: "another namespace", event: about("machinepools", "x"), want: "ours" },
  {
    name: "their namespace",
    event: { objectRef: { resource: "pods", namespace: "team-b", name: "x" } },
    want: "theirs",
  },
  { name: "their Cluster", event: about("clusters", "green"), want: "theirs" },
  { name: "another Cluster", event: about("clusters", "blue"), want: "ours" },
  { name: "their kubeconfig", event: about("secrets", "green-kubeconfig"), want: "theirs" },
  { name: "an object that is only called like their cluster", event: about("machinepools", "green"), want: "ours" },
  {
    name: "a label in the answer",
    event: about("machinepools", "x", {
      responseObject: { metadata: { labels: { "cluster.x-k8s.io/cluster-name": "green" } } },
    }),
    want: "theirs",
  },
  {
    name: "a cluster in the request",
    event: about("machines", "x", { requestObject: { spec: { clusterName: "green" } } }),
    want: "theirs",
  },
  { name: "no object", event: { verb: "get" }, want: "ours" },
  { name: "garbage", event: null, want: "ours" },
];
for (const { name, event, want } of cases)
  test(`${name} is ${want}`, () => {
    const { ours, others } = splitEvents([event], [forward]);
    deepStrictEqual([ours.length, others.length], want === "ours" ? [1, 0] : [0, 1]);
  });

test("an event goes to the first whom it concerns, and nobody is told of nothing", () => {
  const b = { objectRef: { resource: "pods", namespace: "team-b" } };
  const c = { objectRef: { resource: "pods", namespace: "team-c" } };
  const split = splitEvents([b, c, null, b], [forward, second, { namespaces: ["team-d"], clusterNames: [] }]);
  deepStrictEqual(split, {
    ours: [null],
    others: [
      { forward, events: [b, b] },
      { forward: second, events: [c] },
    ],
  });
});

test("without forwards the batch stays as it is", () => {
  const events = [1, 2];
  deepStrictEqual(splitEvents(events, []).ours, events);
});
