/** Lifecycle hooks through the SDK: launch hooks, retained instances, settings, and answers that come too late. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  type InstanceLifecyclePolicy,
  type LifecycleHookSpecification,
  PutLifecycleHookCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { act } from "./hook-acts.ts";
import { DRAIN, GROUP, inState, lifecycleStates, only, startGroup, startRig } from "./rig.ts";

const abandons: LifecycleHookSpecification = { ...DRAIN, DefaultResult: "ABANDON" };
const retain: InstanceLifecyclePolicy = { RetentionTriggers: { TerminateHookAbandon: "retain" } };

test("an answered action is unknown afterwards, by instance id and by token", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { LifecycleHookSpecificationList: [DRAIN] });
  await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 1 }));
  const { instanceId, token } = only(rig.cloud.waiting());
  await act(rig, instanceId, { at: 0, does: "CONTINUE" });
  const named = { AutoScalingGroupName: GROUP, LifecycleHookName: "drain" };
  const known = { name: "ValidationError", message: `No active Lifecycle Action found with instance ID ${instanceId}` };
  await rejects(act(rig, instanceId, { at: 0, does: "CONTINUE" }), known);
  await rejects(act(rig, instanceId, { at: 0, does: "heartbeat" }), known);
  await rejects(
    rig.autoscaling.send(
      new CompleteLifecycleActionCommand({ ...named, LifecycleActionToken: token, LifecycleActionResult: "CONTINUE" }),
    ),
    { name: "ValidationError", message: `No active Lifecycle Action found with token ${token}` },
  );
});

test("a launch hook keeps the instance pending; ABANDON ends it and another one is launched", async (context) => {
  const rig = await startRig(context);
  const join: LifecycleHookSpecification = {
    LifecycleHookName: "join",
    LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
    NotificationMetadata: "for the pool",
  };
  await startGroup(rig, { DesiredCapacity: 1, LifecycleHookSpecificationList: [join] });
  const first = only(await inState(rig, "Pending:Wait"));
  await act(rig, first, { at: 0, does: "ABANDON", hook: "join" });
  await rig.pass(3);
  const next = only(await inState(rig, "Pending:Wait"));
  match(next, /^i-[0-9a-f]{17}$/);
  strictEqual(next === first, false);
  await act(rig, next, { at: 0, does: "CONTINUE", hook: "join" });
  deepStrictEqual(await lifecycleStates(rig), { [next]: "InService" });
  const launch = rig.events.find((event) => event["detail-type"] === "EC2 Instance-launch Lifecycle Action");
  strictEqual(launch?.detail.NotificationMetadata, "for the pool");
});

test("deleting a launch hook abandons what waits for it", async (context) => {
  const rig = await startRig(context);
  const LifecycleTransition = "autoscaling:EC2_INSTANCE_LAUNCHING";
  const join = { LifecycleHookName: "join", LifecycleTransition };
  await startGroup(rig, { DesiredCapacity: 1, LifecycleHookSpecificationList: [join] });
  const waiting = only(await inState(rig, "Pending:Wait"));
  await act(rig, waiting, { at: 0, does: "delete hook", hook: "join" });
  strictEqual((await lifecycleStates(rig))[waiting], "Terminating:Proceed");
  await rig.pass(3);
  strictEqual((await inState(rig, "InService")).includes(waiting), false);
  strictEqual((await inState(rig, "InService")).length, 1);
});

test("a retained instance is not counted and leaves only when it is terminated by name", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { LifecycleHookSpecificationList: [abandons], InstanceLifecyclePolicy: retain });
  const [victim = ""] = await inState(rig, "InService");
  const terminate = (ShouldDecrementDesiredCapacity: boolean) =>
    rig.autoscaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: victim, ShouldDecrementDesiredCapacity }),
    );
  await terminate(false);
  await act(rig, victim, { at: 0, does: "ABANDON" });
  await rig.pass(3);
  strictEqual((await inState(rig, "InService")).length, 2);
  deepStrictEqual(await inState(rig, "Terminating:Retained"), [victim]);
  await terminate(false);
  await rig.pass(3);
  deepStrictEqual(Object.keys(await lifecycleStates(rig)).includes(victim), false);
});

test("a put hook shows its defaults and global timeout, a second put changes only what it names", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 0 });
  const put = (more: Partial<LifecycleHookSpecification>) =>
    rig.autoscaling.send(
      new PutLifecycleHookCommand({ AutoScalingGroupName: GROUP, LifecycleHookName: "drain", ...more }),
    );
  const shown = async () => {
    const { LifecycleHooks } = await rig.autoscaling.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: GROUP }),
    );
    return LifecycleHooks;
  };
  const made = {
    AutoScalingGroupName: GROUP,
    LifecycleHookName: "drain",
    LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
    HeartbeatTimeout: 3600,
    DefaultResult: "ABANDON",
    GlobalTimeout: 172_800,
  };
  await put({ LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" });
  deepStrictEqual(await shown(), [made]);
  await put({ HeartbeatTimeout: 300 });
  deepStrictEqual(await shown(), [{ ...made, HeartbeatTimeout: 300, GlobalTimeout: 30_000 }]);
  await rejects(put({ HeartbeatTimeout: 29 }), { name: "ValidationError" });
  await rejects(put({ NotificationTargetARN: "arn:aws:sqs:eu-west-1:210987654321:hooks" }), {
    name: "ValidationError",
    message: /RoleARN/,
  });
});

test("a hook whose queue does not exist is refused, and the group stays as it was", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 0 });
  const target = {
    NotificationTargetARN: "arn:aws:sqs:eu-west-1:210987654321:nope",
    RoleARN: "arn:aws:iam::210987654321:role/hooks",
  };
  const put = new PutLifecycleHookCommand({ ...DRAIN, ...target, AutoScalingGroupName: GROUP });
  await rejects(rig.autoscaling.send(put), { name: "ValidationError", message: /Unable to publish test message/ });
  const { LifecycleHooks } = await rig.autoscaling.send(
    new DescribeLifecycleHooksCommand({ AutoScalingGroupName: GROUP }),
  );
  deepStrictEqual(LifecycleHooks, []);
});

test("whoever listens hears how each wait ended", async (context) => {
  const rig = await startRig(context);
  const ends: string[] = [];
  rig.cloud.onHookEnd(({ hook, how }) => void ends.push(`${hook} ${how}`));
  const second = { ...DRAIN, LifecycleHookName: "backup" };
  await startGroup(rig, {
    DesiredCapacity: 4,
    LifecycleHookSpecificationList: [{ ...DRAIN, HeartbeatTimeout: 30 }, second],
  });
  const scaleInTo = async (DesiredCapacity: number) => {
    await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity }));
    return only(await inState(rig, "Terminating:Wait"));
  };
  const first = await scaleInTo(3);
  await act(rig, first, { at: 0, does: "CONTINUE" });
  await act(rig, first, { at: 0, does: "ABANDON", hook: "backup" });
  rig.cloud.terminateInstance(await scaleInTo(2));
  await rig.pass(2);
  const third = await scaleInTo(1);
  await rig.pass(30);
  await act(rig, third, { at: 0, does: "delete hook", hook: "backup" });
  deepStrictEqual(ends, [
    "drain continued",
    "backup abandoned",
    "drain cut off",
    "backup cut off",
    "drain timed out",
    "backup hook deleted",
  ]);
});
