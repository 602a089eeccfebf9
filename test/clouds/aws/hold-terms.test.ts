/** What is read off a hold and off a pool without asking anybody: clocks, ends, warnings, states, ids. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AwsLifecycleHook } from "../../../lib/api/aws/aws-machine-pool.ts";
import type { AutoScalingHook, Hold } from "../../../lib/api/lifecycle/hold.ts";
import { completeHold, termsOf } from "../../../lib/providers/aws/auto-scaling-hold.ts";
import { durationSeconds } from "../../../lib/providers/aws/duration.ts";
import { hookNames } from "../../../lib/providers/aws/hook-names.ts";
import { groupState, stateOutsideGroup } from "../../../lib/providers/aws/instance-state.ts";
import { instanceIdOf } from "../../../lib/providers/aws/provider-id.ts";

const holdOf = (...hooks: AutoScalingHook[]): Hold => ({ autoScaling: { groupName: "workers-a", hooks } });
const hook = (name: string, heartbeatTimeoutSeconds?: number): AutoScalingHook => ({
  name,
  ...(heartbeatTimeoutSeconds === undefined ? {} : { heartbeatTimeoutSeconds }),
});

const terms: { name: string; hold: Hold; heartbeat?: number; maximum?: number; warns?: boolean }[] = [
  { name: "no hook holds nothing", hold: {} },
  { name: "300 s may be kept up for 100 heartbeats", hold: holdOf(hook("a", 300)), heartbeat: 300, maximum: 30_000 },
  { name: "7200 s may be kept up for 48 hours", hold: holdOf(hook("a", 7200)), heartbeat: 7200, maximum: 172_800 },
  { name: "1728 s are the turn", hold: holdOf(hook("a", 1728)), heartbeat: 1728, maximum: 172_800 },
  {
    name: "of two hooks the shorter one counts",
    hold: holdOf(hook("a", 600), hook("b", 60)),
    heartbeat: 60,
    maximum: 6000,
  },
  {
    name: "an undeclared hook is kept alive as the shortest there is, has no known end, and is warned of",
    hold: holdOf(hook("a")),
    heartbeat: 30,
    warns: true,
  },
  {
    name: "a declared hook beside an undeclared one gives the end",
    hold: holdOf(hook("a", 300), hook("b")),
    heartbeat: 30,
    maximum: 30_000,
    warns: true,
  },
];
for (const { name, hold, heartbeat, maximum, warns = false } of terms) {
  test(name, () => {
    const { heartbeatTimeoutSeconds, maximumSeconds, warning } = termsOf(hold);
    assert.deepEqual([heartbeatTimeoutSeconds, maximumSeconds], [heartbeat, maximum]);
    assert.equal(warning?.reason, warns ? "HookNotDeclared" : undefined);
  });
}
test("the warning says which hook to declare, and where", () => {
  assert.match(String(termsOf(holdOf(hook("a"))).warning?.message), /workers-a does not declare a: add it to spec/);
});

const declared = (name: string, heartbeatTimeout?: string): AwsLifecycleHook => ({
  name,
  lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  ...(heartbeatTimeout === undefined ? {} : { heartbeatTimeout }),
});
const completed: { name: string; hooks: AwsLifecycleHook[]; given: AutoScalingHook; want: number | undefined }[] = [
  { name: "the pool's timeout completes a hook", hooks: [declared("a", "5m0s")], given: hook("a"), want: 300 },
  { name: "a hook without a timeout has AWS's default", hooks: [declared("a")], given: hook("a"), want: 3600 },
  { name: "what is known already stays", hooks: [declared("a", "5m")], given: hook("a", 60), want: 60 },
  {
    name: "48 hours, which upstream admits, are two in AWS",
    hooks: [declared("a", "48h")],
    given: hook("a"),
    want: 7200,
  },
  { name: "less than AWS takes is what AWS takes", hooks: [declared("a", "1s")], given: hook("a"), want: 30 },
  { name: "an unreadable duration is AWS's default", hooks: [declared("a", "soon")], given: hook("a"), want: 3600 },
  { name: "another hook's timeout is not this one's", hooks: [declared("b", "5m")], given: hook("a"), want: undefined },
  {
    name: "a launch hook of the same name is another hook",
    hooks: [{ ...declared("a", "5m"), lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" }],
    given: hook("a"),
    want: undefined,
  },
];
for (const { name, hooks, given, want } of completed) {
  test(name, () => {
    const { autoScaling } = completeHold(holdOf(given), { metadata: { name: "a" }, spec: { lifecycleHooks: hooks } });
    assert.equal(autoScaling?.hooks[0]?.heartbeatTimeoutSeconds, want);
  });
}

const watched = { labels: { "cluster.x-k8s.io/watch-filter": "lifeguard" } };
const byDefault: { name: string; metadata: object; want: number | undefined }[] = [
  { name: "the hook that a reconciled pool gets by default counts as declared", metadata: watched, want: 300 },
  { name: "upstream's pools get none by default", metadata: {}, want: undefined },
  {
    name: "a pool that wants no drain hook has none",
    metadata: { ...watched, annotations: { "lifecycle.cluster.x-k8s.io/drain-hook": "false" } },
    want: undefined,
  },
];
for (const { name, metadata, want } of byDefault) {
  test(name, () => {
    const pool = { metadata: { name: "a", ...metadata }, spec: {} };
    const { autoScaling } = completeHold(holdOf(hook("lifeguard-drain")), pool);
    assert.equal(autoScaling?.hooks[0]?.heartbeatTimeoutSeconds, want);
  });
}

const durations: [string, number | undefined][] = [
  ["300s", 300],
  ["5m0s", 300],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["500ms", 0.5],
  ["", undefined],
  ["5", undefined],
  ["5 m", undefined],
  ["-5m", undefined],
];
for (const [text, want] of durations) {
  test(`the duration "${text}" is ${want ?? "none"}`, () => assert.equal(durationSeconds(text), want));
}

const states: { state: string; hook?: boolean; want: string }[] = [
  { state: "InService", want: "running" },
  { state: "Pending:Wait", want: "running" },
  { state: "Standby", want: "running" },
  { state: "ReplacingRootVolume:Wait", want: "running" },
  { state: "SomethingNew", want: "running" },
  { state: "Terminating:Wait", want: "held" },
  { state: "Terminating", want: "leaving" },
  { state: "Terminating", hook: true, want: "held" },
  { state: "Terminating:Proceed", hook: true, want: "leaving" },
  { state: "Terminating:Retained", hook: true, want: "retained" },
  { state: "Terminated", want: "gone" },
  { state: "Detached", want: "retained" },
  { state: "Warmed:Pending", want: "leaving" },
  { state: "Warmed:Stopped", want: "gone" },
  { state: "Warmed:Running", want: "gone" },
  { state: "Warmed:Terminating:Wait", want: "held" },
  { state: "constructor", want: "running" },
];
for (const { state, hook: isHeld = false, want } of states) {
  test(`${state}${isHeld ? " with a hook announced" : ""} is ${want}`, () => {
    const { advice, ...seen } = groupState("i-0abc", state, isHeld);
    assert.deepEqual(seen, { state: want, cloudState: state });
    assert.equal(advice === undefined, want !== "retained");
  });
}
for (const [state, want] of [
  [undefined, "gone"],
  ["terminated", "gone"],
  ["shutting-down", "leaving"],
  ["running", "retained"],
  ["stopped", "retained"],
] as const) {
  test(`out of its group, ${state ?? "unknown"} in EC2, is ${want}`, () => {
    assert.equal(stateOutsideGroup("i-0abc", state).state, want);
  });
}

test("a retained instance tells the call that ends it", () => {
  const { advice } = groupState("i-0abc", "Terminating:Retained", true);
  assert.match(advice ?? "", /TerminateInstanceInAutoScalingGroup for i-0abc/);
});

const ids: [string, string | undefined][] = [
  ["aws:///eu-west-1a/i-0abc", "i-0abc"],
  ["aws:////i-0abc", undefined],
  ["aws:///eu-west-1a/fargate-ip-10-0-0-1.ec2.internal", undefined],
  ["aws:///eu-west-1a/i-0abc/more", undefined],
  ["gce://project/zone/i-0abc", undefined],
];
for (const [providerID, want] of ids) {
  test(`the providerID ${providerID} names ${want ?? "no instance"}`, () =>
    assert.equal(instanceIdOf(providerID), want));
}

test("without a prefix every hook would be ours: refused", () => {
  assert.throws(() => hookNames(""), /must not be empty/);
});
