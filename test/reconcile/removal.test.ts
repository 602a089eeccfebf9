/** An instance that we take out ourselves: drained first, then asked of the cloud, and its hook answered at once. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { machines } from "../../lib/api/core/machine.ts";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import { ProviderError } from "../../lib/providers/errors.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { aMachine, aPod, aTermination, NAMESPACE } from "../support/builders.ts";
import { condition } from "./support/drains.ts";
import { KEY, type Rig, startRig } from "./support/rig.ts";

const removing = (rig: Rig, spec: Partial<InstanceTermination["spec"]> = {}) =>
  rig.create(
    "management",
    instanceTerminations,
    aTermination({ cause: "ScaleIn", removal: { decrement: true }, ...spec }),
  );
const asked = (rig: Rig) => rig.cloud.calls.filter(({ operation }) => operation === "terminate").length;
const untilAsked = async (rig: Rig) => {
  for (let turn = 0; turn < 20 && asked(rig) === 0; turn++) {
    const { againSeconds = 1 } = await rig.drain();
    await rig.pass(againSeconds);
  }
};

test("the cloud is asked once the Node is empty, and not before", async (t) => {
  const rig = await startRig(t, { hooks: [] });
  await rig.create("workload", pods, aPod({ graceSeconds: 20 }));
  await removing(rig);
  for (let turn = 0; turn < 3; turn++) {
    await rig.drain();
    strictEqual(asked(rig), 0);
    await rig.pass(5);
  }
  await untilAsked(rig);
  deepStrictEqual(await rig.podNames(), []);
  strictEqual((await rig.termination())?.status?.phase, "Releasing");
  // No message waits for the end: the cloud's event, or the sweep, brings the last look.
  await rig.pass(60);
  await rig.drain();
  const { phase, conditions } = (await rig.termination())?.status ?? {};
  strictEqual(phase, "Released");
  strictEqual(conditions?.find(({ type }) => type === "Drained")?.status, "True");
  strictEqual(await rig.node(), undefined);
  strictEqual(asked(rig), 1);
});

test("the hook that speaks then is answered in the next pass, and the cause stays what it was", async (t) => {
  const rig = await startRig(t);
  await removing(rig);
  await untilAsked(rig);
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
  const [notice] = rig.cloud.takeNotices();
  ok(notice);
  const outcome = await recordLeaving(rig.world, notice);
  deepStrictEqual([outcome.did, outcome.object], ["tightened", KEY]);
  strictEqual((await rig.drain()).did, "released");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
  strictEqual((await rig.termination())?.spec.cause, "ScaleIn");
  strictEqual(asked(rig), 1, "an instance that a hook holds is not taken out again");
});

test("a hook that speaks while pods are still leaving is answered only when they are gone", async (t) => {
  const rig = await startRig(t);
  await rig.create("workload", pods, aPod({ graceSeconds: 30 }));
  await removing(rig);
  await rig.drain();
  await recordLeaving(rig.world, rig.cloud.beginTermination("i-1"));
  await rig.drain();
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
  for (let turn = 0; turn < 10; turn++) {
    await rig.pass(10);
    await rig.drain();
  }
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, "completed");
  strictEqual(asked(rig), 0, "somebody else took it out");
});

test("a cloud that refuses is said, asked again, and nothing is released meanwhile", async (t) => {
  const rig = await startRig(t, { hooks: [] });
  rig.cloud.fail("terminate", new ProviderError("denied", "memory.terminate", "allow it", "you may not"));
  await removing(rig);
  await untilAsked(rig);
  const released = (await rig.termination())?.status?.conditions?.find(({ type }) => type === "Released");
  deepStrictEqual([released?.status, released?.reason], ["False", "CloudDenied"]);
  strictEqual((await rig.termination())?.status?.releaseTime, undefined);
  await rig.pass(60);
  await rig.drain();
  strictEqual((await rig.termination())?.status?.phase, "Releasing");
});

test("an instance without a Node is taken out after a minute, not after the time that a held one may boot", async (t) => {
  const rig = await startRig(t, { node: false, hooks: [] });
  await removing(rig);
  await rig.drain();
  strictEqual(asked(rig), 0);
  rig.clock.advance(61);
  await rig.drain();
  strictEqual(asked(rig), 1);
});

test("without a drain: the Node is cordoned, nobody is evicted, and the instance goes", async (t) => {
  const rig = await startRig(t, { hooks: [] });
  await rig.create("workload", pods, aPod());
  await removing(rig, { deadlineTime: "2026-03-01T12:00:00Z", drain: { onDeadline: "Release" } });
  await rig.drain();
  strictEqual((await rig.node())?.spec?.unschedulable, true);
  await rig.pass(1);
  await rig.drain();
  strictEqual(asked(rig), 1);
  deepStrictEqual(await rig.podNames(), ["web-1"]);
  ok(!rig.writes().includes("POST pods/eviction"));
});

test("a dry run says that the cloud would be asked", async (t) => {
  const rig = await startRig(t);
  await removing(rig, { dryRun: true });
  await rig.drain();
  ok((await rig.termination())?.status?.plan?.includes("ask the cloud to take the instance out"));
  strictEqual(asked(rig), 0);
});

const PRE_DRAIN = "pre-drain.delete.hook.machine.cluster.x-k8s.io/storage";
const PRE_TERMINATE = "pre-terminate.delete.hook.machine.cluster.x-k8s.io/backup";

test("hooks of the Machine hold the removal up, each says so, and it goes on when they are taken away", async (t) => {
  const rig = await startRig(t, { hooks: [] });
  const annotations = { [PRE_DRAIN]: "", [PRE_TERMINATE]: "" };
  await rig.create("management", machines, aMachine({ name: "workers-x", annotations }));
  await rig.create("workload", pods, aPod());
  await removing(rig, { machineName: "workers-x" });
  const takeAway = (key: string) => {
    const body = { metadata: { annotations: { [key]: null } } };
    return rig.management.patch(machines, { namespace: NAMESPACE, name: "workers-x" }, { type: "merge", body });
  };
  strictEqual((await rig.drain()).because, "WaitingForPreDrainHook");
  const waiting = `Waiting for pre-drain hooks to succeed (hooks: ${PRE_DRAIN})`;
  deepStrictEqual(await condition(rig, "Drained"), ["False", "WaitingForPreDrainHook", waiting]);
  strictEqual((await rig.node())?.spec?.unschedulable, undefined);
  const written = rig.writes().length;
  await rig.pass(30);
  await rig.drain();
  strictEqual(rig.writes().filter((what) => !what.endsWith("/status")).length, 0, "nothing is touched meanwhile");
  ok(rig.writes().length <= written + 1);
  await takeAway(PRE_DRAIN);
  for (let turn = 0; turn < 6; turn++) {
    await rig.pass(31);
    await rig.drain();
  }
  deepStrictEqual(await rig.podNames(), []);
  strictEqual(asked(rig), 0, "the second hook holds the instance");
  const kept = `Waiting for pre-terminate hooks to succeed (hooks: ${PRE_TERMINATE})`;
  deepStrictEqual(await condition(rig, "Released"), ["False", "WaitingForPreTerminateHook", kept]);
  strictEqual((await condition(rig, "Drained"))?.[0], "True");
  await takeAway(PRE_TERMINATE);
  await untilAsked(rig);
  strictEqual(asked(rig), 1);
});

test("an instance without a Node waits for a pre-terminate hook as well", async (t) => {
  const rig = await startRig(t, { node: false, hooks: [] });
  await rig.create("management", machines, aMachine({ name: "workers-x", annotations: { [PRE_TERMINATE]: "" } }));
  await removing(rig, { machineName: "workers-x" });
  await rig.pass(61);
  strictEqual((await rig.drain()).because, "WaitingForPreTerminateHook");
  strictEqual(asked(rig), 0);
});
