/** What an Auto Scaling group and its hooks say, in all three wire shapes, and what it means. */
import type { LeavingInstance, Trigger } from "../../../../lib/api/trigger.ts";
import { readHookEvent as read, readGroupChange } from "../../../../lib/providers/aws/events/index.ts";
import { hookNames } from "../../../../lib/providers/aws/hook-names.ts";
import { fixture } from "../fixture.ts";
import { checkEvents, type EventCase, leaving, nothing } from "./event-case.ts";

const HOOK = "terminate-hook-eventbridge";
const token = "c2b7d9e0-1f3a-4c58-b6d2-7e8f90a1b2c3";
const instance: LeavingInstance = {
  instanceId: "i-0a1b2c3d4e5f60718",
  groupName: "workers-a",
  cause: "TerminationHook",
  noticeTime: "2026-11-20T08:15:42Z",
  hold: { autoScaling: { groupName: "workers-a", hooks: [{ name: "lifeguard-drain", token }] } },
};
const drain: Trigger = leaving("TerminateHook", instance);
const untimed: Trigger = {
  kind: "leaving",
  event: "TerminateHook",
  instances: [{ ...instance, noticeTime: "2026-11-20T12:00:00Z" }],
  warnings: ["the event carries no readable time: counted from its arrival"],
};
const foreign = nothing("TerminateHook", "ForeignHook");
const test = nothing("TestNotification", "TestNotification");

/** One thing changed in the EventBridge form of a terminate hook. */
const hook = (name: string, but: EventCase["but"], want: Trigger | undefined): EventCase => ({
  name,
  read,
  event: HOOK,
  ...(but ? { but } : {}),
  want,
});
const other = (name: string, event: string, want: Trigger | undefined, but?: EventCase["but"]): EventCase => ({
  name,
  read,
  event,
  ...(but ? { but } : {}),
  want,
});

checkEvents([
  hook("a terminate hook by EventBridge", undefined, drain),
  other("the same hook as a plain notification", "terminate-hook-notification", drain),
  other("the same hook wrapped by SNS", "terminate-hook-sns", drain),
  hook(
    "an instance that returns to the warm pool is drained like any other",
    { "detail.Destination": "WarmPool" },
    drain,
  ),
  hook("an instance that leaves from the warm pool waits for our answer too", { "detail.Origin": "WarmPool" }, drain),
  hook(
    "a hook of an old group says neither origin nor destination",
    { "detail.Origin": undefined, "detail.Destination": undefined, "detail.NotificationMetadata": undefined },
    drain,
  ),
  hook(
    "a hook without a token is completed by its instance",
    { "detail.LifecycleActionToken": undefined },
    leaving("TerminateHook", {
      ...instance,
      hold: { autoScaling: { groupName: "workers-a", hooks: [{ name: "lifeguard-drain" }] } },
    }),
  ),
  hook("somebody else's hook is none of ours", { "detail.LifecycleHookName": "Terminate-LC-Hook" }, foreign),
  {
    name: "another prefix makes other hooks ours",
    read,
    event: HOOK,
    with: { hookNames: hookNames("drain-") },
    want: foreign,
  },
  hook("a hook event without a time counts from its arrival, and says so", { time: "" }, untimed),
  hook("a hook event whose time is no time counts from its arrival as well", { time: "yesterday" }, untimed),

  other("a launch hook is recognised and never a drain", "launch-hook-eventbridge", nothing("LaunchHook", "NotGated")),
  other(
    "a launch hook into the warm pool is recognised and never a drain",
    "launch-hook-eventbridge",
    nothing("LaunchHook", "NotGated"),
    { "detail.Destination": "WarmPool" },
  ),
  other("the test message of a new hook", "test-notification", test),
  other("the test message that stands in the transition", "test-notification", test, {
    Event: undefined,
    LifecycleTransition: "autoscaling:TEST_NOTIFICATION",
  }),
  other("the test message wrapped by SNS", "terminate-hook-sns", test, {
    Message: JSON.stringify(fixture("test-notification")),
  }),
  other("the test message by EventBridge", HOOK, test, {
    "detail.LifecycleTransition": "autoscaling:TEST_NOTIFICATION",
  }),
  other(
    "a group's ordinary notification tells what has happened",
    "test-notification",
    nothing("GroupNotification", "AlreadyHappened"),
    { Event: "autoscaling:EC2_INSTANCE_TERMINATE" },
  ),
  other("the result of a launch", "launch-result", nothing("GroupActivity", "AlreadyHappened")),
  other("an instance refresh", "instance-refresh", nothing("InstanceRefresh", "EachInstanceHasItsHook")),

  hook("a transition nobody knows", { "detail.LifecycleTransition": "autoscaling:EC2_INSTANCE_DREAMING" }, undefined),
  hook("a hook event of another source", { source: "my.app" }, undefined),
  hook("a detail type nobody knows", { "detail-type": "EC2 Instance-dream Lifecycle" }, undefined),
  hook("a hook without a name", { "detail.LifecycleHookName": undefined }, undefined),
  hook("a hook without a group", { "detail.AutoScalingGroupName": "" }, undefined),
  hook("a hook whose instance is no instance id", { "detail.EC2InstanceId": "../i-0a" }, undefined),
  hook("a hook whose token is a number", { "detail.LifecycleActionToken": 7 }, undefined),
  hook("a hook without a detail", { detail: undefined }, undefined),
  other("SNS around an object instead of a text", "terminate-hook-sns", undefined, { Message: {} }),
  other("SNS around no JSON", "terminate-hook-sns", undefined, { Message: "{" }),
  other("SNS around something else", "terminate-hook-sns", undefined, { Message: '"hello"' }),
]);

const launched = { kind: "group", event: "GroupChange", groupName: "workers-a" } as const;
const change = (name: string, want: Trigger | undefined, but: EventCase["but"] = {}): EventCase => ({
  name: `group change: ${name}`,
  read: readGroupChange,
  event: "launch-result",
  but,
  want,
});
checkEvents([
  change("a launch that failed", launched),
  change("a launch", launched, { "detail-type": "EC2 Instance Launch Successful" }),
  change("a termination", launched, { "detail-type": "EC2 Instance Terminate Successful" }),
  change("a hook is another event", undefined, { "detail-type": "EC2 Instance-launch Lifecycle Action" }),
  change("another source", undefined, { source: "aws.ec2" }),
  change("no group", undefined, { "detail.AutoScalingGroupName": undefined }),
  change("an empty group", undefined, { "detail.AutoScalingGroupName": "" }),
]);
