/** Who brings the next pass: one chain of messages, or the cloud's own events and the sweep. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ActResult, DrainAction } from "../../../lib/reconcile/decide/action.ts";
import type { DrainView } from "../../../lib/reconcile/decide/drain-view.ts";
import { isToldByCloud, mergeLook, type NextLook, secondsToAct } from "../../../lib/reconcile/decide/next-look.ts";
import { at, quiet, seconds } from "../support/views.ts";

const { hold: _, ...unheld } = quiet;
const podsLeaving: DrainAction = { do: "wait", because: "PodsLeaving", againSeconds: 30 };

const chains: { name: string; promised?: string; wanted: number | undefined; left?: number; want: NextLook }[] = [
  {
    name: "minutes before the deadline a second look follows the promised one, in a pass of its own: the first may die",
    promised: at(70),
    wanted: 20,
    left: 120,
    want: { nextLookTime: at(70), againSeconds: 14 },
  },
  {
    name: "a deadline that is far away changes nothing",
    promised: at(70),
    wanted: 20,
    left: 3600,
    want: { nextLookTime: at(70) },
  },
  {
    name: "nobody is coming: a look is promised and asked for",
    wanted: 20,
    want: { nextLookTime: at(80), againSeconds: 20 },
  },
  { name: "somebody comes earlier: that is enough", promised: at(70), wanted: 20, want: { nextLookTime: at(70) } },
  {
    name: "somebody comes at about the same time: that is enough",
    promised: at(81),
    wanted: 20,
    want: { nextLookTime: at(81) },
  },
  {
    name: "somebody comes too late: an earlier look is asked for",
    promised: at(90),
    wanted: 20,
    want: { nextLookTime: at(80), againSeconds: 20 },
  },
  {
    name: "the promise that brought this very pass is used up",
    promised: at(60),
    wanted: 20,
    want: { nextLookTime: at(80), againSeconds: 20 },
  },
  {
    name: "a pass that comes a little early is that promise too",
    promised: at(61),
    wanted: 20,
    want: { nextLookTime: at(80), againSeconds: 20 },
  },
  { name: "nobody is wanted: no promise is left", promised: at(90), wanted: undefined, want: {} },
];
for (const { name, promised, wanted, left, want } of chains)
  test(name, () => deepStrictEqual(mergeLook(promised, seconds(60), wanted, left), want));

test("a dry run has nothing to miss: near its deadline, too, a look that comes is enough", () => {
  const planned = { ...quiet, spec: { ...quiet.spec, deadlineTime: at(90), dryRun: true } };
  deepStrictEqual(mergeLook(at(70), seconds(60), 60, secondsToAct(planned)), { nextLookTime: at(70) });
});

test("two hints at once become one chain, whatever fraction of a second lies between them", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 5, max: 900 }), (apart, wanted) => {
      const first = mergeLook(undefined, seconds(60), wanted);
      deepStrictEqual(mergeLook(first.nextLookTime, seconds(60) + apart, wanted), { nextLookTime: at(60 + wanted) });
    }),
  );
});

test("a few minutes before a deadline two chains go on side by side, and no third", () => {
  let promised: string | undefined;
  let looks = [60, 60, 64, 67];
  for (let passes = 0; passes < 40; passes++) {
    const now = Math.min(...looks);
    const left = looks.filter((look) => look !== now);
    const { nextLookTime, againSeconds = 0 } = mergeLook(promised, seconds(now), 6, 100);
    promised = nextLookTime;
    looks = [...left, now + againSeconds];
  }
  deepStrictEqual(new Set(looks).size, 2);
  ok(Math.max(...looks) - Math.min(...looks) >= 2, "never in one batch");
});

const told: { name: string; seen?: DrainView; action: DrainAction; result?: ActResult; want: boolean }[] = [
  {
    name: "an accepted release needs no message: the cloud tells of the end",
    action: { do: "release", because: "Drained" },
    result: { release: "accepted" },
    want: true,
  },
  {
    name: "a release of nothing is looked at",
    action: { do: "release", because: "Drained" },
    result: { release: "not-held" },
    want: false,
  },
  {
    name: "a release in trouble is tried again",
    action: { do: "release", because: "Drained" },
    result: { trouble: { reason: "CloudThrottled", message: "", againSeconds: 9 } },
    want: false,
  },
  {
    name: "an instance that is held after its release is looked at",
    action: { do: "release", because: "StillHeld" },
    result: { release: "accepted" },
    want: false,
  },
  {
    name: "an instance on its way needs no message",
    seen: { ...quiet, instance: { state: "leaving", cloudState: "" } },
    action: { do: "wait", because: "InstanceLeaving", againSeconds: 60 },
    want: true,
  },
  {
    name: "an instance that serves on although its hold is over is looked at",
    seen: { ...quiet, instance: { state: "running", cloudState: "" } },
    action: { do: "wait", because: "InstanceLeaving", againSeconds: 60 },
    want: false,
  },
  {
    name: "an instance that serves until its deadline needs no message: nothing held it",
    seen: { ...unheld, instance: { state: "running", cloudState: "" } },
    action: { do: "wait", because: "InstanceLeaving", againSeconds: 60 },
    want: true,
  },
  { name: "pods on their way are looked at", action: podsLeaving, want: false },
];
for (const { name, seen = quiet, action, result = {}, want } of told)
  test(name, () => deepStrictEqual(isToldByCloud(seen, action, result), want));
