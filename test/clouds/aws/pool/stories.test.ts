/** A pool's life through the official SDKs: made, settled, scaled, rolled, deleted. */
import assert from "node:assert/strict";
import test from "node:test";
import { instanceIdOf } from "../../../../lib/providers/aws/provider-id.ts";
import { aPool, joinData, POOL } from "./objects.ts";
import { afterSaying, condition, converge, created, drainFor, type Pass, startPoolRig } from "./rig.ts";

const idsOf = ({ sight }: Pass) => sight.group?.instances.map(({ instanceId }) => instanceId) ?? [];

test("a pool is a template, then a group with its hooks, and then nothing", async (context) => {
  const rig = await startPoolRig(context);
  const first = await converge(rig);
  assert.deepEqual(first.did, ["CreateLaunchTemplate", "CreateAutoScalingGroup"]);
  rig.clock.advance(10);
  const settled = await converge(rig);
  assert.deepEqual(settled.did, []);
  assert.equal(idsOf(settled).length, 3);
  assert.equal(condition(settled, "Ready")?.status, "True");
  const said = settled.session.say(settled.sight, undefined);
  assert.deepEqual(said.spec.providerIDList, [...(said.spec.providerIDList as string[])].sort());
  assert.equal(said.status.ready, true);
  assert.equal(said.status.replicas, 3);
  assert.equal(said.status.launchTemplateVersion, "1");
  assert.deepEqual(
    (said.status.instances as { version?: string }[]).map(({ version }) => version),
    ["v1.34.0", "v1.34.0", "v1.34.0"],
  );
});

test("a settled pool is looked at without a write, in a handful of calls", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const before = rig.aws.calls.length;
  await converge(rig);
  const calls = rig.aws.calls
    .slice(before)
    .map(({ what }) => what)
    .sort();
  assert.deepEqual(calls, [
    "DescribeAutoScalingGroups",
    "DescribeInstanceRefreshes",
    "DescribeLaunchTemplateVersions",
    "DescribeLaunchTemplates",
    "DescribeLifecycleHooks",
  ]);
});

test("additional tags of a new pool roll nothing afterwards", async (context) => {
  const rig = await startPoolRig(context);
  const spec = { additionalTags: { team: "web" } };
  const first = await created(rig, { spec });
  const pool = afterSaying(aPool({ spec }), first);
  const annotations = pool.metadata.annotations ?? {};
  assert.equal(annotations["sigs.k8s.io/cluster-api-provider-aws-last-applied-tags"], '{"team":"web"}');
  assert.deepEqual((await converge(rig, { spec, annotations })).did, []);
  const { tags } = rig.cloud.instances()[0] ?? {};
  assert.equal(tags?.team, "web");
});

test("a refresh strategy that AWS does not have is said, changes nothing, and heals", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  const refused = await converge(rig, {
    spec: { refreshPreferences: { strategy: "Canary" }, capacityRebalance: true },
  });
  assert.deepEqual(refused.did, []);
  assert.match(condition(refused, "ASGReady")?.message ?? "", /strategy Canary is neither Rolling nor/);
  const healed = await converge(rig, {
    spec: { refreshPreferences: { strategy: "Rolling" }, capacityRebalance: true },
  });
  assert.deepEqual(healed.did, ["UpdateAutoScalingGroup"]);
  assert.equal(condition(healed, "ASGReady")?.status, "True");
});

test("a rotated token is a new version and replaces nobody", async (context) => {
  const rig = await startPoolRig(context);
  const before = idsOf(await created(rig));
  const rotated = { bootstrap: joinData("ghijkl.fedcba9876543210") };
  assert.deepEqual((await converge(rig, rotated)).did, ["CreateLaunchTemplateVersion"]);
  rig.clock.advance(600);
  const after = await converge(rig, rotated);
  assert.deepEqual(after.did, []);
  assert.deepEqual(idsOf(after), before);
  assert.ok(after.sight.group?.instances.every(({ upToDate }) => upToDate));
});

