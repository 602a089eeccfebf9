/** Which hooks a pool wishes for, and when a live one is the same. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsLifecycleHook } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { isManagedHook, isSameHook, wishedHooks } from "../../../../lib/providers/aws/pool/hooks.ts";
import type { HookFacts } from "../../../../lib/providers/aws/pool/sight.ts";
import { DRAIN, hookNamed } from "./hook-facts.ts";
import { aPool } from "./objects.ts";

const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";
const LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING";
const declared = (name: string, change: Partial<AwsLifecycleHook> = {}): AwsLifecycleHook => ({
  name,
  lifecycleTransition: TERMINATING,
  ...change,
});
const named = (hooks: readonly AwsLifecycleHook[], annotations = {}) =>
  wishedHooks(aPool({ spec: { lifecycleHooks: hooks }, annotations }), "lifeguard-").map(({ name }) => name);

test("a pool without hooks gets ours", () => assert.deepEqual(wishedHooks(aPool(), "lifeguard-"), [DRAIN]));
test("hooks of others stand beside ours", () => assert.deepEqual(named([declared("nth")]), ["nth", "lifeguard-drain"]));
test("a terminate hook of ours in the spec is enough", () =>
  assert.deepEqual(named([declared("lifeguard-mine")]), ["lifeguard-mine"]));
test("a launch hook of ours drains nobody", () =>
  assert.deepEqual(named([declared("lifeguard-mine", { lifecycleTransition: LAUNCHING })]), [
    "lifeguard-mine",
    "lifeguard-drain",
  ]));
test("the annotation says no", () =>
  assert.deepEqual(named([], { "lifecycle.cluster.x-k8s.io/drain-hook": "false" }), []));
test("any other value of it does not", () =>
  assert.deepEqual(named([], { "lifecycle.cluster.x-k8s.io/drain-hook": "true" }), ["lifeguard-drain"]));

test("a hook without timeout, result and metadata is what AWS makes of it", () => {
  const [hook] = wishedHooks(aPool({ spec: { lifecycleHooks: [declared("mine")] } }), "lifeguard-");
  const live: HookFacts = { ...DRAIN, name: "mine", heartbeatSeconds: 3600, defaultResult: "ABANDON" };
  assert.ok(hook && isSameHook(hook, live));
});
test("48 hours, which upstream admits, are two in AWS", () => {
  const hooks = [declared("mine", { heartbeatTimeout: "48h" })];
  assert.equal(wishedHooks(aPool({ spec: { lifecycleHooks: hooks } }), "lifeguard-")[0]?.heartbeatSeconds, 7200);
});

const changes: Partial<HookFacts>[] = [
  { transition: LAUNCHING },
  { heartbeatSeconds: 60 },
  { defaultResult: "ABANDON" },
  { roleArn: "arn" },
  { targetArn: "arn" },
  { metadata: "x" },
];
test("every member of a hook is compared", () => {
  for (const change of changes) assert.ok(!isSameHook(DRAIN, { ...DRAIN, ...change }), JSON.stringify(change));
  assert.equal(changes.length, Object.keys(DRAIN).length - 1);
});

test("ours is what has our prefix or was declared once", () => {
  const tags = { "lifecycle.cluster.x-k8s.io/hook/mine": "declared" };
  const ours = (name: string) => isManagedHook(hookNamed(name), tags, "lifeguard-");
  assert.deepEqual(["lifeguard-drain", "mine", "nth"].map(ours), [true, true, false]);
});
