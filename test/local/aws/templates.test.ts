/** Launch templates through the SDK: versions, tokens, tags, and what a group makes of a template that is not right. */
import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { CreateAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  CreateTagsCommand,
  DeleteLaunchTemplateCommand,
  DeleteLaunchTemplateVersionsCommand,
  DeleteTagsCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { type Rig, startRig } from "./rig.ts";

const named = { LaunchTemplateName: "workers" };
const create = (rig: Rig, data: RequestLaunchTemplateData = {}) =>
  rig.ec2.send(new CreateLaunchTemplateCommand({ ...named, LaunchTemplateData: data }));
const add = (rig: Rig, ImageId: string, ClientToken?: string) =>
  rig.ec2.send(
    new CreateLaunchTemplateVersionCommand({
      ...named,
      LaunchTemplateData: { ImageId },
      VersionDescription: `image ${ImageId}`,
      ...(ClientToken && { ClientToken }),
    }),
  );
const versions = async (rig: Rig, Versions?: string[]) =>
  (await rig.ec2.send(new DescribeLaunchTemplateVersionsCommand({ ...named, ...(Versions && { Versions }) })))
    .LaunchTemplateVersions ?? [];

test("a version reads back as it was sent", async (context) => {
  const rig = await startRig(context);
  const data: RequestLaunchTemplateData = {
    ImageId: "ami-0a",
    InstanceType: "m7g.large",
    KeyName: "mine",
    UserData: Buffer.from("hello").toString("base64"),
    IamInstanceProfile: { Name: "nodes" },
    SecurityGroupIds: ["sg-b", "sg-a"],
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2, HttpProtocolIpv6: "enabled" },
    EnclaveOptions: { Enabled: true },
    PrivateDnsNameOptions: { HostnameType: "ip-name", EnableResourceNameDnsAAAARecord: true },
    InstanceMarketOptions: { MarketType: "spot", SpotOptions: { MaxPrice: "0.1" } },
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    BlockDeviceMappings: [
      { DeviceName: "/dev/sda1", Ebs: { VolumeSize: 20, Encrypted: true, DeleteOnTermination: true } },
    ],
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "1" }] }],
  };
  await create(rig, data);
  const [found] = await versions(rig, ["$Latest"]);
  deepStrictEqual({ ...found?.LaunchTemplateData }, data);
  deepStrictEqual([found?.VersionNumber, found?.DefaultVersion], [1, true]);
});

test("versions count up, $Latest and $Default name them, and a number is never used twice", async (context) => {
  const rig = await startRig(context);
  await create(rig);
  await add(rig, "ami-2");
  await add(rig, "ami-3");
  strictEqual((await versions(rig, ["$Latest"]))[0]?.VersionNumber, 3);
  strictEqual((await versions(rig, ["$Default"]))[0]?.VersionNumber, 1);
  strictEqual((await versions(rig, ["2"]))[0]?.VersionDescription, "image ami-2");
  await rig.ec2.send(new DeleteLaunchTemplateVersionsCommand({ ...named, Versions: ["3"] }));
  await add(rig, "ami-4");
  deepStrictEqual(
    (await versions(rig)).map(({ VersionNumber = 0 }) => VersionNumber).sort((a, b) => a - b),
    [1, 2, 4],
  );
});

test("versions come in pages", async (context) => {
  const rig = await startRig(context);
  await create(rig);
  await add(rig, "ami-2");
  const first = await rig.ec2.send(new DescribeLaunchTemplateVersionsCommand({ ...named, MaxResults: 1 }));
  const second = await rig.ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ ...named, MaxResults: 1, NextToken: first.NextToken }),
  );
  strictEqual(second.NextToken, undefined);
  strictEqual((first.LaunchTemplateVersions?.length ?? 0) + (second.LaunchTemplateVersions?.length ?? 0), 2);
});

test("the same token makes no second version", async (context) => {
  const rig = await startRig(context);
  await create(rig);
  await add(rig, "ami-2", "token");
  await add(rig, "ami-2", "token");
  strictEqual((await versions(rig)).length, 2);
});

test("the default version and an unknown one cannot be deleted, and the others are all the same", async (context) => {
  const rig = await startRig(context);
  await create(rig);
  await add(rig, "ami-2");
  await add(rig, "ami-3");
  const answer = await rig.ec2.send(new DeleteLaunchTemplateVersionsCommand({ ...named, Versions: ["1", "2", "9"] }));
  deepStrictEqual(
    answer.SuccessfullyDeletedLaunchTemplateVersions?.map((one) => one.VersionNumber),
    [2],
  );
  deepStrictEqual(
    answer.UnsuccessfullyDeletedLaunchTemplateVersions?.map((one) => one.VersionNumber),
    [1, 9],
  );
});

test("a template has tags of its own, which CreateTags and DeleteTags change", async (context) => {
  const rig = await startRig(context);
  const TagSpecifications = [{ ResourceType: "launch-template" as const, Tags: [{ Key: "a", Value: "1" }] }];
  const made = await rig.ec2.send(
    new CreateLaunchTemplateCommand({ ...named, LaunchTemplateData: {}, TagSpecifications }),
  );
  const Resources = [made.LaunchTemplate?.LaunchTemplateId ?? ""];
  await rig.ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: "b", Value: "2" }] }));
  await rig.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: "a" }] }));
  const shown = await rig.ec2.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ["workers"] }));
  deepStrictEqual(shown.LaunchTemplates?.[0]?.Tags, [{ Key: "b", Value: "2" }]);
});

test("unknown templates, by name and by id", async (context) => {
  const rig = await startRig(context);
  await rejects(versions(rig), { name: "InvalidLaunchTemplateName.NotFoundException" });
  const byId = new DeleteLaunchTemplateCommand({ LaunchTemplateId: "lt-0" });
  await rejects(rig.ec2.send(byId), { name: "InvalidLaunchTemplateId.NotFound" });
  await create(rig);
  await rig.ec2.send(new DeleteLaunchTemplateCommand(named));
  await rejects(versions(rig), { name: "InvalidLaunchTemplateName.NotFoundException" });
});

test("user data above 16 KB is refused", async (context) => {
  const rig = await startRig(context);
  const UserData = Buffer.alloc(16_385).toString("base64");
  await rejects(create(rig, { UserData }), { name: "InvalidUserData.Malformed" });
});

test("a group is not made from an image that does not exist", async (context) => {
  const rig = await startRig(context);
  rig.cloud.images.withdraw("ami-0bad");
  await create(rig, { ImageId: "ami-0bad" });
  const group = { AutoScalingGroupName: "g", MinSize: 0, MaxSize: 1, VPCZoneIdentifier: "subnet-a" };
  const command = new CreateAutoScalingGroupCommand({ ...group, LaunchTemplate: { ...named, Version: "$Latest" } });
  await rejects(rig.autoscaling.send(command), (error: Error) => {
    ok(error.message.includes("The image id '[ami-0bad]' does not exist"));
    return error.name === "ValidationError";
  });
});
