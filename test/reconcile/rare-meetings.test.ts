/** Rare things that meet, found by the simulation: each row failed before it was mended. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { PAUSED_ANNOTATION } from "../../lib/api/core/labels.ts";
import { machinePools } from "../../lib/api/core/machine-pool.ts";
import { nodes } from "../../lib/api/kubernetes/node.ts";
import { instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { ProviderError } from "../../lib/providers/errors.ts";
import type { DrainAction } from "../../lib/reconcile/decide/action.ts";
import { nextDrainAction } from "../../lib/reconcile/decide/drain-action.ts";
import { drainStatus } from "../../lib/reconcile/decide/drain-status.ts";
import { heartbeatDueSeconds } from "../../lib/reconcile/decide/heartbeat.ts";
import { wantedSeconds } from "../../lib/reconcile/decide/next-look.ts";
import { noticeAction } from "../../lib/reconcile/decide/notice-action.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import { aTermination, NAMESPACE, POOL } from "../support/builders.ts";
import { draining, everything, toTheEnd } from "./support/drains.ts";
import { allOf, KEY, type Rig, startRig } from "./support/rig.ts";
import { aPodView, at, HOLD_SPEC, quiet, seconds } from "./support/views.ts";

const { hold: _hold, ...unheld } = quiet;
const { hold: _spec, ...specWithoutHold } = quiet.spec;
const running = { state: "running", cloudState: "InService" } as const;
const gone = { state: "gone", cloudState: "unknown to the cloud" } as const;
const held = { state: "held", cloudState: "Terminating:Wait" } as const;

test("a cancelled drain that had nothing to release gives back the Node of an instance that stayed", () => {
  const view = {
    ...unheld,
    spec: { ...specWithoutHold, cause: "RebalanceRecommendation" as const },
    status: { ...quiet.status, releaseTime: at(30) },
    instance: running,
    deleting: true,
  };
  deepStrictEqual(nextDrainAction(view), { do: "let-go", because: "Deleted", uncordon: true, holdIsLeft: false });
});

test("a hold that comes after the release is not released while the record is paused", () => {
  const view = {
    ...quiet,
    status: { ...quiet.status, releaseTime: at(30) },
    instance: held,
    paused: "InstanceTermination workers-i-1",
  };
  deepStrictEqual(nextDrainAction(view), { do: "wait", because: "Paused", againSeconds: 60 });
});

test("after deletions with a shortened grace the next look is not the pod's own grace away", () => {
  const view = {
    ...quiet,
    spec: { ...quiet.spec, deadlineTime: at(70) },
    pods: [aPodView("agent", { graceSeconds: 300 })],
  };
  const action: DrainAction = {
    do: "evict",
    because: "CloudDeadline",
    evict: [],
    remove: [{ pod: "default/agent", uid: "uid-agent", graceSeconds: 1 }],
  };
  const answers = [{ pod: "default/agent", uid: "uid-agent", answer: "accepted" } as const];
  strictEqual(wantedSeconds(view, action, { answers }), 2);
});

test("a pass that cannot see the pods does not forget which of them were refused", () => {
  const { pods: _pods, ...unread } = quiet;
  const retryTimes = { "uid-web": at(64) };
  const trouble = { reason: "Forbidden", message: "", againSeconds: 60 };
  const view = { ...unread, node: { seen: "unread" } as const, trouble, status: { ...quiet.status, retryTimes } };
  const said = drainStatus(view, { do: "wait", because: "Forbidden", againSeconds: 60 }, {});
  deepStrictEqual(said.fields.retryTimes, retryTimes);
});

test("a hold whose timer ends with the deadline is kept alive until the release", () => {
  const view = { ...quiet, spec: { ...quiet.spec, deadlineTime: at(310) } };
  strictEqual(heartbeatDueSeconds(view), seconds(150));
  strictEqual(heartbeatDueSeconds({ ...view, spec: { ...view.spec, deadlineTime: at(290) } }), undefined);
});

test("a second notice does not cordon while the record is paused", () => {
  const existing = aTermination({ hold: HOLD_SPEC }, { annotations: { [PAUSED_ANNOTATION]: "" } });
  const notice = { instanceId: "i-1", cause: "TerminationHook", noticeTime: at(0), hold: HOLD_SPEC } as const;
  const view = { nowSeconds: seconds(9), notice, existing, hasNode: true, foundWaiting: false, dryRun: false };
  deepStrictEqual(noticeAction(view), { do: "keep", because: "AlreadyRecorded", cordon: false });
});

test("a notice that meets another write of the record is decided anew, not given back for a minute", async (t) => {
  const rig = await startRig(t, { hooks: [{ name: "drain" }, { name: "audit" }] });
  const notice = rig.cloud.beginTermination("i-1");
  const [drain, audit] = notice.hold?.autoScaling?.hooks ?? [];
  if (!drain || !audit) throw new Error("the instance waits for fewer hooks than it should");
  const of = (hook: typeof drain) => ({ ...notice, hold: { autoScaling: { groupName: "workers", hooks: [hook] } } });
  await recordLeaving(rig.world, of(drain));
  // Another pass is faster, once.
  const { management } = rig.world.clusters;
  const passes = [() => rig.drain()];
  const patch: KubernetesClient["patch"] = async (...asked) => {
    await passes.pop()?.();
    return management.patch(...asked);
  };
  const clusters = { ...rig.world.clusters, management: { ...management, patch } };
  const outcome = await recordLeaving({ ...rig.world, clusters }, of(audit));
  strictEqual(outcome.did, "tightened");
  strictEqual((await rig.termination())?.spec.hold?.autoScaling?.hooks.length, 2);
});

test("an orphaned DaemonSet pod is evicted although a pod beside it stays because it tolerates our taint", async (t) => {
  const rig = await draining(t, [
    { name: "log-x", controller: "DaemonSet/log" },
    { name: "anywhere", tolerations: everything },
  ]);
  await toTheEnd(rig);
  deepStrictEqual(await rig.podNames(), ["anywhere"]);
});

test("a hook whose notice was lost is found although the record knows another hook of the instance", async (t) => {
  const hooks = [{ name: "drain" }, { name: "audit" }];
  const rig = await startRig(t, { hooks });
  const notice = rig.cloud.beginTermination("i-1");
  const [drain] = notice.hold?.autoScaling?.hooks ?? [];
  if (!drain) throw new Error("the instance waits for no hook");
  await recordLeaving(rig.world, { ...notice, hold: { autoScaling: { groupName: "workers", hooks: [drain] } } });
  const found = await allOf(sweep(rig.world));
  deepStrictEqual(
    found.map((one) => one.kind === "recorded" && one.outcome.did),
    ["tightened"],
  );
  deepStrictEqual(await allOf(sweep(rig.world)), []);
  await toTheEnd(rig);
  deepStrictEqual(
    rig.cloud.inspect("i-1")?.hooks.map(({ ending }) => ending),
    ["completed", "completed"],
  );
});

test("a hook that comes after the release is answered although the cloud still shows the instance in service", () => {
  const view = { ...quiet, status: { ...quiet.status, releaseTime: at(-900) }, instance: running };
  deepStrictEqual(nextDrainAction(view), { do: "release", because: "StillHeld" });
  const told = { ...view, status: { ...view.status, holdReleased: false } };
  strictEqual(nextDrainAction(told).because, "InstanceInService", "the cloud was asked once and held nothing");
});

test("whether anything was held is remembered only of a hold", () => {
  const action: DrainAction = { do: "release", because: "Drained" };
  const released = (view: typeof unheld, release: "accepted" | "not-held") =>
    drainStatus(view, action, { release }).fields.holdReleased;
  strictEqual(released(unheld, "accepted"), undefined);
  strictEqual(released(quiet, "not-held"), false);
  const refused = { ...quiet, status: { ...quiet.status, holdReleased: false } };
  strictEqual(released(refused, "accepted"), true);
});

test("the record of a vanished instance stays open while nobody can look for its Node, for an hour", () => {
  const { nodeRef: _seen, ...status } = quiet.status;
  const trouble = { reason: "ApiServerUnreachable", message: "", againSeconds: 15 };
  const view = { ...quiet, status, node: { seen: "unread" } as const, instance: gone, trouble };
  deepStrictEqual(nextDrainAction(view), { do: "wait", because: "ApiServerUnreachable", againSeconds: 15 });
  strictEqual(nextDrainAction({ ...view, nowSeconds: seconds(3601) }).do, "finish");
  const noCluster = { ...trouble, reason: "WorkloadClusterMissing" };
  strictEqual(nextDrainAction({ ...view, trouble: noCluster }).do, "finish");
});

test("a paused MachinePool keeps its instance although the Node is empty already", async (t) => {
  const rig = await draining(t, []);
  await rig.drain();
  const drain = { waitBeforeReleaseSeconds: 90 };
  const key = { namespace: NAMESPACE, name: KEY.name };
  await rig.management.patch(instanceTerminations, key, { type: "merge", body: { spec: { drain } } });
  await rig.pass(61);
  strictEqual((await rig.drain()).because, "WaitBeforeRelease");
  const body = { metadata: { annotations: { [PAUSED_ANNOTATION]: "" } } };
  await rig.management.patch(machinePools, { namespace: NAMESPACE, name: POOL }, { type: "merge", body });
  await rig.pass(30);
  strictEqual((await rig.drain()).because, "Paused");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("a drain that begins while its MachinePool is paused stays paused at its second look", async (t) => {
  const rig = await draining(t, []);
  const body = { metadata: { annotations: { [PAUSED_ANNOTATION]: "" } } };
  await rig.management.patch(machinePools, { namespace: NAMESPACE, name: POOL }, { type: "merge", body });
  await rig.drain();
  await rig.pass(7);
  strictEqual((await rig.drain()).because, "Paused");
});

const pausePool = (rig: Rig) => {
  const body = { metadata: { annotations: { [PAUSED_ANNOTATION]: "" } } };
  return rig.management.patch(machinePools, { namespace: NAMESPACE, name: POOL }, { type: "merge", body });
};

const takenInAMinute = (rig: Rig) => {
  const spec = { deadlineTime: new Date(rig.clock.now().getTime() + 60_000).toISOString() };
  const at = { namespace: NAMESPACE, name: KEY.name };
  return rig.management.patch(instanceTerminations, at, { type: "merge", body: { spec } });
};

test("a paused MachinePool keeps its instance past the deadline although the cloud cannot be asked", async (t) => {
  const rig = await draining(t, [{ name: "web-1" }]);
  await rig.drain();
  await takenInAMinute(rig);
  await pausePool(rig);
  await rig.pass(90);
  rig.cloud.fail("observeInstance", new ProviderError("unavailable", "observe", "", new Error("InternalFailure")));
  strictEqual((await rig.drain()).because, "Paused");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("a pause that a pass with trouble has covered up is asked for again", async (t) => {
  const rig = await draining(t, []);
  await pausePool(rig);
  await rig.drain();
  const key = { namespace: NAMESPACE, name: KEY.name };
  const conditions = (await rig.termination())?.status?.conditions?.map((one) =>
    one.type === "Drained" ? { ...one, status: "Unknown", reason: "ApiServerOverloaded" } : one,
  );
  await rig.management.patch(instanceTerminations, key, { type: "merge", body: { status: { conditions } } }, "status");
  await rig.pass(7);
  strictEqual((await rig.drain()).because, "Paused");
});

test("a paused MachinePool keeps its instance although its Node was deleted", async (t) => {
  const rig = await draining(t, []);
  await rig.drain();
  await rig.pass(61);
  await pausePool(rig);
  await rig.workload.delete(nodes, { name: "node-1" });
  await rig.pass(5);
  strictEqual((await rig.drain()).because, "Paused");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("a paused MachinePool keeps its instance although no Node of it ever came", async (t) => {
  const rig = await draining(t, [], { node: false, settings: { nodeNotFoundSeconds: 60 } });
  await rig.drain();
  await pausePool(rig);
  await rig.pass(90);
  strictEqual((await rig.drain()).because, "Paused");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});

test("a paused MachinePool that cannot be read past the deadline keeps an instance without a Node", async (t) => {
  const rig = await draining(t, [], { node: false });
  await rig.drain();
  await takenInAMinute(rig);
  await pausePool(rig);
  await rig.pass(90);
  rig.servers.management.inject({ match: { method: "GET", path: /machinepools/ }, times: 9, code: 503 });
  strictEqual((await rig.drain()).because, "ApiServerFailed");
  strictEqual(rig.cloud.inspect("i-1")?.hooks[0]?.ending, undefined);
});
