/** An audit batch becomes the few objects to look at; what nobody needs to look at is counted and dropped. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import type { Key } from "../../lib/api/key.ts";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import {
  type AuditHints,
  auditEventsOf,
  auditHints,
  type KindInNamespace,
  type Verdict,
} from "../../lib/kubernetes/audit-event.ts";

const options = { ownUsers: ["lifeguard:drain"], kinds: [instanceTerminations, machinePools, nodes, pods] };

type Fields = Readonly<Record<string, unknown>>;
const objectRef = {
  resource: "instanceterminations",
  namespace: "team-a",
  name: "workers-i-0abc",
  apiGroup: "lifecycle.cluster.x-k8s.io",
  apiVersion: "v1alpha1",
};
/** kubectl edit of an InstanceTermination; each case changes one thing. */
const edit: Fields = {
  level: "Metadata",
  auditID: "2f0d7a3e-0e0b-4a57-9d4e-3a4f1c0b9f11",
  stage: "ResponseComplete",
  requestURI:
    "/apis/lifecycle.cluster.x-k8s.io/v1alpha1/namespaces/team-a/instanceterminations/workers-i-0abc?fieldManager=kubectl-edit",
  verb: "patch",
  user: { username: "jane", groups: ["system:authenticated"] },
  objectRef,
  responseStatus: { metadata: {}, code: 200 },
};
const iterm: Key = { kind: "InstanceTermination", namespace: "team-a", name: "workers-i-0abc" };
const everywhere: KindInNamespace = { kind: "InstanceTermination", namespace: "team-a" };
const pool = {
  ...objectRef,
  resource: "machinepools",
  apiGroup: "cluster.x-k8s.io",
  apiVersion: "v1beta2",
  name: "workers",
};
const { name: _, ...nameless } = objectRef;

const hints: { name: string; event: Fields; keys?: readonly Key[]; everywhereIn?: readonly KindInNamespace[] }[] = [
  { name: "a patch", event: edit, keys: [iterm] },
  { name: "an update", event: { ...edit, verb: "update" }, keys: [iterm] },
  { name: "a delete that waits for finalizers", event: { ...edit, verb: "delete" }, keys: [iterm] },
  {
    name: "the patch that drops the last finalizer",
    event: { ...edit, requestObject: { metadata: { finalizers: null } } },
    keys: [iterm],
  },
  {
    name: "a JSON patch, whose body is a list",
    event: { ...edit, requestObject: [{ op: "remove", path: "/metadata/finalizers/0" }] },
    keys: [iterm],
  },
  { name: "a create", event: { ...edit, verb: "create", responseStatus: { code: 201 } }, keys: [iterm] },
  { name: "server-side apply that creates", event: { ...edit, responseStatus: { code: 201 } }, keys: [iterm] },
  { name: "an event without responseStatus", event: { ...edit, responseStatus: undefined }, keys: [iterm] },
  {
    name: "another version of the same kind",
    event: { ...edit, objectRef: { ...objectRef, apiVersion: "v1" } },
    keys: [iterm],
  },
  {
    name: "a create by generateName whose answer was kept",
    event: { ...edit, verb: "create", objectRef: nameless, responseObject: { metadata: { name: "workers-x7k2p" } } },
    keys: [{ ...iterm, name: "workers-x7k2p" }],
  },
  {
    name: "a create by generateName whose answer was not kept",
    event: { ...edit, verb: "create", objectRef: nameless },
    everywhereIn: [everywhere],
  },
  {
    name: "deletecollection",
    event: { ...edit, verb: "deletecollection", objectRef: nameless, responseObject: { items: [] } },
    everywhereIn: [everywhere],
  },
  {
    name: "deletecollection in all namespaces",
    event: { ...edit, verb: "deletecollection", objectRef: { ...nameless, namespace: undefined } },
    everywhereIn: [{ ...everywhere, namespace: "" }],
  },
  {
    name: "scale, by an autoscaler",
    event: {
      ...edit,
      objectRef: { ...pool, subresource: "scale" },
      responseObject: { kind: "Scale", metadata: { name: "other" } },
    },
    keys: [{ kind: "MachinePool", namespace: "team-a", name: "workers" }],
  },
  {
    name: "an eviction that was accepted",
    event: {
      ...edit,
      verb: "create",
      requestURI: "/api/v1/namespaces/shop/pods/web-1/eviction",
      objectRef: { resource: "pods", namespace: "shop", name: "web-1", apiVersion: "v1", subresource: "eviction" },
      requestObject: { kind: "Eviction", deleteOptions: { preconditions: { uid: "x" } } },
      responseStatus: { code: 201 },
    },
    keys: [{ kind: "Pod", namespace: "shop", name: "web-1" }],
  },
  {
    name: "a cluster-scoped object",
    event: {
      ...edit,
      objectRef: { resource: "nodes", name: "ip-10-0-0-1.eu-west-1.compute.internal", apiVersion: "v1" },
    },
    keys: [{ kind: "Node", namespace: "", name: "ip-10-0-0-1.eu-west-1.compute.internal" }],
  },
  {
    name: "somebody who acts through one of our users' names as a group",
    event: { ...edit, user: { username: "lifeguard:drain2" } },
    keys: [iterm],
  },
  {
    name: "a dryRun that is only in the name of a path",
    event: { ...edit, requestURI: "/apis/x/dryRun=All/y" },
    keys: [iterm],
  },
  {
    name: "an impersonated person behind one of our users",
    event: { ...edit, user: { username: "lifeguard:drain" }, impersonatedUser: { username: "jane" } },
    keys: [iterm],
  },
];
for (const { name, event, keys = [], everywhereIn = [] } of hints) {
  test(`${name} is a hint`, () => {
    const found = auditHints([event], options);
    deepStrictEqual({ keys: found.keys, everywhereIn: found.everywhereIn }, { keys, everywhereIn });
    strictEqual(found.counted.hint, 1);
  });
}

