/** What agents on Azure machines say on their Nodes, and what it means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Node, NodeCondition } from "../../../lib/api/kubernetes/node.ts";
import type { LeavingInstance } from "../../../lib/api/trigger.ts";
import { announcedBy } from "../../../lib/providers/azure/announced-by-node.ts";
import { reading } from "./events/event-case.ts";

const SET = "/subscriptions/s/resourceGroups/edge-pools/providers/Microsoft.Compute/virtualMachineScaleSets/edge-mp-0";
const NOW = new Date("2026-11-20T10:00:05Z");
const nodeWith = (condition: Partial<NodeCondition>, providerID = `azure://${SET}/virtualMachines/4`): Node => ({
  metadata: { name: "edge-mp-0000004" },
  spec: { providerID },
  status: {
    conditions: [
      { type: "Ready", status: "True" },
      { type: "", status: "True", lastTransitionTime: "2026-11-20T10:00:01Z", ...condition },
    ],
  },
});
const read = (node: Node) => announcedBy(node, reading.policies, NOW);

const preempted: LeavingInstance = {
  instanceId: "edge-mp-0_4",
  groupName: "edge-pools/edge-mp-0",
  cause: "Preemption",
  noticeTime: "2026-11-20T10:00:01Z",
  deadlineTime: "2026-11-20T10:00:35Z",
};
const words = "Preempt Scheduled: Fri, 20 Nov 2026 10:00:35 GMT. DurationInSeconds: -1. EventId: D2B7A6C1-5E8F";
const whole = (more: object = {}) =>
  JSON.stringify({
    EventId: "0FA9",
    EventType: "Terminate",
    NotBefore: "Fri, 20 Nov 2026 10:15:00 GMT",
    Resources: ["edge-mp-0_4"],
    ...more,
  });
const terminated: LeavingInstance = { ...preempted, cause: "TerminationHook", deadlineTime: "2026-11-20T10:15:00Z" };
const hold = (machines: readonly string[]) => ({
  azureScheduledEvent: {
    eventId: "0FA9",
    resourceId: SET,
    eventType: "Terminate",
    notBefore: "2026-11-20T10:15:00Z",
    machines,
  },
});

const cases: { name: string; node: Node; want: LeavingInstance | undefined }[] = [
  {
    name: "a preemption that AKS's problem detector tells of",
    node: nodeWith({ type: "PreemptionScheduled", reason: "SpotEvictionIncoming", message: words }),
    want: preempted,
  },
  {
    name: "the same under the condition of all events",
    node: nodeWith({ type: "VMEventScheduled", reason: "VMEventScheduled", message: words }),
    want: preempted,
  },
  {
    name: "a preemption without any words leaves thirty seconds",
    node: nodeWith({ type: "PreemptionScheduled" }),
    want: { ...preempted, deadlineTime: "2026-11-20T10:00:31Z" },
  },
  {
    name: "an event that names no type is not guessed",
    node: nodeWith({ type: "VMEventScheduled", message: "something will happen" }),
    want: undefined,
  },
  {
    name: "a freeze is the policy's business",
    node: nodeWith({ type: "VMEventScheduled", message: "Freeze Scheduled: soon" }),
    want: undefined,
  },
  {
    name: "a condition that is not true tells nothing",
    node: nodeWith({ type: "PreemptionScheduled", status: "False", message: words }),
    want: undefined,
  },
  {
    name: "another condition tells nothing",
    node: nodeWith({ type: "DiskPressure", message: words }),
    want: undefined,
  },
  {
    name: "the metadata as it is, in JSON, is acknowledged when all its machines are known",
    node: nodeWith({ type: "MachinePoolScheduledEvent", reason: "Terminate", message: whole() }),
    want: { ...terminated, hold: hold(["edge-mp-0_4"]) },
  },
  {
    name: "with another machine both have to be ready",
    node: nodeWith({
      type: "MachinePoolScheduledEvent",
      message: whole({ Resources: ["edge-mp-0_7", "EDGE-mp-0_4"] }),
    }),
    want: { ...terminated, hold: hold(["edge-mp-0_4", "edge-mp-0_7"]) },
  },
  {
    name: "without the list nothing is acknowledged",
    node: nodeWith({ type: "MachinePoolScheduledEvent", message: whole({ Resources: [] }) }),
    want: terminated,
  },
  {
    name: "the time when it was set is the notice's, else now",
    node: nodeWith({ type: "PreemptionScheduled", message: words, lastTransitionTime: "?" }),
    want: { ...preempted, noticeTime: "2026-11-20T10:00:05Z" },
  },
  {
    name: "a Node of another cloud tells nothing",
    node: nodeWith({ type: "PreemptionScheduled", message: words }, "aws:///a/i-0"),
    want: undefined,
  },
];
for (const { name, node, want } of cases) test(name, () => assert.deepEqual(read(node), want));

test("no message makes it throw, or hold what it does not know", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (message) => {
      const notice = read(nodeWith({ type: "MachinePoolScheduledEvent", reason: "Terminate", message }));
      assert.equal(notice?.hold, undefined);
      assert.match(notice?.deadlineTime ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }),
  );
});
