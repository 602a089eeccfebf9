/** What EC2 says about one instance, and what it means. */
import type { LeavingInstance, Trigger } from "../../../../lib/api/trigger.ts";
import { readRebalance, readReclaim, readStateChange } from "../../../../lib/providers/aws/events/index.ts";
import { checkEvents, type EventCase, leaving, nothing } from "./event-case.ts";

const spot: LeavingInstance = {
  instanceId: "i-0c3d4e5f60718293a",
  cause: "SpotInterruption",
  noticeTime: "2026-11-20T09:01:07Z",
  deadlineTime: "2026-11-20T09:03:07Z",
};
const interrupted = leaving("SpotInterruption", spot);
const interruption = (name: string, but: EventCase["but"], want: Trigger | undefined): EventCase => ({
  name,
  read: readReclaim,
  event: "spot-interruption",
  ...(but ? { but } : {}),
  want,
});

checkEvents([
  interruption("a Spot interruption leaves two minutes", undefined, interrupted),
  interruption(
    "a Spot interruption that ends in stop leaves two minutes as well",
    {
      "detail.instance-action": "stop",
    },
    interrupted,
  ),
  interruption(
    "a Spot interruption that ends in hibernate leaves two minutes as well",
    {
      "detail.instance-action": "hibernate",
    },
    interrupted,
  ),
  interruption("the ARN beside the instance id is not looked at", { resources: ["arn:nonsense"] }, interrupted),
  interruption(
    "a Spot interruption without a time counts from its arrival, and says so",
    { time: undefined },
    {
      kind: "leaving",
      event: "SpotInterruption",
      instances: [{ ...spot, noticeTime: "2026-11-20T12:00:00Z", deadlineTime: "2026-11-20T12:02:00Z" }],
      warnings: ["the event carries no readable time: counted from its arrival"],
    },
  ),
  interruption("an interruption of no instance", { "detail.instance-id": undefined }, undefined),
  interruption("an interruption whose instance is a number", { "detail.instance-id": 7 }, undefined),
  interruption("an interruption by another source", { source: "my.app" }, undefined),
]);

const reclaimed = leaving("CapacityReservationInterruption", {
  instanceId: "i-0e5f60718293a4b5c",
  cause: "Preemption",
  noticeTime: "2026-11-20T11:28:00Z",
  deadlineTime: "2026-11-20T11:30:00Z",
});
const reclaim = (name: string, but: EventCase["but"] = {}): EventCase => ({
  name,
  read: readReclaim,
  event: "capacity-reservation-interruption",
  but,
  want: reclaimed,
});

checkEvents([
  reclaim("reserved capacity is taken back at its time"),
  reclaim("the documented spelling of the same event", {
    "detail-type": "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
  }),
  reclaim("without its time it is two minutes", { "detail.instance-termination-time": undefined }),
]);

const rebalance: LeavingInstance = {
  instanceId: "i-0c3d4e5f60718293a",
  cause: "RebalanceRecommendation",
  noticeTime: "2026-11-20T09:00:12Z",
};
const recommendation = (name: string, given: EventCase["with"], want: Trigger): EventCase => ({
  name,
  read: readRebalance,
  event: "rebalance-recommendation",
  ...(given ? { with: given } : {}),
  want,
});

checkEvents([
  recommendation(
    "a rebalance recommendation is ignored by default",
    undefined,
    nothing("RebalanceRecommendation", "PolicyIgnore"),
  ),
  recommendation(
    "with policy Cordon a rebalance recommendation only cordons",
    { rebalancePolicy: "Cordon" },
    leaving("RebalanceRecommendation", { ...rebalance, mode: "CordonOnly" }),
  ),
  recommendation(
    "with policy Drain a rebalance recommendation drains",
    { rebalancePolicy: "Drain" },
    leaving("RebalanceRecommendation", rebalance),
  ),
]);

const stopping = leaving("InstanceStateChange", {
  instanceId: "i-0a1b2c3d4e5f60718",
  cause: "UserRequest",
  noticeTime: "2026-11-20T08:15:42Z",
  deadlineTime: "2026-11-20T08:16:12Z",
});
const look: Trigger = { kind: "look", event: "InstanceStateChange", instanceIds: ["i-0a1b2c3d4e5f60718"] };
const staying = nothing("InstanceStateChange", "NotLeaving");
const change = (name: string, state: string | null | undefined, want: Trigger | undefined): EventCase => ({
  name,
  read: readStateChange,
  event: "instance-state-change",
  but: { "detail.state": state },
  want,
});

checkEvents([
  change("an instance that is stopping leaves within half a minute", "stopping", stopping),
  change(
    "an instance that is shutting down starts nothing: its end follows",
    "shutting-down",
    nothing("InstanceStateChange", "EndFollows"),
  ),
  change("an instance that is stopped is looked at by whoever recorded it", "stopped", look),
  change("an instance that is terminated is looked at by whoever recorded it", "terminated", look),
  change("an instance that is pending does not leave", "pending", staying),
  change("an instance that is running does not leave", "running", staying),
  change("a state change without a state is no reason to drain", undefined, undefined),
  change("an empty state is no reason to drain", "", undefined),
  change("a state of null is no reason to drain", null, undefined),
  change("part of a state's name is not the state", "stop", undefined),
  change("a state with a blank is not the state", "terminated ", undefined),
  change("a word every object knows is not a state", "constructor", undefined),
]);
