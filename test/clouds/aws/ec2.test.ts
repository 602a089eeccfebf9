/** The one EC2 call on the wire: the state of an instance, and who lives in a capacity reservation. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Ec2Api, ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import { startAwsRig } from "./rig.ts";

let rig: Awaited<ReturnType<typeof startAwsRig>>;
let ec2: Ec2Api;
before(async () => {
  rig = await startAwsRig();
  ec2 = ec2Api(async () => rig.ec2);
});
after(() => rig.close());

test("the state of an instance is told while EC2 knows it", async () => {
  await rig.addGroup("plain", {});
  const { instanceId } = await rig.launch("plain");
  assert.equal(await ec2.instanceState(instanceId), "running");
  rig.aws.cloud.terminateInstance(instanceId);
  assert.equal(await ec2.instanceState(instanceId), "shutting-down");
  rig.clock.advance(60);
  assert.equal(await ec2.instanceState(instanceId), "terminated");
  assert.equal(await ec2.instanceState("i-0ffffffffffffffff"), undefined);
});

test("the living instances of a reservation are found, over all pages", async () => {
  await rig.aws.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: "in-block",
    LaunchTemplateData: {
      ImageId: "ami-0a",
      InstanceType: "p5.48xlarge",
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-0a" } },
    },
  });
  await rig.addGroup("block", { template: "in-block" });
  const all = [];
  for (let count = 0; count < 3; count++) all.push((await rig.launch("block")).instanceId);
  const [first = "", ...rest] = all;
  rig.aws.cloud.terminateInstance(first);
  rig.aws.cloud.limitPages(1);
  const found = await ec2.instancesOfReservation("cr-0a");
  rig.aws.cloud.limitPages(100);
  assert.deepEqual(found.toSorted(), rest.toSorted());
  assert.deepEqual(await ec2.instancesOfReservation("cr-0b"), []);
});

test("a missing permission is denied, by the action's name", async () => {
  rig.aws.inject({ action: "DescribeInstances", code: "UnauthorizedOperation", status: 403, times: 1 });
  await assert.rejects(ec2.instanceState("i-0a"), /allow ec2:DescribeInstances in this function's role/);
});
