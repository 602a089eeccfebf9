/** A drained instance is taken out of its group: for good or to be replaced, and never below the group's minimum. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DescribeAutoScalingGroupsCommand, UpdateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { autoScalingApi } from "../../../lib/providers/aws/auto-scaling-api.ts";
import { terminate } from "../../../lib/providers/aws/terminate-instance.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import { blueTags, GROUP, startAwsRig } from "./rig.ts";

let rig: Awaited<ReturnType<typeof startAwsRig>>;
before(async () => {
  rig = await startAwsRig();
  await rig.addGroup(GROUP, { Tags: blueTags(GROUP), hooks: ["lifeguard-drain"] });
});
after(() => rig.close());

const desired = async () =>
  (await rig.autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [GROUP] })))
    .AutoScalingGroups?.[0]?.DesiredCapacity;
const setMinimum = (MinSize: number) =>
  rig.autoScaling.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: GROUP, MinSize }));
const lifecycleOf = (id: string) => rig.aws.cloud.instances().find((one) => one.id === id)?.member?.lifecycleState;
const refusesOne = async (wanted: Promise<void>, message: RegExp) =>
  assert.rejects(wanted, (error) => {
    assert.ok(error instanceof ProviderError);
    assert.equal(error.kind, "invalid");
    assert.match(error.message, message);
    return true;
  });

test("with decrement the group wants one less, and the hook holds the instance", async () => {
  const { instanceId } = await rig.launch();
  const size = (await desired()) ?? 0;
  await terminate(autoScalingApi(rig.autoScaling), instanceId, true);
  assert.equal(await desired(), size - 1);
  assert.equal(lifecycleOf(instanceId), "Terminating:Wait");
});

test("a second wish takes nothing more", async () => {
  const { instanceId } = await rig.launch();
  const api = autoScalingApi(rig.autoScaling);
  const size = (await desired()) ?? 0;
  await terminate(api, instanceId, true);
  await terminate(api, instanceId, true);
  assert.equal(await desired(), size - 1);
});

test("without decrement another takes its place", async () => {
  const { instanceId } = await rig.launch();
  const size = await desired();
  await terminate(autoScalingApi(rig.autoScaling), instanceId, false);
  assert.equal(await desired(), size);
});

test("an instance of no group is gone already", () =>
  terminate(autoScalingApi(rig.autoScaling), "i-0123456789abcdef0", true));

test("below the minimum it is refused, with what to change, and nothing happens", async () => {
  const { instanceId } = await rig.launch();
  await setMinimum((await desired()) ?? 0);
  await refusesOne(terminate(autoScalingApi(rig.autoScaling), instanceId, true), /lower minSize of group workers-a/);
  assert.equal(lifecycleOf(instanceId), "InService");
  await setMinimum(0);
});

test("an instance that left between the look and the call is gone too", async () => {
  const { instanceId } = await rig.launch();
  rig.aws.inject({
    action: "TerminateInstanceInAutoScalingGroup",
    code: "ValidationError",
    message: `Instance Id not found - No managed instance found for instance ID ${instanceId}`,
    times: 1,
  });
  await terminate(autoScalingApi(rig.autoScaling), instanceId, true);
});