const dropped: { name: string; event: unknown; as: Verdict }[] = [
  { name: "our own write", event: { ...edit, user: { username: "lifeguard:drain" } }, as: "own" },
  { name: "a write in our name", event: { ...edit, impersonatedUser: { username: "lifeguard:drain" } }, as: "own" },
  { name: "a read", event: { ...edit, verb: "get" }, as: "read" },
  { name: "a watch", event: { ...edit, verb: "watch" }, as: "read" },
  { name: "a dry run", event: { ...edit, requestURI: "/apis/x?fieldManager=a&dryRun=All" }, as: "dryRun" },
  { name: "a dry run first in the query", event: { ...edit, requestURI: "/apis/x?dryRun=All" }, as: "dryRun" },
  {
    name: "a dry run of a delete, which only the body tells",
    event: { ...edit, verb: "delete", requestObject: { kind: "DeleteOptions", dryRun: ["All"] } },
    as: "dryRun",
  },
  {
    name: "a dry run of an eviction, which only the body tells",
    event: {
      ...edit,
      verb: "create",
      objectRef: { resource: "pods", namespace: "a", name: "b", subresource: "eviction" },
      requestObject: { deleteOptions: { dryRun: ["All"] } },
    },
    as: "dryRun",
  },
  { name: "a request that was refused", event: { ...edit, responseStatus: { code: 422 } }, as: "failed" },
  {
    name: "an eviction that a budget blocked",
    event: {
      ...edit,
      verb: "create",
      objectRef: { resource: "pods", namespace: "a", name: "b", subresource: "eviction" },
      responseStatus: { code: 429 },
    },
    as: "failed",
  },
  {
    name: "a write of the status alone",
    event: { ...edit, objectRef: { ...objectRef, subresource: "status" } },
    as: "statusOnly",
  },
  {
    name: "a binding",
    event: {
      ...edit,
      verb: "create",
      objectRef: { resource: "pods", namespace: "a", name: "b", subresource: "binding" },
    },
    as: "statusOnly",
  },
  {
    name: "another kind",
    event: { ...edit, objectRef: { ...objectRef, resource: "configmaps", apiGroup: undefined } },
    as: "foreign",
  },
  {
    name: "the same plural in another group",
    event: { ...edit, objectRef: { ...pool, apiGroup: "example.com" } },
    as: "foreign",
  },
  {
    name: "the same plural in the core group",
    event: { ...edit, objectRef: { ...pool, apiGroup: undefined } },
    as: "foreign",
  },
  {
    name: "a request for no resource",
    event: { ...edit, objectRef: undefined, verb: "delete", requestURI: "/logs" },
    as: "foreign",
  },
  { name: "a request that has only been received", event: { ...edit, stage: "RequestReceived" }, as: "unfinished" },
  { name: "a request in which the server panicked", event: { ...edit, stage: "Panic" }, as: "unfinished" },
  { name: "null", event: null, as: "malformed" },
  { name: "text", event: "patch", as: "malformed" },
  { name: "an empty object", event: {}, as: "malformed" },
  { name: "a verb that is no text", event: { ...edit, verb: 7 }, as: "malformed" },
  { name: "an objectRef that is no object", event: { ...edit, objectRef: "x" }, as: "malformed" },
  {
    name: "a name that would lead elsewhere",
    event: { ...edit, objectRef: { ...objectRef, name: "../secrets/x" } },
    as: "malformed",
  },
  {
    name: "a namespace that would lead elsewhere",
    event: { ...edit, objectRef: { ...objectRef, namespace: "a/b" } },
    as: "malformed",
  },
  {
    name: "a name that is too long",
    event: { ...edit, objectRef: { ...objectRef, name: "a".repeat(254) } },
    as: "malformed",
  },
];
for (const { name, event, as } of dropped) {
  test(`${name} is no hint (${as})`, () => {
    const found = auditHints([event], options);
    deepStrictEqual({ keys: found.keys, everywhereIn: found.everywhereIn }, { keys: [], everywhereIn: [] });
    deepStrictEqual(
      Object.entries(found.counted).filter(([, count]) => count > 0),
      [[as, 1]],
    );
  });
}

