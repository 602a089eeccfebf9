/** Spot: two minutes and not one second more, with or without a hook; capacity rebalancing replaces first. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { CompleteLifecycleActionCommand, RecordLifecycleActionHeartbeatCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { jumpClock } from "./jump-clock.ts";
import { DRAIN, GROUP, inState, lifecycleStates, only, type Rig, startGroup, startRig } from "./rig.ts";

async function startSpot(rig: Rig, CapacityRebalance: boolean): Promise<string> {
  await startGroup(rig, {
    DesiredCapacity: 1,
    CapacityRebalance,
    LifecycleHookSpecificationList: [{ ...DRAIN, HeartbeatTimeout: 300 }],
    MixedInstancesPolicy: {
      LaunchTemplate: { LaunchTemplateSpecification: { LaunchTemplateName: "plain" } },
      InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 },
    },
  });
  return only(await inState(rig, "InService"));
}

const ec2State = (rig: Rig, id: string) => rig.cloud.instances().find((one) => one.id === id)?.state;
const named = (InstanceId: string) => ({ AutoScalingGroupName: GROUP, LifecycleHookName: "drain", InstanceId });

test("a Spot instance says so in EC2", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T09:00:00Z")));
  await startSpot(rig, false);
  const { Reservations } = await rig.ec2.send(new DescribeInstancesCommand({}));
  strictEqual(Reservations?.[0]?.Instances?.[0]?.InstanceLifecycle, "spot");
});

test("without rebalancing the hook starts only after the instance is gone", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T09:00:00Z")));
  const id = await startSpot(rig, false);
  rig.cloud.interruptSpot(id);
  await rig.pass(119);
  deepStrictEqual([ec2State(rig, id), (await lifecycleStates(rig))[id]], ["running", "InService"]);
  await rig.pass(1);
  strictEqual(ec2State(rig, id), "shutting-down");
  await rig.pass(5);
  deepStrictEqual([ec2State(rig, id), (await lifecycleStates(rig))[id]], ["terminated", "Terminating:Wait"]);
});

test("with rebalancing the hook starts with the warning, heartbeats do not stretch the two minutes, and its action ends with the instance", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T09:00:00Z")));
  const id = await startSpot(rig, true);
  rig.cloud.interruptSpot(id);
  strictEqual((await lifecycleStates(rig))[id], "Terminating:Wait");
  strictEqual((await inState(rig, "Pending")).length, 1);
  await rig.pass(100);
  await rig.autoscaling.send(new RecordLifecycleActionHeartbeatCommand(named(id)));
  await rig.pass(20);
  strictEqual(ec2State(rig, id), "shutting-down");
  await rig.pass(2);
  strictEqual((await lifecycleStates(rig))[id], undefined);
  await rejects(
    rig.autoscaling.send(new CompleteLifecycleActionCommand({ ...named(id), LifecycleActionResult: "CONTINUE" })),
    {
      name: "ValidationError",
      message: /No active Lifecycle Action/,
    },
  );
});

test("a completed hook lets a warned instance go before its two minutes are over", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T09:00:00Z")));
  const id = await startSpot(rig, true);
  rig.cloud.interruptSpot(id);
  await rig.autoscaling.send(new CompleteLifecycleActionCommand({ ...named(id), LifecycleActionResult: "CONTINUE" }));
  await rig.pass(3);
  strictEqual(ec2State(rig, id), "terminated");
});

test("after a rebalance recommendation the replacement comes into service first, then the hook starts", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T09:00:00Z")));
  const id = await startSpot(rig, true);
  rig.cloud.recommendRebalance(id);
  strictEqual((await lifecycleStates(rig))[id], "InService");
  strictEqual((await inState(rig, "Pending")).length, 1);
  await rig.pass(2);
  strictEqual((await lifecycleStates(rig))[id], "Terminating:Wait");
  strictEqual((await inState(rig, "InService")).length, 1);
});
