/** Who goes first when there shall be fewer. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Choice, leavers, victims } from "../../../../lib/reconcile/decide/group-victims.ts";
import type { GroupInstance } from "../../../../lib/reconcile/decide/group-view.ts";
import { instance, leaving, removal } from "./moments.ts";

const three: Choice = {
  instances: [instance(1), instance(2), instance(3)],
  leaving: new Map(),
  marked: new Set(),
  spared: new Set(),
  count: 1,
};
const unknownAge = (number: number): GroupInstance => {
  const { launchTime, ...rest } = instance(number);
  return launchTime === undefined ? instance(number) : rest;
};
const marked = (number: number) => new Set([instance(number).providerID]);

const cases: { name: string; choice: Choice; want: readonly string[] }[] = [
  { name: "the newest", choice: three, want: ["i-3"] },
  { name: "the newest two, the newest first", choice: { ...three, count: 2 }, want: ["i-3", "i-2"] },
  {
    name: "an outdated one before a newer one",
    choice: { ...three, instances: [instance(1, { upToDate: false }), instance(2), instance(3)] },
    want: ["i-1"],
  },
  {
    name: "a sick one before an outdated one",
    choice: { ...three, instances: [instance(1, { upToDate: false }), instance(2, { healthy: false }), instance(3)] },
    want: ["i-2"],
  },
  {
    name: "a chosen one before a sick one",
    choice: { ...three, instances: [instance(1), instance(2, { healthy: false }), instance(3)], marked: marked(1) },
    want: ["i-1"],
  },
  {
    name: "one whose drain was taken back comes last, though it was chosen",
    choice: { ...three, count: 3, marked: marked(3), leaving: leaving([3, { record: "cancelled" }]) },
    want: ["i-2", "i-1", "i-3"],
  },
  {
    name: "one whose Node a person took back from a drain comes last too",
    choice: { ...three, count: 3, spared: marked(3) },
    want: ["i-2", "i-1", "i-3"],
  },
  {
    name: "none that is on its way",
    choice: { ...three, count: 3, leaving: leaving([3, removal]) },
    want: ["i-2", "i-1"],
  },
  {
    name: "none that the cloud holds, keeps or has ended",
    choice: {
      ...three,
      count: 4,
      instances: [instance(1, { state: "held" }), instance(2, { state: "retained" }), instance(3, { state: "gone" })],
    },
    want: [],
  },
  {
    name: "one that boots as well",
    choice: {
      ...three,
      instances: [instance(1), instance(2, { state: "pending", launchTime: "2026-03-01T13:00:00Z" })],
    },
    want: ["i-2"],
  },
  {
    name: "of equals the first by providerID, and unknown launch times are the oldest",
    choice: { ...three, instances: [unknownAge(2), unknownAge(1)] },
    want: ["i-1"],
  },
  { name: "nobody when nobody shall go", choice: { ...three, count: 0 }, want: [] },
];
for (const { name, choice, want } of cases)
  test(name, () =>
    deepStrictEqual(
      victims(choice).map(({ instanceId }) => instanceId),
      want,
    ),
  );

test("of a pool that goes everything leaves that nobody has begun to take out", () => {
  const instances = [instance(1), instance(2, { state: "retained" }), instance(3, { state: "held" }), instance(4)];
  const found = leavers({ instances, leaving: leaving([4, removal]), count: 9 });
  deepStrictEqual(
    found.map(({ instanceId }) => instanceId),
    ["i-1", "i-2"],
  );
});

test("the order of the instances says nothing", () => {
  const numbers = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 });
  fc.assert(
    fc.property(numbers, fc.nat({ max: 5 }), (order, count) => {
      const of = (list: readonly number[]) =>
        victims({ ...three, count, instances: list.map((number) => instance(number)) }).map(
          ({ instanceId }) => instanceId,
        );
      deepStrictEqual(of(order), of([1, 2, 3, 4, 5]));
      ok(of(order).length === count);
    }),
  );
});
