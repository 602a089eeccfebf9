/** The status of an infrastructure machine: its provider's words, its Node's, and times that move with what they tell of only. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import type { InfrastructureMachineWish } from "../../../lib/api/core/infrastructure-pool.ts";
import { infrastructureStatusOf } from "../../../lib/reconcile/decide/infrastructure-machine.ts";
import type { PoolNode } from "../../../lib/reconcile/decide/pool-view.ts";

const THEN = "2026-03-01T12:00:00Z";
const NOW = "2026-03-01T13:00:00Z";
const plain: InfrastructureMachineWish = { spec: { providerID: "p" }, status: { ready: true }, interruptible: false };
const telling: InfrastructureMachineWish = {
  ...plain,
  withNode: (node, before) => ({
    fields: { ready: node?.ready ?? false, known: before !== undefined, ...(node && { nodeRef: { name: node.name } }) },
    conditions: [
      { type: "Seen", status: "True" },
      node
        ? { type: "NodeHealthy", status: "True" }
        : { type: "NodeHealthy", status: "False", severity: "Error", reason: "NodeNotFound" },
    ],
  }),
};
const node: PoolNode = { name: "n", uid: "u", providerID: "p", ready: true, version: "v1" };

test("a provider that says nothing of Nodes has its own words", () => {
  deepStrictEqual(infrastructureStatusOf({ wish: plain, node, before: undefined, time: NOW }), { ready: true });
});

test("a new one tells of its Node", () => {
  deepStrictEqual(infrastructureStatusOf({ wish: telling, node, before: undefined, time: NOW }), {
    ready: true,
    known: false,
    nodeRef: { name: "n" },
    conditions: [
      { type: "NodeHealthy", status: "True", lastTransitionTime: NOW },
      { type: "Seen", status: "True", lastTransitionTime: NOW },
    ],
  });
});

test("a Node that vanished is said with a new time, what stays as it was keeps its own", () => {
  const before = infrastructureStatusOf({ wish: telling, node, before: undefined, time: THEN });
  deepStrictEqual(infrastructureStatusOf({ wish: telling, node: undefined, before, time: NOW }), {
    ready: false,
    known: true,
    conditions: [
      { type: "NodeHealthy", status: "False", severity: "Error", reason: "NodeNotFound", lastTransitionTime: NOW },
      { type: "Seen", status: "True", lastTransitionTime: THEN },
    ],
  });
});

test("the same again is the same", () => {
  const before = infrastructureStatusOf({ wish: telling, node, before: {}, time: THEN });
  deepStrictEqual(infrastructureStatusOf({ wish: telling, node, before, time: NOW }), before);
});
