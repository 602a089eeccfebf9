/** Images, subnets, security groups, instance types, EKS's parameters and roles, as the SDKs see them. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
} from "@aws-sdk/client-ec2";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { only, startGroup, startRig } from "./rig.ts";

const filter = (Name: string, ...Values: string[]) => ({ Name, Values });

test("images by owner, name and architecture", async (context) => {
  const rig = await startRig(context);
  const Filters = [
    filter("owner-id", "819546954734"),
    filter("name", "capa-ami-ubuntu-24.04-?1.34.0-*"),
    filter("architecture", "arm64"),
    filter("state", "available"),
    filter("virtualization-type", "hvm"),
  ];
  const { Images = [] } = await rig.ec2.send(new DescribeImagesCommand({ Filters }));
  const found = only(Images);
  strictEqual(found.Name, "capa-ami-ubuntu-24.04-v1.34.0-arm64");
  strictEqual(found.RootDeviceName, "/dev/sda1");
  strictEqual(found.BlockDeviceMappings?.[0]?.Ebs?.VolumeSize, 8);
  strictEqual(found.CreationDate, "2026-11-20T08:00:00.000Z");
});

test("an image by id; a withdrawn one and a malformed id are not found", async (context) => {
  const rig = await startRig(context);
  const ask = (id: string) => rig.ec2.send(new DescribeImagesCommand({ ImageIds: [id] }));
  strictEqual((await ask("ami-0a")).Images?.[0]?.RootDeviceName, "/dev/xvda");
  rig.cloud.images.withdraw("ami-0a");
  await rejects(ask("ami-0a"), { name: "InvalidAMIID.NotFound" });
  await rejects(ask("ami-xyz"), { name: "InvalidAMIID.NotFound" });
});

test("subnets and security groups by tag, by id and by field", async (context) => {
  const rig = await startRig(context);
  const Tags = [{ Key: "role", Value: "workers" }];
  await rig.ec2.send(new CreateTagsCommand({ Resources: ["subnet-b", "sg-extra"], Tags }));
  const byTag = { Filters: [filter("tag:role", "work*")] };
  const { Subnets = [] } = await rig.ec2.send(new DescribeSubnetsCommand(byTag));
  deepStrictEqual([only(Subnets).SubnetId, only(Subnets).AvailabilityZone], ["subnet-b", "eu-west-1b"]);
  const { SecurityGroups = [] } = await rig.ec2.send(new DescribeSecurityGroupsCommand(byTag));
  deepStrictEqual([only(SecurityGroups).GroupId, only(SecurityGroups).GroupName], ["sg-extra", "extra"]);
  await rejects(rig.ec2.send(new DescribeSubnetsCommand({ SubnetIds: ["subnet-x"] })), {
    name: "InvalidSubnetID.NotFound",
  });
  await rejects(rig.ec2.send(new DescribeSubnetsCommand({ Filters: [filter("odd", "x")] })), {
    name: "InvalidParameterValue",
  });
});

test("tags of an instance", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig, { DesiredCapacity: 1 });
  const { id } = only(rig.cloud.instances());
  await rig.ec2.send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "a", Value: "1" }] }));
  const { Reservations = [] } = await rig.ec2.send(new DescribeInstancesCommand({ Filters: [filter("tag:a", "1")] }));
  strictEqual(only(Reservations).Instances?.[0]?.InstanceId, id);
});

for (const [type, want] of [
  ["m7g.large", "arm64"],
  ["c7gn.xlarge", "arm64"],
  ["m7i.large", "x86_64"],
  ["g5.xlarge", "x86_64"],
] as const) {
  test(`${type} is ${want}`, async (context) => {
    const rig = await startRig(context);
    const { InstanceTypes = [] } = await rig.ec2.send(new DescribeInstanceTypesCommand({ InstanceTypes: [type] }));
    deepStrictEqual(only(InstanceTypes).ProcessorInfo?.SupportedArchitectures, [want]);
  });
}

test("EKS publishes Amazon Linux 2 up to 1.32 and Amazon Linux 2023 beyond", async (context) => {
  const rig = await startRig(context);
  const ask = (version: string, family: string) =>
    rig.ssm.send(
      new GetParameterCommand({ Name: `/aws/service/eks/optimized-ami/${version}/${family}/recommended/image_id` }),
    );
  strictEqual((await ask("1.32", "amazon-linux-2")).Parameter?.Value, "ami-a20132");
  strictEqual((await ask("1.34", "amazon-linux-2023/arm64/standard")).Parameter?.Value, "ami-a231134");
  await rejects(ask("1.33", "amazon-linux-2"), { name: "ParameterNotFound" });
});

const ROLE = "arn:aws:iam::123456789012:role/pools";
test("a role gives keys to who knows its external id", async (context) => {
  const rig = await startRig(context);
  const sts = new STSClient(rig.options);
  context.after(() => sts.destroy());
  const assume = (ExternalId?: string) =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: ROLE,
        RoleSessionName: "x",
        DurationSeconds: 900,
        ...(ExternalId && { ExternalId }),
      }),
    );
  await rejects(assume(), { name: "AccessDenied" });
  rig.cloud.roles.trust({ arn: ROLE, externalId: "42" });
  await rejects(assume("41"), { name: "AccessDenied" });
  const { Credentials } = await assume("42");
  strictEqual(rig.cloud.roles.roleOf(Credentials?.AccessKeyId ?? ""), ROLE);
  strictEqual(Credentials?.Expiration?.toISOString(), "2026-11-20T08:15:00.000Z");
});