test("changed bootstrap content replaces every instance through the drain hook", async (context) => {
  const rig = await startPoolRig(context);
  const before = idsOf(await created(rig));
  const changed = { bootstrap: joinData(undefined, "gpu") };
  const pass = await converge(rig, changed);
  assert.deepEqual(pass.did, ["CreateLaunchTemplateVersion", "StartInstanceRefresh"]);
  assert.equal(condition(pass, "InstanceRefreshStarted")?.status, "True");
  const held = await drainFor(rig, 2000);
  const after = await converge(rig, changed);
  assert.deepEqual(after.did, []);
  assert.equal(held, 3);
  assert.equal(idsOf(after).filter((id) => before.includes(id)).length, 0);
  assert.ok(after.sight.group?.instances.every(({ upToDate }) => upToDate));
});

test("scaling out asks for more, and never sends away who runs", async (context) => {
  const rig = await startPoolRig(context);
  const { session, sight } = await created(rig);
  await session.scale(sight, 5);
  rig.clock.advance(10);
  const grown = await converge(rig, { replicas: 5 });
  assert.equal(idsOf(grown).length, 5);
  await grown.session.scale(grown.sight, 2);
  rig.clock.advance(60);
  assert.equal(idsOf(await converge(rig, { replicas: 5 })).length, 5);
});

test("a pool is deleted without force: the group when it is empty, then the template", async (context) => {
  const rig = await startPoolRig(context);
  const full = await created(rig);
  const prepared = await rig.open({ deleting: true });
  const sight = await prepared.observe();
  const preparation = prepared.prepareRemoval?.(sight);
  assert.equal(preparation?.do, "UpdateAutoScalingGroup");
  if (preparation) await prepared.apply(preparation);
  for (const { providerID } of full.sight.group?.instances ?? []) {
    const InstanceId = instanceIdOf(providerID);
    await rig.cloud.handle("autoscaling", "TerminateInstanceInAutoScalingGroup", {
      InstanceId,
      ShouldDecrementDesiredCapacity: true,
    });
    await rig.cloud.handle("autoscaling", "CompleteLifecycleAction", {
      AutoScalingGroupName: POOL,
      LifecycleHookName: "lifeguard-drain",
      InstanceId,
      LifecycleActionResult: "CONTINUE",
    });
  }
  rig.clock.advance(10);
  const did: string[] = [];
  for (;;) {
    const session = await rig.open({ deleting: true, bootstrap: "none" });
    const change = session.nextRemoval(await session.observe());
    if (!change) break;
    did.push(change.do);
    await session.apply(change);
  }
  assert.deepEqual(did, ["DeleteAutoScalingGroup", "DeleteLaunchTemplate"]);
});

test("an image that does not exist is said, and heals when it is mended", async (context) => {
  const rig = await startPoolRig(context);
  await created(rig);
  rig.cloud.images.withdraw("ami-0bad");
  const bad = { spec: { awsLaunchTemplate: { ami: { id: "ami-0bad" } } } };
  await converge(rig, bad);
  rig.clock.advance(30);
  const broken = await converge(rig, bad);
  assert.equal(condition(broken, "ASGReady")?.reason, "ASGProvisionFailed");
  assert.match(condition(broken, "ASGReady")?.message ?? "", /The image id '\[ami-0bad\]' does not exist/);
  const good = { spec: { awsLaunchTemplate: { ami: { id: "ami-0c" } } } };
  const mending = await converge(rig, good);
  assert.equal(mending.did[0], "CancelInstanceRefresh");
  for (let look = 0; look < 20; look++) {
    await drainFor(rig, 100);
    await converge(rig, good);
  }
  const healed = await converge(rig, good);
  assert.equal(condition(healed, "ASGReady")?.status, "True");
  assert.ok(
    rig.cloud
      .instances()
      .filter(({ member }) => member)
      .every(({ imageId }) => imageId === "ami-0c"),
  );
});