test("garbage between good events costs only itself, and every object comes once", () => {
  const other = { ...edit, objectRef: { ...objectRef, name: "workers-i-0def" } };
  const found = auditHints([edit, null, edit, { ...edit, verb: "delete" }, 7, other], options);
  deepStrictEqual(found.keys, [iterm, { ...iterm, name: "workers-i-0def" }]);
  deepStrictEqual([found.counted.hint, found.counted.malformed], [4, 2]);
});

const batch = { kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items: [edit] };
test("the events are taken out of an EventList", () => deepStrictEqual(auditEventsOf(batch), [edit]));
for (const body of [
  undefined,
  null,
  "x",
  [],
  [batch],
  {},
  { ...batch, kind: "Event" },
  { ...batch, apiVersion: "v1" },
  { ...batch, items: {} },
  { ...batch, apiVersion: 1 },
]) {
  test(`${JSON.stringify(body)?.slice(0, 60)} is no EventList`, () => strictEqual(auditEventsOf(body), undefined));
}

const total = ({ counted }: AuditHints) => Object.values(counted).reduce((sum, count) => sum + count, 0);
const oddEvent = fc.oneof(
  fc.anything(),
  fc.record(
    {
      verb: fc.oneof(fc.constantFrom("create", "patch", "delete", "get"), fc.anything()),
      stage: fc.oneof(fc.constant("ResponseComplete"), fc.anything()),
      requestURI: fc.oneof(fc.webUrl(), fc.anything()),
      user: fc.oneof(fc.constant({ username: "jane" }), fc.anything()),
      objectRef: fc.oneof(
        fc.constant(objectRef),
        fc.record({
          resource: fc.constantFrom("pods", "nodes"),
          name: fc.anything(),
          namespace: fc.anything(),
          subresource: fc.anything(),
        }),
        fc.anything(),
      ),
      responseStatus: fc.anything(),
      requestObject: fc.anything(),
      responseObject: fc.anything(),
    },
    { requiredKeys: [] },
  ),
);

test("whatever comes, nothing is thrown, every event is counted, and every key can be a name", () => {
  fc.assert(
    fc.property(fc.array(oddEvent, { maxLength: 8 }), (events) => {
      const found = auditHints(events, options);
      strictEqual(total(found), events.length);
      for (const { name, namespace } of found.keys) ok(/^[a-z0-9.-]+$/.test(name) && /^[a-z0-9.-]*$/.test(namespace));
    }),
  );
});

const someEvent = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  namespace: fc.constantFrom("x", "y"),
  verb: fc.constantFrom("patch", "delete", "get"),
});
test("order and repetition of a batch change nothing but the order of keys", () => {
  const keysOf = (events: readonly unknown[]) =>
    auditHints(events, options)
      .keys.map(({ namespace, name }) => `${namespace}/${name}`)
      .sort();
  fc.assert(
    fc.property(fc.array(someEvent), (picks) => {
      const events = picks.map(({ name, namespace, verb }) => ({
        ...edit,
        verb,
        objectRef: { ...objectRef, name, namespace },
      }));
      deepStrictEqual(keysOf([...events, ...events].reverse()), keysOf(events));
      const written = picks.filter(({ verb }) => verb !== "get").map(({ namespace, name }) => `${namespace}/${name}`);
      deepStrictEqual(keysOf(events), [...new Set(written)].sort());
    }),
  );
});
