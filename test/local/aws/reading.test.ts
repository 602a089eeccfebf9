/** Describe calls: tiny pages, filters, and a view that lags behind. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  DescribeAutoScalingGroupsCommand,
  paginateDescribeAutoScalingGroups,
  paginateDescribeAutoScalingInstances,
  paginateDescribeScalingActivities,
  paginateDescribeTags,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  type Filter,
  paginateDescribeInstances,
} from "@aws-sdk/client-ec2";
import { GROUP, inState, lifecycleStates, type Rig, startGroup, startRig } from "./rig.ts";

async function pages<Page>(
  all: AsyncIterable<Page>,
  items: (page: Page) => readonly unknown[] | undefined,
): Promise<number[]> {
  const sizes: number[] = [];
  for await (const page of all) sizes.push(items(page)?.length ?? 0);
  return sizes;
}

test("every list comes in pages, however small", async (context) => {
  const rig = await startRig(context);
  const Tags = ["one", "two", "three"].map((Key) => ({ Key, Value: "x", PropagateAtLaunch: false }));
  await startGroup(rig, { DesiredCapacity: 5, Tags });
  await startGroup(rig, { AutoScalingGroupName: "workers-b", DesiredCapacity: 0 });
  rig.cloud.limitPages(2);
  const { autoscaling: client } = rig;
  deepStrictEqual(
    await pages(paginateDescribeAutoScalingInstances({ client }, {}), (page) => page.AutoScalingInstances),
    [2, 2, 1],
  );
  deepStrictEqual(await pages(paginateDescribeScalingActivities({ client }, {}), (page) => page.Activities), [2, 2, 1]);
  deepStrictEqual(await pages(paginateDescribeTags({ client }, {}), (page) => page.Tags), [2, 1]);
  deepStrictEqual(
    await pages(paginateDescribeInstances({ client: rig.ec2 }, {}), (page) => page.Reservations),
    [2, 2, 1],
  );
  rig.cloud.limitPages(1);
  deepStrictEqual(
    await pages(paginateDescribeAutoScalingGroups({ client }, {}), (page) => page.AutoScalingGroups),
    [1, 1],
  );
});

test("a token that was never given is refused", async (context) => {
  const rig = await startRig(context);
  await rejects(rig.autoscaling.send(new DescribeAutoScalingGroupsCommand({ NextToken: "nonsense" })), {
    name: "InvalidNextToken",
  });
});

test("groups are found by name and by tag, unknown ones are left out", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 0, Tags: [{ Key: "cluster", Value: "c1" }] });
  await startGroup(rig, { AutoScalingGroupName: "workers-b", DesiredCapacity: 0 });
  const find = async (input: DescribeAutoScalingGroupsCommand["input"]) => {
    const { AutoScalingGroups = [] } = await rig.autoscaling.send(new DescribeAutoScalingGroupsCommand(input));
    return AutoScalingGroups.map(({ AutoScalingGroupName }) => AutoScalingGroupName);
  };
  deepStrictEqual(await find({ AutoScalingGroupNames: ["workers-b", "nope"] }), ["workers-b"]);
  deepStrictEqual(await find({ Filters: [{ Name: "tag:cluster", Values: ["c1"] }] }), [GROUP]);
  deepStrictEqual(await find({ Filters: [{ Name: "tag-key", Values: ["other"] }] }), []);
});

const described = async (rig: Rig, Filters: Filter[]) => {
  const { Reservations = [] } = await rig.ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
};

test("instances are found by id, tag, capacity reservation and state", async (context) => {
  const rig = await startRig(context);
  const CapacityReservationId = "cr-0f60718293a4b5c6d";
  const reserved = { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId } } };
  await rig.ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "block", LaunchTemplateData: reserved }));
  await startGroup(rig, { DesiredCapacity: 1 });
  const [plain] = await inState(rig, "InService");
  await startGroup(rig, {
    AutoScalingGroupName: "workers-b",
    DesiredCapacity: 1,
    LaunchTemplate: { LaunchTemplateName: "block" },
    Tags: [{ Key: "team", Value: "ml", PropagateAtLaunch: true }],
  });
  const block = (await inState(rig, "InService")).find((id) => id !== plain);
  deepStrictEqual(await described(rig, [{ Name: "instance-id", Values: [plain ?? ""] }]), [plain]);
  deepStrictEqual(await described(rig, [{ Name: "tag:team", Values: ["m*"] }]), [block]);
  deepStrictEqual(await described(rig, [{ Name: "capacity-reservation-id", Values: [CapacityReservationId] }]), [
    block,
  ]);
  deepStrictEqual(await described(rig, [{ Name: "instance-state-name", Values: ["running"] }]), [plain, block]);
  await rejects(described(rig, [{ Name: "colour", Values: ["red"] }]), { name: "InvalidParameterValue" });
});

test("with a lag the world looks as it was a while ago, writes count at once", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1 });
  const [first] = await inState(rig, "InService");
  await rig.pass(20);
  rig.cloud.lagDescribes(10);
  await rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 2 }));
  const second = rig.cloud.instances().find(({ id }) => id !== first)?.id ?? "";
  const seen = new DescribeInstancesCommand({ InstanceIds: [second] });
  await rejects(rig.ec2.send(seen), { name: "InvalidInstanceID.NotFound" });
  deepStrictEqual(Object.keys(await lifecycleStates(rig)), [first]);
  await rig.pass(10);
  strictEqual((await lifecycleStates(rig))[second], "Pending");
  strictEqual((await rig.ec2.send(seen)).Reservations?.[0]?.Instances?.[0]?.State?.Name, "pending");
  await rig.pass(2);
  strictEqual((await lifecycleStates(rig))[second], "InService");
});
