/** An invocation may die before or after any of its calls: the end is that of an undisturbed run. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { pods } from "../../lib/api/kubernetes/pod.ts";
import type { LeavingInstance } from "../../lib/api/trigger.ts";
import { drainStep } from "../../lib/reconcile/drain-step.ts";
import { recordLeaving } from "../../lib/reconcile/notice-step.ts";
import type { Outcome, World } from "../../lib/reconcile/step.ts";
import { sweep } from "../../lib/reconcile/sweep-step.ts";
import { aPod } from "../support/builders.ts";
import { Died, dyingWorld } from "./support/dying.ts";
import { allOf, KEY, type Rig, startRig } from "./support/rig.ts";

const REDELIVERY_SECONDS = 5;

/** Runs a step in a world that dies; a platform that got no answer delivers again. */
async function untilAnswered(rig: Rig, dying: World, step: (world: World) => Promise<Outcome>): Promise<Outcome> {
  try {
    return await step(dying);
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    await rig.pass(REDELIVERY_SECONDS);
    return step(rig.world);
  }
}

async function story(t: TestContext, atCall: number, after: boolean) {
  const rig = await startRig(t);
  const claim = { name: "data", persistentVolumeClaim: { claimName: "data" } };
  await rig.create("workload", pods, aPod({ name: "web-1" }));
  await rig.create("workload", pods, aPod({ name: "web-2", volumes: [claim] }));
  const notice: LeavingInstance = rig.cloud.beginTermination("i-1");
  const dying = dyingWorld(rig.world, atCall, after);
  const recorded = await untilAnswered(rig, dying, (world) => recordLeaving(world, notice));
  let again = recorded.againSeconds;
  for (let passes = 0; again !== undefined && passes < 20; passes++) {
    await rig.pass(again);
    again = (await untilAnswered(rig, dying, (world) => drainStep(world, KEY))).againSeconds;
    // Died with its promise written and its hint not sent: the sweep notices that nobody came.
    again ??= await sweptAfter(rig);
  }
  return endOf(rig);
}

/** Seconds until a sweep wakes the drain; undefined: it is finished. */
async function sweptAfter(rig: Rig): Promise<number | undefined> {
  for (let minute = 0; minute < 3; minute++) {
    const found = (await allOf(sweep(rig.world))).some(({ kind }) => kind === "look");
    if (found) return 0;
    if ((await rig.termination())?.status?.finishTime !== undefined) return undefined;
    await rig.pass(60);
  }
  return undefined;
}

async function endOf(rig: Rig) {
  const { status } = (await rig.termination()) ?? {};
  const evictions = rig.calls().filter(({ what }) => what === "POST pods/eviction").length;
  return {
    evictions,
    end: {
      phase: status?.phase,
      claims: status?.drainedClaims,
      pods: await rig.podNames(),
      node: await rig.node(),
      hook: rig.cloud.inspect("i-1")?.hooks.map(({ ending }) => ending),
      reasons: status?.conditions?.map(({ type, reason }) => `${type} ${reason}`),
    },
  };
}

const NEVER = 1000;
const CALLS = 26;

test("a drain that is not disturbed", async (t) => {
  const { end, evictions } = await story(t, NEVER, false);
  deepStrictEqual(end, {
    phase: "Released",
    claims: ["default/data"],
    pods: [],
    node: undefined,
    hook: ["completed"],
    reasons: ["Cordoned Cordoned", "Drained Drained", "Released InstanceGone", "VolumesDetached Detached"],
  });
  deepStrictEqual(evictions, 2);
});

for (const after of [false, true]) {
  test(`dying ${after ? "after" : "before"} any call changes nothing but the time`, async (t) => {
    const undisturbed = await story(t, NEVER, false);
    for (let atCall = 1; atCall <= CALLS; atCall++) {
      const { end, evictions } = await story(t, atCall, after);
      deepStrictEqual(end, undisturbed.end, `died ${after ? "after" : "before"} call ${atCall}`);
      ok(evictions <= 4, `call ${atCall}: ${evictions} evictions`);
    }
  });
}
