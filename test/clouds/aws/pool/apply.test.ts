/** One change is one call; what is so already, or gone already, is success, and every other refusal has its kind. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsChange } from "../../../../lib/providers/aws/pool/changes.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { POOL } from "./objects.ts";
import { created, type PoolRig, startPoolRig } from "./rig.ts";

const named = { AutoScalingGroupName: POOL };
const change = (one: Omit<AwsChange, "because">): AwsChange => ({ ...one, because: "Test" }) as AwsChange;
const apply = async (rig: PoolRig, one: AwsChange) => {
  const session = await rig.open();
  await session.apply({ do: one.do, because: one.because, detail: one });
};

const already: { name: string; change: AwsChange }[] = [
  {
    name: "a group that is there",
    change: change({
      do: "CreateAutoScalingGroup",
      input: {
        ...named,
        MinSize: 0,
        MaxSize: 1,
        VPCZoneIdentifier: "subnet-a",
        LaunchTemplate: { LaunchTemplateName: POOL },
      },
    }),
  },
  {
    name: "a template that is there",
    change: change({ do: "CreateLaunchTemplate", input: { LaunchTemplateName: POOL, LaunchTemplateData: {} } }),
  },
  { name: "no refresh to cancel", change: change({ do: "CancelInstanceRefresh", input: named }) },
  {
    name: "a group that is gone",
    change: change({ do: "DeleteAutoScalingGroup", input: { AutoScalingGroupName: "gone" } }),
  },
  {
    name: "a template that is gone",
    change: change({ do: "DeleteLaunchTemplate", input: { LaunchTemplateId: "lt-0" } }),
  },
];
for (const { name, change: one } of already) {
  test(`already so: ${name}`, async (context) => {
    const rig = await startPoolRig(context);
    await created(rig);
    await apply(rig, one);
  });
}

test("a group that still has instances is not deleted, and asked again", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const one = change({ do: "DeleteAutoScalingGroup", input: { ...named, ForceDelete: false } });
  await assert.rejects(apply(rig, one), (error) => error instanceof ProviderError && error.kind === "conflict");
});

test("a version that could not be deleted is an error", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  rig.aws.inject({ action: "DeleteLaunchTemplateVersions", code: "UnauthorizedOperation", status: 403, times: 1 });
  const one = change({ do: "DeleteLaunchTemplateVersions", input: { LaunchTemplateName: POOL, Versions: ["2"] } });
  await assert.rejects(apply(rig, one), /allow ec2:DeleteLaunchTemplateVersions in this function's role/);
});

test("a template that Auto Scaling does not know yet is tried again; a wrong image is a person's business", async (context) => {
  const rig = await startPoolRig(context);
  const group = (LaunchTemplateName: string) =>
    change({
      do: "CreateAutoScalingGroup",
      input: {
        AutoScalingGroupName: "new",
        MinSize: 0,
        MaxSize: 1,
        VPCZoneIdentifier: "subnet-a",
        LaunchTemplate: { LaunchTemplateName, Version: "$Latest" },
      },
    });
  await assert.rejects(
    apply(rig, group("early")),
    (error) => error instanceof ProviderError && error.kind === "conflict",
  );
  rig.cloud.images.withdraw("ami-0bad");
  await rig.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: "bad",
    LaunchTemplateData: { ImageId: "ami-0bad" },
  });
  await assert.rejects(apply(rig, group("bad")), (error) => error instanceof ProviderError && error.kind === "invalid");
});

test("a maximum that was to come down stays where somebody made the group larger meanwhile", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const session = await rig.open({ spec: { maxSize: 3 } });
  const lower = session.nextChange(await session.observe());
  assert.ok(lower?.do === "UpdateAutoScalingGroup");
  await rig.cloud.handle("autoscaling", "SetDesiredCapacity", { ...named, DesiredCapacity: 4 });
  await assert.rejects(
    session.apply(lower),
    (error) => error instanceof ProviderError && error.kind === "conflict" && /4 instances by now/.test(error.message),
  );
  assert.deepEqual(rig.cloud.waiting(), []);
});
