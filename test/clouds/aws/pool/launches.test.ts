/** Launch hooks through the official SDK: whose hook, whose Node, and what is asked when nobody waits. */
import assert from "node:assert/strict";
import test from "node:test";
import { joinedInstances } from "../../../../lib/providers/aws/pool/launches.ts";
import { providerIdOf } from "../../../../lib/providers/aws/provider-id.ts";
import type { PoolMember } from "../../../../lib/providers/pool-provider.ts";
import { aPool } from "./objects.ts";
import { converge, type PoolRig, startPoolRig } from "./rig.ts";

const launchHook = (name: string) => ({
  name,
  lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" as const,
  heartbeatTimeout: "10m",
});
const overridesFor = (...names: readonly string[]) => ({
  spec: { ...aPool().spec, lifecycleHooks: names.map(launchHook) },
});

/** Members are Ready as the test says. */
function withMembers(rig: PoolRig, ready: Set<string>): PoolRig {
  const members = async (): Promise<readonly PoolMember[]> =>
    [...ready].map((providerID) => ({ providerID, ready: true, marked: false }));
  const open: PoolRig["open"] = async (overrides) => {
    const opened = await rig.provider.open({ ...rig.request(overrides), members });
    if ("waiting" in opened) throw new Error(opened.waiting.message);
    return opened;
  };
  return { ...rig, open };
}

const statesOf = ({ cloud }: PoolRig) =>
  cloud
    .instances()
    .map(({ member }) => member?.lifecycleState ?? "")
    .sort();

test("an instance that our launch hook holds gets into service when its Node is Ready, and not before", async (context) => {
  const ready = new Set<string>();
  const rig = withMembers(await startPoolRig(context), ready);
  const overrides = overridesFor("lifeguard-join");
  await converge(rig, overrides);
  rig.clock.advance(10);
  assert.deepEqual((await converge(rig, overrides)).did, []);
  assert.deepEqual(statesOf(rig), ["Pending:Wait", "Pending:Wait", "Pending:Wait"]);
  const [first] = rig.cloud.instances();
  assert.ok(first);
  ready.add(providerIdOf(first.zone, first.id));
  assert.deepEqual((await converge(rig, overrides)).did, ["CompleteLifecycleAction"]);
  rig.clock.advance(10);
  assert.deepEqual(statesOf(rig), ["InService", "Pending:Wait", "Pending:Wait"]);
});

test("somebody else's launch hook is left to somebody else", async (context) => {
  const ready = new Set<string>();
  const rig = withMembers(await startPoolRig(context), ready);
  const overrides = overridesFor("cni-ready");
  await converge(rig, overrides);
  rig.clock.advance(10);
  for (const { zone, id } of rig.cloud.instances()) ready.add(providerIdOf(zone, id));
  assert.deepEqual((await converge(rig, overrides)).did, []);
  assert.deepEqual(statesOf(rig), ["Pending:Wait", "Pending:Wait", "Pending:Wait"]);
});

test("nobody is asked who is Ready while nothing waits", async (context) => {
  const rig = await startPoolRig(context);
  await converge(rig);
  rig.clock.advance(10);
  const { sight } = await converge(rig);
  const { group, hooks } = sight.detail as { group: Parameters<typeof joinedInstances>[0]; hooks: [] };
  const asked = () => Promise.reject(new Error("asked"));
  assert.deepEqual(await joinedInstances(group, hooks, asked), []);
});
