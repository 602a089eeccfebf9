/** Rare things that meet, found by the simulation: each row failed before it was mended. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { PAUSED_ANNOTATION } from "../../lib/api/core/labels.ts";
import type { DrainAction } from "../../lib/reconcile/decide/action.ts";
import { nextDrainAction } from "../../lib/reconcile/decide/drain-action.ts";
import { wantedSeconds } from "../../lib/reconcile/decide/next-look.ts";
import { noticeAction } from "../../lib/reconcile/decide/notice-action.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import { aTermination } from "../support/builders.ts";
import { draining, everything, toTheEnd } from "./support/drains.ts";
import { allOf, startRig } from "./support/rig.ts";
import { aPodView, at, HOLD_SPEC, quiet, seconds } from "./support/views.ts";

const { hold: _hold, ...unheld } = quiet;
const { hold: _spec, ...specWithoutHold } = quiet.spec;
const running = { state: "running", cloudState: "InService" } as const;
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
  strictEqual(wantedSeconds(view, action, { answers }), 5);
});

test("a second notice does not cordon while the record is paused", () => {
  const existing = aTermination({ hold: HOLD_SPEC }, { annotations: { [PAUSED_ANNOTATION]: "" } });
  const notice = { instanceId: "i-1", cause: "TerminationHook", noticeTime: at(0), hold: HOLD_SPEC } as const;
  const view = { nowSeconds: seconds(9), notice, existing, hasNode: true, foundWaiting: false, dryRun: false };
  deepStrictEqual(noticeAction(view), { do: "keep", because: "AlreadyRecorded", cordon: false });
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
