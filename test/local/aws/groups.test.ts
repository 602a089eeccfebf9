/** Auto Scaling groups through the SDK: size, balance, victims, replacement, deletion. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  DescribeTagsCommand,
  DetachInstancesCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateVersionCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { DRAIN, GROUP, inState, lifecycleStates, only, type Rig, startGroup, startRig } from "./rig.ts";

const describe = async (rig: Rig) => {
  const { AutoScalingGroups = [] } = await rig.autoscaling.send(new DescribeAutoScalingGroupsCommand({}));
  return AutoScalingGroups[0];
};
const resize = (rig: Rig, DesiredCapacity: number) =>
  rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity }));
const protect = (rig: Rig, InstanceIds: string[], ProtectedFromScaleIn: boolean) =>
  rig.autoscaling.send(
    new SetInstanceProtectionCommand({ AutoScalingGroupName: GROUP, InstanceIds, ProtectedFromScaleIn }),
  );
const zonesOf = (rig: Rig) => {
  const alive = rig.cloud.instances().filter(({ state }) => state === "running");
  return alive.map(({ zone }) => zone).toSorted((one, other) => one.localeCompare(other));
};

test("instances spread over the zones of the subnets, and a scale-in takes from the fullest", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 3 });
  deepStrictEqual(zonesOf(rig), ["eu-west-1a", "eu-west-1a", "eu-west-1b"]);
  await resize(rig, 2);
  await rig.pass(3);
  deepStrictEqual(zonesOf(rig), ["eu-west-1a", "eu-west-1b"]);
});

test("an instance is pending while it boots and in service afterwards", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 0 });
  await resize(rig, 1);
  const id = only(await inState(rig, "Pending"));
  await rig.pass(1);
  deepStrictEqual(await lifecycleStates(rig), { [id]: "Pending" });
  await rig.pass(1);
  deepStrictEqual(await lifecycleStates(rig), { [id]: "InService" });
});

test("within a zone the oldest template version goes first", async (context) => {
  const rig = await startRig(context);
  const LaunchTemplate = { LaunchTemplateName: "plain", Version: "$Latest" };
  await startGroup(rig, { DesiredCapacity: 1, VPCZoneIdentifier: "subnet-a", LaunchTemplate });
  const old = only(await inState(rig, "InService"));
  await rig.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateName: "plain",
      LaunchTemplateData: { InstanceType: "m8g.large" },
    }),
  );
  await resize(rig, 2);
  await rig.pass(3);
  await resize(rig, 1);
  await rig.pass(3);
  const left = only(await inState(rig, "InService"));
  strictEqual(left === old, false);
  strictEqual((await describe(rig))?.Instances?.[0]?.InstanceType, "m8g.large");
});

for (const { policy, wants } of [
  { policy: "OldestInstance", wants: 0 },
  { policy: "NewestInstance", wants: 1 },
]) {
  test(`the termination policy ${policy} takes what its name says`, async (context) => {
    const rig = await startRig(context);
    await startGroup(rig, { DesiredCapacity: 1, VPCZoneIdentifier: "subnet-a", TerminationPolicies: [policy] });
    await resize(rig, 2);
    await rig.pass(3);
    const [first, later] = rig.cloud.instances().map(({ id }) => id);
    await resize(rig, 1);
    deepStrictEqual(await inState(rig, "Terminating:Proceed"), [[first, later][wants]]);
  });
}

test("a protected instance stays until its protection is lifted", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { NewInstancesProtectedFromScaleIn: true });
  await resize(rig, 1);
  strictEqual((await inState(rig, "InService")).length, 2);
  const [one = ""] = await inState(rig, "InService");
  await protect(rig, [one], false);
  deepStrictEqual(await inState(rig, "Terminating:Proceed"), [one]);
});

test("an instance taken out without decrement is replaced at once, with decrement it is not", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { LifecycleHookSpecificationList: [DRAIN] });
  const [one, two] = await inState(rig, "InService");
  const takeOut = (InstanceId: string | undefined, ShouldDecrementDesiredCapacity: boolean) =>
    rig.autoscaling.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }),
    );
  const { Activity } = await takeOut(one, false);
  strictEqual(Activity?.StatusCode, "InProgress");
  strictEqual((await inState(rig, "Pending")).length, 1);
  await takeOut(two, true);
  strictEqual((await inState(rig, "Pending")).length, 1);
  strictEqual((await describe(rig))?.DesiredCapacity, 1);
  deepStrictEqual(new Set(await inState(rig, "Terminating:Wait")), new Set([one, two]));
});

test("a detached instance runs on and is replaced", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig);
  const [one = ""] = await inState(rig, "InService");
  const InstanceIds = [one];
  await rig.autoscaling.send(
    new DetachInstancesCommand({ AutoScalingGroupName: GROUP, InstanceIds, ShouldDecrementDesiredCapacity: false }),
  );
  await rig.pass(3);
  const states = await lifecycleStates(rig);
  deepStrictEqual([Object.keys(states).length, states[one]], [2, undefined]);
  strictEqual(rig.cloud.instances().find(({ id }) => id === one)?.state, "running");
});

test("EC2 TerminateInstances waits for no hook; the group notices, runs the hook on the dead and replaces it", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1, LifecycleHookSpecificationList: [DRAIN] });
  const id = only(await inState(rig, "InService"));
  await rig.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  await rig.pass(2);
  strictEqual(rig.cloud.instances()[0]?.state, "terminated");
  deepStrictEqual(await lifecycleStates(rig), { [id]: "InService" });
  await rig.pass(3);
  strictEqual((await lifecycleStates(rig))[id], "Terminating:Wait");
  strictEqual((await inState(rig, "Pending")).length, 1);
  await rig.pass(60);
  strictEqual((await lifecycleStates(rig))[id], undefined);
});

test("suspended processes neither launch nor terminate until they are resumed", async (context) => {
  const rig = await startRig(context);
  const processes = { AutoScalingGroupName: GROUP, ScalingProcesses: ["Launch", "Terminate"] };
  await startGroup(rig, { DesiredCapacity: 1 });
  await rig.autoscaling.send(new SuspendProcessesCommand(processes));
  for (const desired of [0, 2]) {
    await resize(rig, desired);
    deepStrictEqual(Object.values(await lifecycleStates(rig)), ["InService"]);
  }
  deepStrictEqual(
    (await describe(rig))?.SuspendedProcesses?.map(({ ProcessName }) => ProcessName),
    ["Launch", "Terminate"],
  );
  await rig.autoscaling.send(new ResumeProcessesCommand(processes));
  strictEqual((await inState(rig, "Pending")).length, 1);
});

test("new bounds pull the desired capacity with them", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig);
  const update = (bounds: { MinSize?: number; MaxSize?: number }) =>
    rig.autoscaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: GROUP, ...bounds }));
  await update({ MinSize: 3 });
  strictEqual((await describe(rig))?.DesiredCapacity, 3);
  await update({ MinSize: 0, MaxSize: 1 });
  strictEqual((await describe(rig))?.DesiredCapacity, 1);
  strictEqual((await describe(rig))?.VPCZoneIdentifier, "subnet-a,subnet-b");
});

test("a forced delete waits for no hook, shows itself as in progress, and ends with no group", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { LifecycleHookSpecificationList: [DRAIN] });
  await rig.autoscaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: GROUP, ForceDelete: true }));
  strictEqual((await describe(rig))?.Status, "Delete in progress");
  await rig.pass(3);
  deepStrictEqual([await describe(rig), await lifecycleStates(rig)], [undefined, {}]);
});

test("tags reach new instances when they should, and can be changed and found", async (context) => {
  const rig = await startRig(context);
  const owner = { Key: "sigs.k8s.io/cluster-api-provider-aws/cluster/c1", Value: "owned", PropagateAtLaunch: true };
  await startGroup(rig, {
    DesiredCapacity: 1,
    Tags: [owner, { Key: "note", Value: "here only", PropagateAtLaunch: false }],
  });
  const [instance] = rig.cloud.instances();
  deepStrictEqual(instance?.tags, { [owner.Key]: "owned", "aws:autoscaling:groupName": GROUP });
  const place = { ResourceId: GROUP, ResourceType: "auto-scaling-group" };
  await rig.autoscaling.send(
    new CreateOrUpdateTagsCommand({ Tags: [{ ...place, Key: "note", Value: "new", PropagateAtLaunch: false }] }),
  );
  const Filters = [{ Name: "key", Values: ["note"] }];
  const { Tags } = await rig.autoscaling.send(new DescribeTagsCommand({ Filters }));
  deepStrictEqual(Tags, [{ ...place, Key: "note", Value: "new", PropagateAtLaunch: false }]);
});

test("activities tell, newest first, what happened and how far it is", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1, LifecycleHookSpecificationList: [DRAIN] });
  await resize(rig, 0);
  const { Activities = [] } = await rig.autoscaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName: GROUP }),
  );
  deepStrictEqual(
    Activities.map(({ StatusCode, Description }) => `${StatusCode}: ${Description?.replace(/i-.*/, "i-")}`),
    ["MidLifecycleAction: Terminating EC2 instance: i-", "Successful: Launching a new EC2 instance: i-"],
  );
});

test("a dead instance is left alone while health checks are suspended", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1 });
  await rig.autoscaling.send(
    new SuspendProcessesCommand({ AutoScalingGroupName: GROUP, ScalingProcesses: ["ReplaceUnhealthy"] }),
  );
  const id = only(await inState(rig, "InService"));
  rig.cloud.terminateInstance(id);
  await rig.pass(20);
  deepStrictEqual(await lifecycleStates(rig), { [id]: "InService" });
});
