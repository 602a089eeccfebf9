/** Injected faults as the SDK meets them: retried, refused, late, cut off, or effective although they failed. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import type { Fault } from "../../../infra/local/faults.ts";
import { GROUP, type Rig, startGroup, startRig } from "./rig.ts";

const action = "SetDesiredCapacity";
const resize = (rig: Rig) =>
  rig.autoscaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: GROUP, DesiredCapacity: 1 }));
const codes = (rig: Rig) => rig.aws.calls.filter(({ what }) => what === action).map(({ code }) => code);
const desired = async (rig: Rig) => {
  const { AutoScalingGroups } = await rig.autoscaling.send(new DescribeAutoScalingGroupsCommand({}));
  return AutoScalingGroups?.[0]?.DesiredCapacity;
};

const passing: readonly { readonly name: string; readonly fault: Fault; readonly codes: readonly number[] }[] = [
  { name: "one throttled call is tried again", fault: { action, times: 1, code: "Throttling" }, codes: [400, 200] },
  {
    name: "a server error is tried again",
    fault: { action, times: 1, code: "InternalFailure", status: 500 },
    codes: [500, 200],
  },
  { name: "a cut connection is tried again", fault: { action, times: 1, drop: true }, codes: [0, 200] },
  {
    name: "a call whose answer was lost has happened already when it is tried again",
    fault: { action, times: 1, code: "InternalFailure", status: 500, afterEffect: true },
    codes: [500, 200],
  },
  {
    name: "another service's fault does not touch it",
    fault: { service: "ec2", times: 1, code: "Throttling" },
    codes: [200],
  },
  {
    name: "a fault for other parameters does not touch it",
    fault: { action, match: { DesiredCapacity: "7" }, times: 1, code: "Throttling" },
    codes: [200],
  },
];

for (const { name, fault, codes: wanted } of passing) {
  test(name, async (context) => {
    const rig = await startRig(context);
    await startGroup(rig);
    rig.aws.inject(fault);
    await resize(rig);
    deepStrictEqual(codes(rig), wanted);
    strictEqual(await desired(rig), 1);
  });
}

test("a call that throttles throughout fails with Throttling after the SDK's three attempts, and changes nothing", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig);
  rig.aws.inject({ service: "autoscaling", action, times: 3, code: "Throttling", message: "Rate exceeded" });
  await rejects(resize(rig), { name: "Throttling", message: "Rate exceeded" });
  deepStrictEqual([codes(rig), await desired(rig)], [[400, 400, 400], 2]);
});

test("a call may have taken effect although every answer was an error", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig);
  rig.aws.inject({ action, times: 1, code: "AccessDenied", status: 403, afterEffect: true });
  await rejects(resize(rig), { name: "AccessDenied" });
  deepStrictEqual([codes(rig), await desired(rig)], [[403], 1]);
});

test("a forbidden call is refused once, as EC2 says it", async (context) => {
  const rig = await startRig(context);
  rig.aws.inject({ service: "ec2", times: 1, code: "UnauthorizedOperation", status: 403 });
  await rejects(rig.ec2.send(new DescribeInstancesCommand({})), { name: "UnauthorizedOperation" });
});

test("a slow call takes effect late; time passes while it waits", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig);
  rig.aws.inject({ action, times: 1, delaySeconds: 30 });
  let done = false;
  const started = rig.clock.now().getTime();
  const slow = resize(rig).finally(() => {
    done = true;
  });
  await rig.clock.run({ maxSeconds: 5 });
  deepStrictEqual([done, await desired(rig)], [false, 2]);
  await rig.clock.run({ maxSeconds: 60, done: () => done });
  await slow;
  strictEqual(rig.clock.now().getTime() - started >= 30_000, true);
  strictEqual(await desired(rig), 1);
});

test("every call is on record with service, caller, action, target and status", async (context) => {
  const rig = await startRig(context);
  await startGroup(rig);
  await resize(rig);
  const { at: _, ...call } = rig.aws.calls.at(-1) ?? {};
  deepStrictEqual(call, { server: "autoscaling", who: "AKIATEST", what: action, target: GROUP, code: 200 });
});
