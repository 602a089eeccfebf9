/** Holds on the wire, where AWS alone knows the answer: several hooks, foreign ones, stale tokens, half a failure, many groups. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import type { Hold } from "../../../lib/api/lifecycle/hold.ts";
import { autoScalingApi } from "../../../lib/providers/aws/auto-scaling-api.ts";
import { ec2Api } from "../../../lib/providers/aws/ec2-api.ts";
import { hookNames } from "../../../lib/providers/aws/hook-names.ts";
import { awsProvider } from "../../../lib/providers/aws/index.ts";
import { providerIdOf } from "../../../lib/providers/aws/provider-id.ts";
import type { TerminationProvider } from "../../../lib/providers/provider.ts";
import { blueTags, startAwsRig } from "./rig.ts";

const EKS_HOOK = "Terminate-LC-Hook";
let rig: Awaited<ReturnType<typeof startAwsRig>>;
let provider: Required<TerminationProvider>;
before(async () => {
  rig = await startAwsRig();
  const apis = { autoScaling: autoScalingApi(rig.autoScaling), ec2: ec2Api(async () => rig.ec2) };
  provider = awsProvider(apis, { hookNames: hookNames("lifeguard-") }) as Required<TerminationProvider>;
  await rig.addGroup("shared", { Tags: blueTags("shared"), hooks: ["lifeguard-a", "lifeguard-b", EKS_HOOK] });
  await rig.addGroup("theirs", { hooks: [EKS_HOOK] });
});
after(() => rig.close());

async function leavingIn(groupName: string) {
  const { instanceId, zone } = await rig.launch(groupName);
  const input = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: true };
  await rig.autoScaling.send(new TerminateInstanceInAutoScalingGroupCommand(input));
  const waiting = () =>
    rig.aws.cloud
      .waiting()
      .filter((one) => one.instanceId === instanceId)
      .map(({ hook }) => hook);
  return { instanceId, providerID: providerIdOf(zone, instanceId), waiting };
}
const holdOf = (...hooks: { name: string; token?: string }[]): Hold => ({
  autoScaling: { groupName: "shared", hooks },
});

test("both hooks of ours are completed, and the foreign one is left to its owner", async () => {
  const { instanceId, providerID, waiting } = await leavingIn("shared");
  const found = (await provider.findHeld(["shared"], rig.clock.now())).find((one) => one.instanceId === instanceId);
  assert.ok(found?.hold);
  assert.deepEqual(
    found.hold.autoScaling?.hooks.map(({ name }) => name),
    ["lifeguard-a", "lifeguard-b"],
  );
  assert.equal(await provider.release(providerID, found.hold), "accepted");
  assert.deepEqual(waiting(), [EKS_HOOK]);
  assert.equal(await provider.release(providerID, found.hold), "not-held");
});

test("an instance that only a foreign hook holds is not ours to find", async () => {
  await leavingIn("theirs");
  assert.deepEqual(await provider.findHeld(["theirs"], rig.clock.now()), []);
});

test("a token of an earlier action does not keep the present one from being completed", async () => {
  const { providerID, waiting } = await leavingIn("shared");
  const hold = holdOf({ name: "lifeguard-a", token: "a-token-of-yesterday" });
  assert.equal(await provider.heartbeat(providerID, hold), "accepted");
  assert.equal(await provider.release(providerID, hold), "accepted");
  assert.deepEqual(waiting().toSorted(), [EKS_HOOK, "lifeguard-b"]);
});

test("when one of two completions fails the other is still made, and the repetition ends both", async () => {
  const { providerID, waiting } = await leavingIn("shared");
  const hold = holdOf({ name: "lifeguard-a" }, { name: "lifeguard-b" });
  const match = { LifecycleHookName: "lifeguard-a" };
  rig.aws.inject({ action: "CompleteLifecycleAction", match, code: "InternalFailure", status: 500, times: 1 });
  await assert.rejects(provider.release(providerID, hold), { kind: "unavailable" });
  assert.deepEqual(waiting().toSorted(), [EKS_HOOK, "lifeguard-a"]);
  assert.equal(await provider.release(providerID, hold), "accepted");
  assert.deepEqual(waiting(), [EKS_HOOK]);
});

test("a completion whose answer was lost is found done", async () => {
  const { providerID } = await leavingIn("shared");
  const hold = holdOf({ name: "lifeguard-a" });
  rig.aws.inject({ action: "CompleteLifecycleAction", drop: true, afterEffect: true, times: 1 });
  await assert.rejects(provider.release(providerID, hold), { kind: "unavailable" });
  assert.equal(await provider.release(providerID, hold), "not-held");
});

test("a heartbeat that AWS throttles says so; the hold goes on", async () => {
  const { providerID, waiting } = await leavingIn("shared");
  rig.aws.inject({ action: "RecordLifecycleActionHeartbeat", code: "Throttling", times: 1 });
  await assert.rejects(provider.heartbeat(providerID, holdOf({ name: "lifeguard-a" })), { kind: "throttled" });
  assert.equal(waiting().length, 3);
});

test("a missing permission is an error that names it, never an end of the hold", async () => {
  const { providerID, waiting } = await leavingIn("shared");
  rig.aws.inject({ action: "CompleteLifecycleAction", code: "AccessDenied", status: 403, times: 1 });
  await assert.rejects(provider.release(providerID, holdOf({ name: "lifeguard-a" })), /allow autoscaling:Complete/);
  assert.equal(waiting().length, 3);
});

test("250 groups are asked for in pages of at most 100 names", async () => {
  const names = ["shared", ...Array.from({ length: 249 }, (_, index) => `unknown-${index}`)];
  await leavingIn("shared");
  const asked = rig.aws.calls.length;
  const found = await provider.findHeld(names, rig.clock.now());
  assert.ok(found.length > 0);
  const describes = rig.aws.calls.slice(asked).map(({ what }) => what);
  assert.deepEqual(describes, [
    "DescribeAutoScalingGroups",
    "DescribeLifecycleHooks",
    "DescribeAutoScalingGroups",
    "DescribeAutoScalingGroups",
  ]);
});

test("small pages are followed to their end", async () => {
  const names = Array.from({ length: 5 }, (_, index) => `page-${index}`);
  for (const name of names) await rig.addGroup(name, { hooks: ["lifeguard-a"] });
  const leaving = await leavingIn("page-4");
  rig.aws.cloud.limitPages(2);
  const found = await provider.findHeld(names, rig.clock.now());
  rig.aws.cloud.limitPages(100);
  assert.deepEqual(
    found.map(({ instanceId }) => instanceId),
    [leaving.instanceId],
  );
});

test("an instance that was detached lives on: its Node is not ours to delete", async () => {
  const { instanceId, zone } = await rig.launch("shared");
  await rig.aws.cloud.handle("autoscaling", "DetachInstances", {
    AutoScalingGroupName: "shared",
    InstanceIds: [instanceId],
    ShouldDecrementDesiredCapacity: true,
  });
  const seen = await provider.observeInstance(providerIdOf(zone, instanceId), undefined);
  const { advice, ...rest } = seen;
  assert.deepEqual(rest, { state: "retained", cloudState: "in no Auto Scaling group, running in EC2" });
  assert.match(advice ?? "", /^call TerminateInstances for i-/);
});

test("after our release an instance that its group has forgotten is gone: EC2 is not asked", async () => {
  await rig.addGroup("alone", { hooks: ["lifeguard-a"] });
  const { providerID } = await leavingIn("alone");
  const hold: Hold = { autoScaling: { groupName: "alone", hooks: [{ name: "lifeguard-a" }] } };
  assert.equal(await provider.release(providerID, hold), "accepted");
  rig.clock.advance(600);
  const asked = rig.aws.calls.length;
  const seen = await provider.observeInstance(providerID, hold, { released: true });
  assert.deepEqual(seen, { state: "gone", cloudState: "in no Auto Scaling group" });
  assert.deepEqual(
    rig.aws.calls.slice(asked).map(({ what }) => what),
    ["DescribeAutoScalingInstances"],
  );
});

test("an id that is no EC2 instance's is refused before AWS is asked", async () => {
  const before = rig.aws.calls.length;
  await assert.rejects(provider.observeInstance("memory:///zone-a/m-1", undefined), { kind: "invalid" });
  assert.equal(rig.aws.calls.length, before);
});
