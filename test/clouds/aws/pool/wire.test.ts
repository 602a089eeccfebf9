/** What only AWS itself can tell: that a wish reads back as it was sent, refusals, races, and things of others under our name. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsMachinePoolSpec } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { aPool, joinData, POOL } from "./objects.ts";
import { afterSaying, condition, converge, created, type PoolRig, startPoolRig } from "./rig.ts";

const ofKind = (kind: ProviderError["kind"]) => (error: unknown) =>
  error instanceof ProviderError && error.kind === kind;
const writes = (rig: PoolRig) => rig.aws.calls.map(({ what }) => what).filter((what) => !/^(Describe|Get)/.test(what));

const EVERYTHING: AwsMachinePoolSpec = {
  minSize: 0,
  maxSize: 5,
  availabilityZones: ["eu-west-1a", "eu-west-1b"],
  additionalTags: { team: "web", empty: "" },
  capacityRebalance: true,
  defaultCoolDown: "1m0s",
  defaultInstanceWarmup: "0s",
  suspendProcesses: { all: true, processes: { launch: false, terminate: false } },
  lifecycleHooks: [
    {
      name: "mine",
      lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      heartbeatTimeout: "48h",
      defaultResult: "CONTINUE",
      notificationMetadata: "x",
    },
  ],
  refreshPreferences: { minHealthyPercentage: 50, maxHealthyPercentage: 120, instanceWarmup: 10 },
  awsLaunchTemplate: {
    ami: { id: "ami-0a" },
    instanceType: "m7g.large",
    iamInstanceProfile: "nodes",
    sshKeyName: "mine",
    rootVolume: { size: 40, type: "gp3", throughput: 200, encrypted: true },
    nonRootVolumes: [{ deviceName: "/dev/sdb", size: 100, type: "io2", iops: 500, encryptionKey: "key" }],
    additionalSecurityGroups: [{ id: "sg-extra" }],
    instanceMetadataOptions: {
      httpEndpoint: "enabled",
      httpProtocolIpv6: "enabled",
      httpPutResponseHopLimit: 2,
      httpTokens: "required",
      instanceMetadataTags: "enabled",
    },
    enclaveOptions: { enabled: false },
    privateDnsName: { hostnameType: "resource-name", enableResourceNameDnsARecord: true },
    capacityReservationPreference: "None",
    marketType: "OnDemand",
  },
};
const MIXED: AwsMachinePoolSpec = {
  mixedInstancesPolicy: {
    instancesDistribution: {
      onDemandBaseCapacity: 1,
      onDemandPercentageAboveBaseCapacity: 50,
      spotAllocationStrategy: "capacity-optimized",
    },
    overrides: [{ instanceType: "m7g.large" }, { instanceType: "m6g.large" }],
  },
};
const loops: [string, AwsMachinePoolSpec][] = [
  ["every field there is", EVERYTHING],
  ["a mixed policy", MIXED],
  [
    "a mixed policy that leaves the distribution open",
    { mixedInstancesPolicy: { overrides: [{ instanceType: "m7g.large" }] } },
  ],
  ["Spot with an empty price", { awsLaunchTemplate: { spotMarketOptions: { maxPrice: "" } } }],
  ["a capacity block", { awsLaunchTemplate: { marketType: "CapacityBlock", capacityReservationId: "cr-1" } }],
  ["an enclave", { awsLaunchTemplate: { enclaveOptions: { enabled: true } } }],
];
for (const [name, spec] of loops) {
  test(`no endless updates: ${name} reads back as it was sent`, async (context) => {
    const rig = await startPoolRig(context);
    await created(rig, { spec, replicas: 2 });
    assert.deepEqual((await converge(rig, { spec, replicas: 2 })).did, []);
  });
}

test("every field can be changed in place, and then the pool is in step again", async (context) => {
  const rig = await startPoolRig(context);
  const before = await created(rig, { replicas: 2 });
  const pool = afterSaying(aPool(), before);
  const { did } = await converge(rig, { spec: EVERYTHING, replicas: 2, annotations: pool.metadata.annotations ?? {} });
  assert.deepEqual(did, [
    "CreateLaunchTemplateVersion",
    "StartInstanceRefresh",
    "PutLifecycleHook",
    "UpdateAutoScalingGroup",
    "SuspendProcesses",
    "TagGroup",
    "TagTemplate",
  ]);
});

test("a group of somebody else is refused and never touched, not even in deletion", async (context) => {
  const rig = await startPoolRig(context);
  await rig.cloud.handle("ec2", "CreateLaunchTemplate", { LaunchTemplateName: "theirs" });
  await rig.cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: POOL,
    MinSize: 1,
    MaxSize: 2,
    VPCZoneIdentifier: "subnet-a",
    LaunchTemplate: { LaunchTemplateName: "theirs" },
  });
  rig.clock.advance(10);
  const pass = await converge(rig);
  assert.deepEqual(pass.did, []);
  assert.equal(pass.sight.group, undefined);
  assert.equal(condition(pass, "ASGReady")?.reason, "ASGProvisionFailed");
  assert.match(condition(pass, "Ready")?.message ?? "", /has no tag .*cluster\/blue=owned.*rename the pool/);
  assert.deepEqual(pass.session.say(pass.sight, undefined).spec.providerIDList, []);
  const deleting = await rig.open({ deleting: true });
  assert.equal(deleting.nextRemoval(await deleting.observe()), undefined);
  assert.deepEqual(writes(rig), []);
});

test("a launch template of somebody else is refused as well", async (context) => {
  const rig = await startPoolRig(context);
  await rig.cloud.handle("ec2", "CreateLaunchTemplate", { LaunchTemplateName: POOL });
  const pass = await converge(rig);
  assert.deepEqual(pass.did, []);
  assert.equal(condition(pass, "LaunchTemplateReady")?.reason, "LaunchTemplateCreateFailed");
});

test("pools of one name in two namespaces do not take each other's group", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  rig.put("AWSCluster", { metadata: { name: "blue", namespace: "other" }, spec: { region: "eu-west-1" } });
  const other = await converge(rig, { namespace: "other" });
  assert.deepEqual(other.did, []);
  assert.match(condition(other, "ASGReady")?.message ?? "", /belongs to the AWSMachinePool team\/workers-a/);
});

test("AWS that does not answer is an error and no wish to make a second group", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  rig.aws.inject({ action: "DescribeAutoScalingGroups", code: "Throttling", times: 1 });
  await assert.rejects(converge(rig), ofKind("throttled"));
  rig.aws.inject({ action: "DescribeAutoScalingGroups", code: "AccessDenied", status: 403, times: 1 });
  await assert.rejects((await rig.open({ deleting: true })).observe(), ofKind("denied"));
});

test("a look-up that is not allowed is said, and the group is seen all the same", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  rig.aws.inject({ action: "DescribeSubnets", code: "UnauthorizedOperation", status: 403, times: 1 });
  const pass = await converge(rig, { spec: { subnets: [{ filters: [{ name: "tag:a", values: ["b"] }] }] } });
  assert.equal(pass.sight.group?.instances.length, 3);
  assert.match(condition(pass, "Ready")?.message ?? "", /allow ec2:DescribeSubnets/);
});

const lost = [
  "CreateLaunchTemplate",
  "CreateAutoScalingGroup",
  "CreateLaunchTemplateVersion",
  "StartInstanceRefresh",
  "PutLifecycleHook",
];
for (const action of lost) {
  test(`an answer to ${action} that is lost changes nothing but the time`, async (context) => {
    const rig = await startPoolRig(context);
    if (!action.endsWith("Template") && action !== "CreateAutoScalingGroup") await created(rig);
    const wish = {
      bootstrap: joinData(undefined, "gpu"),
      spec: { lifecycleHooks: [{ name: "mine", lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" as const }] },
    };
    rig.aws.inject({ action, drop: true, afterEffect: true, times: 1 });
    await assert.rejects(converge(rig, wish), ofKind("unavailable"));
    await converge(rig, wish);
    const made = rig.aws.calls.filter(({ what, code }) => what === action && code === 200).length;
    assert.ok(made <= 1, `${action} took effect again`);
    const { did } = await converge(rig, wish);
    assert.deepEqual(did, []);
  });
}

test("a change that somebody else made a moment before is success", async (context) => {
  const rig = await startPoolRig(context);
  const late = await rig.open();
  const first = late.nextChange(await late.observe());
  await converge(rig);
  if (first) await late.apply(first);
  const { session, sight } = await created(rig);
  const stale = await rig.open({ deleting: true });
  const seen = await stale.observe();
  await session.apply({
    do: "x",
    because: "x",
    detail: { do: "CancelInstanceRefresh", because: "x", input: { AutoScalingGroupName: POOL } },
  });
  assert.equal(session.nextChange(sight), undefined);
  assert.ok(seen.group);
});

test("a refresh that could not be started is started by the next look", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const wish = { bootstrap: joinData(undefined, "gpu") };
  rig.aws.inject({ action: "StartInstanceRefresh", code: "InternalFailure", status: 500, times: 1 });
  await assert.rejects(converge(rig, wish), ofKind("unavailable"));
  assert.deepEqual((await converge(rig, wish)).did, ["StartInstanceRefresh"]);
});

test("a refusal is said where it belongs, and is gone with its cause", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const wish = { bootstrap: joinData(undefined, "gpu") };
  const session = await rig.open(wish);
  const sight = await session.observe();
  const denied = new ProviderError("denied", "ec2:CreateLaunchTemplateVersion", "allow it", new Error("no"));
  const said = session.say(sight, denied).conditions.find(({ type }) => type === "LaunchTemplateReady");
  assert.deepEqual([said?.status, said?.severity, said?.reason], ["False", "Error", "LaunchTemplateCreateFailed"]);
  const passing = new ProviderError("throttled", "ec2:CreateLaunchTemplateVersion", "", new Error("slow"));
  assert.deepEqual(session.say(sight, passing), session.say(sight, undefined));
});

test("a size beyond the group's bounds is refused with what to change", async (context) => {
  const rig = await startPoolRig(context);
  const { session, sight } = await created(rig, { spec: { maxSize: 4 } });
  await assert.rejects(session.scale(sight, 5), /lie outside 1 to 4.*maxSize/);
  const before = rig.aws.calls.length;
  await session.scale(sight, 3);
  assert.equal(rig.aws.calls.length, before);
});

test("replicas outside the bounds: the group stays within them", async (context) => {
  const rig = await startPoolRig(context);
  const pass = await created(rig, { spec: { maxSize: 2 }, replicas: 7 });
  assert.equal(pass.sight.group?.desired, 2);
  assert.deepEqual([pass.sight.group?.minimum, pass.sight.group?.maximum], [1, 2]);
});

test("a size that somebody else owns is neither sent nor asked for", async (context) => {
  const rig = await startPoolRig(context);
  const { sight } = await created(rig, { managedBy: "autoscaler", replicas: 7 });
  assert.equal(sight.group?.desired, 1);
});

test("a hook that is declared no longer goes with its tag, a foreign one stays", async (context) => {
  const rig = await startPoolRig(context);
  const spec = {
    lifecycleHooks: [
      {
        name: "mine",
        lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" as const,
        heartbeatTimeout: "30s",
        defaultResult: "CONTINUE" as const,
      },
    ],
  };
  await converge(rig, { spec });
  rig.clock.advance(40);
  await rig.cloud.handle("autoscaling", "PutLifecycleHook", {
    AutoScalingGroupName: POOL,
    LifecycleHookName: "nth",
    LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  });
  assert.deepEqual((await converge(rig)).did, ["DeleteLifecycleHook", "UntagGroup"]);
  const left = rig.cloud.handle("autoscaling", "DescribeLifecycleHooks", { AutoScalingGroupName: POOL }) as {
    LifecycleHooks: { LifecycleHookName: string }[];
  };
  assert.deepEqual(left.LifecycleHooks.map((one) => one.LifecycleHookName).sort(), ["lifeguard-drain", "nth"]);
});

test("a pool that wants no drain hook gets none", async (context) => {
  const rig = await startPoolRig(context);
  const annotations = { "lifecycle.cluster.x-k8s.io/drain-hook": "false" };
  await created(rig, { annotations });
  const left = rig.cloud.handle("autoscaling", "DescribeLifecycleHooks", { AutoScalingGroupName: POOL });
  assert.deepEqual(left, { LifecycleHooks: [] });
});

test("changed tags reach group and template, taken-away ones leave both, and manual ones stay", async (context) => {
  const rig = await startPoolRig(context);
  const first = await created(rig, { spec: { additionalTags: { team: "web", old: "x" } } });
  const pool = afterSaying(aPool(), first);
  await rig.cloud.handle("autoscaling", "CreateOrUpdateTags", {
    Tags: [{ ResourceId: POOL, Key: "costs", Value: "42" }],
  });
  const wish = { spec: { additionalTags: { team: "api" } }, annotations: pool.metadata.annotations ?? {} };
  const { did, sight, session } = await converge(rig, wish);
  assert.deepEqual(did, [
    "CreateLaunchTemplateVersion",
    "StartInstanceRefresh",
    "TagGroup",
    "UntagGroup",
    "TagTemplate",
    "UntagTemplate",
  ]);
  const { annotations } = session.say(sight, undefined);
  assert.equal(annotations?.["sigs.k8s.io/cluster-api-provider-aws-last-applied-tags"], '{"team":"api"}');
  const shown = rig.cloud.handle("autoscaling", "DescribeTags", {}) as { Tags: { Key: string }[] };
  assert.ok(shown.Tags.some(({ Key }) => Key === "costs"));
  assert.ok(!shown.Tags.some(({ Key }) => Key === "old"));
});

test("only who must choose asks how old the instances are", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const asked = () => rig.aws.calls.filter(({ what }) => what === "DescribeInstances").length;
  assert.equal(asked(), 0);
  const { sight } = await converge(rig, { replicas: 2 });
  assert.equal(asked(), 1);
  assert.ok(sight.group?.instances.every(({ launchTime }) => launchTime?.startsWith("2026-11-20T08:00:0")));
});
