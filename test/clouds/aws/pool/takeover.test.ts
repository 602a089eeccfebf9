/** A pool that upstream made is taken over without a new version and without replacing anybody. */
import assert from "node:assert/strict";
import test from "node:test";
import { joinData, POOL } from "./objects.ts";
import { converge, startPoolRig } from "./rig.ts";

/** As CAPA makes them (pkg/cloud/services/ec2/launchtemplate.go, pkg/cloud/services/autoscaling/autoscalinggroup.go). */
const owned = [
  { Key: "Name", Value: POOL },
  { Key: "kubernetes.io/cluster/blue", Value: "owned" },
  { Key: "sigs.k8s.io/cluster-api-provider-aws/cluster/blue", Value: "owned" },
  { Key: "sigs.k8s.io/cluster-api-provider-aws/role", Value: "node" },
];
const bootstrap = [
  { Key: "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-hash", Value: "of-an-earlier-token" },
  { Key: "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-secret", Value: "team/workers-a-bootstrap" },
];

test("a pool taken over from upstream: hooks and tags are added, nobody is replaced", async (context) => {
  const rig = await startPoolRig(context);
  const UserData = Buffer.from(joinData("zyxwvu.0123456789abcdef").value).toString("base64");
  await rig.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: POOL,
    TagSpecifications: [{ ResourceType: "launch-template", Tags: owned }],
    LaunchTemplateData: {
      ImageId: "ami-0a",
      UserData,
      SecurityGroupIds: ["sg-node", "sg-lb"],
      TagSpecifications: [
        { ResourceType: "instance", Tags: [...owned, ...bootstrap] },
        { ResourceType: "volume", Tags: owned },
      ],
    },
  });
  await rig.cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: POOL,
    MinSize: 1,
    MaxSize: 10,
    DesiredCapacity: 3,
    VPCZoneIdentifier: "subnet-b, subnet-a",
    DefaultCooldown: 300,
    DefaultInstanceWarmup: 300,
    LaunchTemplate: { LaunchTemplateName: POOL, Version: "$Latest" },
    Tags: owned,
  });
  rig.clock.advance(10);
  const before = rig.cloud.instances().map(({ id }) => id);
  const { did, sight } = await converge(rig);
  assert.deepEqual(did, ["CreateLaunchTemplateVersion", "PutLifecycleHook", "TagGroup", "TagTemplate"]);
  rig.clock.advance(600);
  assert.deepEqual(
    rig.cloud.instances().map(({ id }) => id),
    before,
  );
  assert.ok(sight.group?.instances.every(({ upToDate }) => upToDate));
});
