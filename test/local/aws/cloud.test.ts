/** The core without sockets: the same operations, in the SDK's shapes, for whoever runs it in process. */
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import test from "node:test";
import { createAwsCloud } from "../../../infra/local/aws/cloud.ts";
import { jumpClock } from "./jump-clock.ts";

const start = (seed?: string) => {
  const clock = jumpClock(new Date("2026-11-20T08:00:00Z"));
  const cloud = createAwsCloud({ clock, region: "us-east-1", accountId: "210987654321", ...(seed ? { seed } : {}) });
  void cloud.handle("ec2", "CreateLaunchTemplate", { LaunchTemplateName: "plain" });
  void cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: "g",
    MinSize: 0,
    MaxSize: 2,
    DesiredCapacity: 1,
    VPCZoneIdentifier: "subnet-a",
    LaunchTemplate: { LaunchTemplateName: "plain" },
  });
  return { clock, cloud };
};

test("parameters and answers have the shape of the SDK's commands", async () => {
  const { clock, cloud } = start();
  await clock.run({ maxSeconds: 60 });
  const [instance] = cloud.instances();
  strictEqual(instance?.privateDnsName, "ip-10-0-1-4.ec2.internal");
  const { AutoScalingInstances } = await cloud.handle("autoscaling", "DescribeAutoScalingInstances", {
    InstanceIds: [instance.id],
  });
  deepStrictEqual(AutoScalingInstances, [
    {
      InstanceId: instance.id,
      InstanceType: "m7g.large",
      AvailabilityZone: "us-east-1a",
      LifecycleState: "InService",
      HealthStatus: "HEALTHY",
      LaunchTemplate: instance.member?.template,
      ProtectedFromScaleIn: false,
      ImageId: "ami-0123456789abcdef0",
      AutoScalingGroupName: "g",
    },
  ]);
});

test("the same seed gives the same ids, another seed others", () => {
  const id = (seed?: string) => start(seed).cloud.instances()[0]?.id;
  strictEqual(id("one"), id("one"));
  strictEqual(id("one") === id("two"), false);
});

test("an operation that is not built says so", () => {
  throws(() => start().cloud.handle("autoscaling", "AttachLoadBalancers", {}), {
    name: "AwsError",
    code: "InvalidAction",
  });
});
