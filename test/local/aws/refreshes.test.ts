/** Instance refreshes through the SDK: how many instances go at once, through which hooks, and how a refresh ends. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import test, { type TestContext } from "node:test";
import {
  CancelInstanceRefreshCommand,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  type RefreshPreferences,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateVersionCommand } from "@aws-sdk/client-ec2";
import { jumpClock } from "./jump-clock.ts";
import { DRAIN, GROUP, type Rig, startGroup, startRig } from "./rig.ts";

const START = new Date("2026-11-20T08:00:00Z");
const named = { AutoScalingGroupName: GROUP };

async function start(context: TestContext, size = 4): Promise<Rig> {
  const rig = await startRig(context, jumpClock(START));
  await startGroup(rig, {
    DesiredCapacity: size,
    LaunchTemplate: { LaunchTemplateName: "plain", Version: "$Latest" },
    LifecycleHookSpecificationList: [DRAIN],
  });
  const next = { LaunchTemplateName: "plain", LaunchTemplateData: { ImageId: "ami-0b" } };
  await rig.ec2.send(new CreateLaunchTemplateVersionCommand(next));
  return rig;
}

const refresh = (rig: Rig, Preferences: RefreshPreferences = {}) =>
  rig.autoscaling.send(new StartInstanceRefreshCommand({ ...named, Preferences }));
const newest = async (rig: Rig) =>
  (await rig.autoscaling.send(new DescribeInstanceRefreshesCommand(named))).InstanceRefreshes?.[0];
const members = async (rig: Rig) =>
  (await rig.autoscaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] })))
    .AutoScalingGroups?.[0]?.Instances ?? [];
const inService = async (rig: Rig) => (await members(rig)).filter((one) => one.LifecycleState === "InService").length;
const answerHooks = async (rig: Rig) => {
  for (const { instanceId, hook } of rig.cloud.waiting()) {
    const answer = { LifecycleHookName: hook, InstanceId: instanceId, LifecycleActionResult: "CONTINUE" };
    await rig.autoscaling.send(new CompleteLifecycleActionCommand({ ...named, ...answer }));
  }
};

interface Pace {
  readonly name: string;
  readonly preferences: RefreshPreferences;
  /** Of four. */
  readonly leastInService: number;
  readonly mostMembersStaying: number;
}

const paces: readonly Pace[] = [
  { name: "by default one after the other", preferences: {}, leastInService: 3, mostMembersStaying: 4 },
  { name: "half of them at once", preferences: { MinHealthyPercentage: 50 }, leastInService: 2, mostMembersStaying: 4 },
  {
    name: "launching before terminating",
    preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 125 },
    leastInService: 4,
    mostMembersStaying: 5,
  },
  { name: "all at once", preferences: { MinHealthyPercentage: 0 }, leastInService: 0, mostMembersStaying: 4 },
];
for (const { name, preferences, leastInService, mostMembersStaying } of paces) {
  test(`a refresh replaces everybody through the hooks: ${name}`, async (context) => {
    const rig = await start(context);
    const before = new Set(rig.cloud.instances().map(({ id }) => id));
    await refresh(rig, { InstanceWarmup: 0, ...preferences });
    let [least, most, held] = [4, 0, 0];
    for (let look = 0; look < 200 && (await newest(rig))?.Status !== "Successful"; look++) {
      await rig.pass(1);
      const all = await members(rig);
      least = Math.min(least, await inService(rig));
      most = Math.max(most, all.filter((one) => !one.LifecycleState?.startsWith("Terminating")).length);
      held += rig.cloud.waiting().length;
      await answerHooks(rig);
    }
    const ended = await newest(rig);
    deepStrictEqual([ended?.Status, ended?.PercentageComplete], ["Successful", 100]);
    strictEqual(held, 4);
    strictEqual(least, leastInService);
    strictEqual(most, mostMembersStaying);
    const after = await members(rig);
    ok(
      after.every(({ InstanceId, LaunchTemplate }) => !before.has(InstanceId ?? "") && LaunchTemplate?.Version === "2"),
    );
    const told = rig.events.map((event) => event["detail-type"]).filter((one) => one.includes("Refresh"));
    deepStrictEqual(told, ["EC2 Auto Scaling Instance Refresh Started", "EC2 Auto Scaling Instance Refresh Succeeded"]);
  });
}

test("one refresh at a time", async (context) => {
  const rig = await start(context);
  await refresh(rig);
  await rejects(refresh(rig), { name: "InstanceRefreshInProgressFault" });
});

test("a refresh that is cancelled finishes what it began, and takes nobody else", async (context) => {
  const rig = await start(context);
  await rejects(rig.autoscaling.send(new CancelInstanceRefreshCommand(named)), {
    name: "ActiveInstanceRefreshNotFoundFault",
  });
  await refresh(rig, { InstanceWarmup: 0 });
  await rig.pass(3);
  await rig.autoscaling.send(new CancelInstanceRefreshCommand(named));
  strictEqual((await newest(rig))?.Status, "Cancelling");
  await answerHooks(rig);
  await rig.pass(20);
  strictEqual((await newest(rig))?.Status, "Cancelled");
  const versions = (await members(rig))
    .map(({ LaunchTemplate }) => Number(LaunchTemplate?.Version))
    .sort((a, b) => a - b);
  deepStrictEqual(versions, [1, 1, 1, 2]);
});

test("a suspended process pauses a refresh", async (context) => {
  const rig = await start(context);
  const paused = { ...named, ScalingProcesses: ["InstanceRefresh"] };
  await rig.autoscaling.send(new SuspendProcessesCommand(paused));
  await refresh(rig, { InstanceWarmup: 0 });
  await rig.pass(30);
  strictEqual(await inService(rig), 4);
  await rig.autoscaling.send(new ResumeProcessesCommand(paused));
  await rig.pass(4);
  strictEqual(await inService(rig), 3);
});

test("a protected instance is waited for", async (context) => {
  const rig = await start(context, 1);
  const [id = ""] = rig.cloud.instances().map((one) => one.id);
  const protection = { ...named, InstanceIds: [id] };
  await rig.autoscaling.send(new SetInstanceProtectionCommand({ ...protection, ProtectedFromScaleIn: true }));
  await refresh(rig, { InstanceWarmup: 0 });
  await rig.pass(60);
  strictEqual((await newest(rig))?.Status, "InProgress");
  strictEqual(rig.cloud.waiting().length, 0);
});

test("a replacement that cannot be launched is told as an activity, and the refresh fails in the end", async (context) => {
  const rig = await start(context);
  rig.cloud.images.withdraw("ami-0b");
  await refresh(rig, { InstanceWarmup: 0 });
  await rig.pass(10);
  await answerHooks(rig);
  await rig.pass(10);
  const { Activities = [] } = await rig.autoscaling.send(new DescribeScalingActivitiesCommand(named));
  const failed = Activities.find((one) => one.StatusCode === "Failed");
  strictEqual(failed?.StatusMessage, "The image id '[ami-0b]' does not exist. Launching EC2 instance failed.");
  strictEqual(await inService(rig), 3);
  await rig.pass(3700);
  const ended = await newest(rig);
  strictEqual(ended?.Status, "Failed");
  ok(ended?.StatusReason);
  rig.cloud.images.restore("ami-0b");
  await rig.pass(70);
  strictEqual(await inService(rig), 4);
});

test("percentages that lie too far apart are refused", async (context) => {
  const rig = await start(context);
  await rejects(refresh(rig, { MinHealthyPercentage: 50, MaxHealthyPercentage: 151 }), { name: "ValidationError" });
});
