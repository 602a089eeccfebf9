/** Which Nodes of an audit batch say that their machine will leave; every other status write is no reason to look. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { announcingNodes } from "../../lib/kubernetes/announcing-nodes.ts";

const TYPES = ["WillLeave"];
const write = (requestObject: unknown, more: object = {}) => ({
  stage: "ResponseComplete",
  verb: "patch",
  objectRef: { resource: "nodes", subresource: "status", name: "n-1" },
  requestObject,
  ...more,
});
const told = { type: "WillLeave", status: "True", message: "soon" };
const cases: { name: string; event: unknown; want: readonly string[] }[] = [
  {
    name: "a merge patch with the condition",
    event: write({ status: { conditions: [{ type: "Ready" }, told] } }),
    want: ["n-1"],
  },
  {
    name: "a whole Node with the condition",
    event: write({ kind: "Node", status: { conditions: [told] } }, { verb: "update" }),
    want: ["n-1"],
  },
  {
    name: "a JSON patch that adds the condition",
    event: write([{ op: "add", path: "/status/conditions/-", value: told }]),
    want: ["n-1"],
  },
  {
    name: "a JSON patch that replaces all conditions",
    event: write([{ op: "add", path: "/status/conditions", value: [told] }]),
    want: ["n-1"],
  },
  {
    name: "a condition that is taken back",
    event: write({ status: { conditions: [{ ...told, status: "False" }] } }),
    want: [],
  },
  {
    name: "a kubelet's heartbeat",
    event: write({ status: { conditions: [{ type: "Ready", status: "True" }] } }),
    want: [],
  },
  { name: "a write whose body the policy does not keep", event: write(undefined), want: [] },
  {
    name: "a write to something else",
    event: write({ status: { conditions: [told] } }, { objectRef: { resource: "nodes", name: "n-1" } }),
    want: [],
  },
  {
    name: "a write that is not done yet",
    event: write({ status: { conditions: [told] } }, { stage: "RequestReceived" }),
    want: [],
  },
  {
    name: "a name that is none",
    event: write(
      { status: { conditions: [told] } },
      { objectRef: { resource: "nodes", subresource: "status", name: "../x" } },
    ),
    want: [],
  },
  { name: "no event at all", event: null, want: [] },
];
for (const { name, event, want } of cases) test(name, () => deepStrictEqual(announcingNodes([event], TYPES), want));

test("each Node once, sorted; none where nothing is listened to", () => {
  const events = ["n-2", "n-1", "n-2"].map((name) =>
    write({ status: { conditions: [told] } }, { objectRef: { resource: "nodes", subresource: "status", name } }),
  );
  deepStrictEqual(announcingNodes(events, TYPES), ["n-1", "n-2"]);
  deepStrictEqual(announcingNodes(events, []), []);
});

test("no JSON makes it throw", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (event, body) => void announcingNodes([event, write(body)], TYPES)),
  );
});
