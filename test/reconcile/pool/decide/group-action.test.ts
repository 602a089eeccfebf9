/** What a pass does to a group: one row for each rule, each changing one thing in a settled pool. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type GroupAction, groupAction } from "../../../../lib/reconcile/decide/group-action.ts";
import type { GroupMoment, LeavingSeen, RolloutSeen } from "../../../../lib/reconcile/decide/group-view.ts";
import { byCloud, group, instance, leaving, removal, replacement, settled } from "./moments.ts";

const change = { do: "x", because: "Differs" };
const apply = (which: "change" | "preparation" | "removal"): GroupAction => ({
  do: "apply",
  which,
  because: "Differs",
});
const onItsWay = (againSeconds: number): GroupAction => ({ do: "settle", because: "OnItsWay", againSeconds });
const scale = (replicas: number, because: string): GroupAction => ({ do: "scale", replicas, because });
const remove = (count: number, all = false): GroupAction => ({
  do: "remove",
  count,
  all,
  because: all ? "PoolDeleted" : "ScaleIn",
});
const going = { ...settled, deleting: true };

const rollout = (more: Partial<RolloutSeen> = {}): RolloutSeen => ({
  desired: 3,
  victims: [],
  decrement: true,
  because: "RollingUpdate",
  ...more,
});
const named = (numbers: readonly number[], decrement = true): GroupAction => ({
  do: "remove",
  count: numbers.length,
  all: false,
  named: numbers.map((number) => instance(number).providerID),
  decrement,
  because: "RollingUpdate",
});
const victimsOf = (...numbers: readonly number[]) => numbers.map((number) => instance(number).providerID);

const led: { name: string; seen: GroupMoment; want: GroupAction }[] = [
  {
    name: "where the provider leads, its size comes before its victims",
    seen: { ...settled, rollout: rollout({ desired: 4, victims: victimsOf(1) }) },
    want: scale(4, "RollingUpdate"),
  },
  {
    name: "its victims go in its order, as many as the deployment takes at a time",
    seen: { ...settled, surge: 2, rollout: rollout({ victims: victimsOf(3, 1, 2) }) },
    want: named([3, 1]),
  },
  {
    name: "or as many as it says itself",
    seen: { ...settled, rollout: rollout({ victims: victimsOf(3, 1, 2), atOnce: 3 }) },
    want: named([3, 1, 2]),
  },
  {
    name: "those on their way count, and are not named again",
    seen: {
      ...settled,
      leaving: leaving([3, removal]),
      rollout: rollout({ victims: victimsOf(3, 1), atOnce: 2 }),
    },
    want: named([1]),
  },
  {
    name: "a replacement leaves the number as it is",
    seen: { ...settled, rollout: rollout({ victims: victimsOf(1), decrement: false }) },
    want: named([1], false),
  },
  {
    name: "nothing is asked of a group that the cloud works on; it is looked at when it said",
    seen: { ...settled, group: group({ busySeconds: 42 }), rollout: rollout({ desired: 9, victims: victimsOf(1) }) },
    want: onItsWay(42),
  },
  {
    name: "the number of somebody else is not lowered by our own replacement",
    seen: {
      ...settled,
      externallyManaged: true,
      group: group({ desired: 2 }),
      leaving: leaving([3, replacement]),
    },
    want: scale(3, "Replacing"),
  },
  {
    name: "a replacement's place is not asked for while the cloud works on the group",
    seen: {
      ...settled,
      externallyManaged: true,
      group: group({ desired: 2, busySeconds: 42 }),
      leaving: leaving([3, replacement]),
    },
    want: onItsWay(42),
  },
  {
    name: "what somebody else asks for beside a replacement of ours is theirs",
    seen: { ...settled, externallyManaged: true, group: group({ desired: 4 }), leaving: leaving([3, replacement]) },
    want: { do: "copy-replicas", replicas: 4, because: "ManagedElsewhere" },
  },
];
for (const { name, seen, want } of led) test(name, () => deepStrictEqual(groupAction(seen), want));

const cases: { name: string; seen: GroupMoment; want: GroupAction }[] = [
  { name: "a settled pool needs nothing", seen: settled, want: { do: "settle", because: "InStep" } },
  {
    name: "a change of the cloud comes before the size",
    seen: { ...settled, change, replicas: 9 },
    want: apply("change"),
  },
  {
    name: "a missing group is made, whatever the size",
    seen: { deleting: false, externallyManaged: false, leaving: new Map(), surge: 1, told: false, replicas: 3, change },
    want: apply("change"),
  },
  {
    name: "a missing group that nobody can make yet is looked at again",
    seen: { deleting: false, externallyManaged: false, leaving: new Map(), surge: 1, told: false, replicas: 3 },
    want: onItsWay(15),
  },
  { name: "more are asked for", seen: { ...settled, replicas: 5 }, want: scale(5, "ScaleOut") },
  { name: "more than the maximum are not", seen: { ...settled, replicas: 9 }, want: scale(5, "ScaleOut") },
  { name: "fewer go one by one", seen: { ...settled, replicas: 1 }, want: remove(1) },
  { name: "fewer go two by two with a surge of two", seen: { ...settled, replicas: 1, surge: 2 }, want: remove(2) },
  {
    name: "a surge takes no more than there are too many",
    seen: { ...settled, replicas: 2, surge: 4 },
    want: remove(1),
  },
  { name: "fewer than the minimum do not go", seen: { ...settled, replicas: 0, surge: 9 }, want: remove(2) },
  {
    name: "while one goes the next waits",
    seen: { ...settled, replicas: 1, leaving: leaving([3, removal]) },
    want: onItsWay(30),
  },
  {
    name: "while one that is replaced goes, one that is not waits too",
    seen: { ...settled, replicas: 2, leaving: leaving([3, replacement]) },
    want: onItsWay(30),
  },
  {
    name: "an instance that the cloud takes does not count for the surge",
    seen: { ...settled, replicas: 2, leaving: leaving([3, byCloud]) },
    want: remove(1),
  },
  {
    name: "one that was chosen and is not taken out yet is counted as gone",
    seen: { ...settled, replicas: 2, leaving: leaving([3, removal]) },
    want: onItsWay(30),
  },
  {
    name: "one that was taken out counts no more",
    seen: {
      ...settled,
      replicas: 2,
      group: group({ desired: 2, instances: [instance(1), instance(2), instance(3, { state: "held" })] }),
      leaving: leaving([3, removal]),
    },
    want: onItsWay(30),
  },
  {
    name: "the next goes only when the one before is gone",
    seen: {
      ...settled,
      replicas: 1,
      group: group({ desired: 2, instances: [instance(1), instance(2), instance(3, { state: "leaving" })] }),
      leaving: leaving([3, removal]),
    },
    want: onItsWay(30),
  },
  {
    name: "one that was chosen and is not shown at all is seen late: the next waits for it",
    seen: { ...settled, replicas: 1, leaving: leaving([4, removal]) },
    want: onItsWay(30),
  },
  {
    name: "one that was taken out and is not shown any more is gone: the next goes",
    seen: { ...settled, replicas: 1, leaving: leaving([4, { ...removal, released: true }]) },
    want: remove(1),
  },
  {
    name: "what was taken out and is still shown in service is seen late: nobody is launched in its place",
    seen: {
      ...settled,
      group: group({ desired: 2 }),
      replicas: 2,
      leaving: leaving([1, { ...removal, released: true }]),
    },
    want: onItsWay(15),
  },
  {
    name: "nor does another go for it",
    seen: { ...settled, replicas: 2, leaving: leaving([1, { ...removal, released: true }]) },
    want: onItsWay(30),
  },
  {
    name: "a wish taken back while one drains is made good beside it",
    seen: { ...settled, leaving: leaving([3, removal]) },
    want: scale(4, "ScaleOut"),
  },
  {
    name: "but not beyond the maximum",
    seen: { ...settled, group: group({ maximum: 3 }), leaving: leaving([3, removal]) },
    want: onItsWay(30),
  },
  {
    name: "what has not been launched costs no drain",
    seen: { ...settled, replicas: 2, group: group({ desired: 5 }) },
    want: scale(3, "ScaleIn"),
  },
  {
    name: "a cancelled drain is no removal under way",
    seen: { ...settled, replicas: 2, leaving: leaving([3, { record: "cancelled" }]) },
    want: remove(1),
  },
  {
    name: "without a wish the size is left alone",
    seen: { deleting: false, externallyManaged: false, group: group(), leaving: new Map(), surge: 1, told: false },
    want: { do: "settle", because: "InStep" },
  },
  {
    name: "somebody else's size is copied",
    seen: { ...settled, externallyManaged: true, group: group({ desired: 4 }) },
    want: { do: "copy-replicas", replicas: 4, because: "ManagedElsewhere" },
  },
  {
    name: "somebody else's size is never changed",
    seen: { ...settled, externallyManaged: true, replicas: 3 },
    want: { do: "settle", because: "InStep" },
  },
  {
    name: "instances that boot are looked at again soon",
    seen: { ...settled, group: group({ instances: [instance(1), instance(2), instance(3, { state: "pending" })] }) },
    want: onItsWay(15),
  },
  {
    name: "instances that boot are not looked for where events tell of them",
    seen: {
      ...settled,
      told: true,
      group: group({ instances: [instance(1), instance(2), instance(3, { state: "pending" })] }),
    },
    want: { do: "settle", because: "OnItsWay" },
  },
  {
    name: "a replacement is looked at now and then",
    seen: { ...settled, group: group({ replacing: true }) },
    want: onItsWay(30),
  },
  {
    name: "a sick instance is looked at rarely",
    seen: { ...settled, group: group({ instances: [instance(1), instance(2), instance(3, { healthy: false })] }) },
    want: onItsWay(60),
  },
  {
    name: "a group that its cloud deletes is waited for",
    seen: { ...settled, group: group({ deleting: true }) },
    want: onItsWay(15),
  },

  {
    name: "deletion: what holds the last instances comes first",
    seen: { ...going, preparation: change },
    want: apply("preparation"),
  },
  {
    name: "deletion: what has not been launched is not launched any more",
    seen: { ...going, group: group({ desired: 5 }) },
    want: scale(3, "PoolDeleted"),
  },
  {
    name: "deletion: a group that takes no orders now is not asked to launch fewer, and its drains begin all the same",
    seen: { ...going, group: group({ desired: 5, busySeconds: 15 }) },
    want: remove(3, true),
  },
  { name: "deletion: every instance goes at once", seen: going, want: remove(3, true) },
  {
    name: "deletion: those that are on their way are not recorded again",
    seen: { ...going, leaving: leaving([1, removal], [2, byCloud]) },
    want: remove(1, true),
  },
  {
    name: "deletion: kept instances go as well",
    seen: { ...going, group: group({ desired: 0, instances: [instance(1, { state: "retained" })] }) },
    want: remove(1, true),
  },
  {
    name: "deletion: all are on their way",
    seen: { ...going, leaving: leaving([1, removal], [2, removal], [3, removal]), removal: change },
    want: { do: "wait", because: "InstancesLeaving", againSeconds: 15 },
  },
  {
    name: "deletion: the end of each drain is told, where events tell of instances",
    seen: { ...going, told: true, leaving: leaving([1, removal], [2, removal], [3, removal]) },
    want: { do: "wait", because: "InstancesLeaving" },
  },
  {
    name: "deletion: the group goes when nothing is left in it",
    seen: { ...going, group: group({ desired: 0, instances: [] }), preparation: change, removal: change },
    want: apply("removal"),
  },
  {
    name: "deletion: while the cloud deletes the group the rest may go",
    seen: { ...going, group: group({ deleting: true }), removal: change },
    want: apply("removal"),
  },
  {
    name: "deletion: a group that is on its way is waited for",
    seen: { ...going, group: group({ deleting: true }) },
    want: { do: "wait", because: "GroupLeaving", againSeconds: 15 },
  },
  {
    name: "deletion: nothing is left",
    seen: { deleting: true, externallyManaged: false, leaving: new Map(), surge: 1, told: false },
    want: { do: "drop-finalizer", because: "NothingLeft" },
  },
];
for (const { name, seen, want } of cases) test(name, () => deepStrictEqual(groupAction(seen), want));

const states = fc.constantFrom("pending", "running", "held", "leaving", "retained", "gone" as const);
const records: fc.Arbitrary<LeavingSeen | undefined> = fc.constantFrom(undefined, removal, replacement, byCloud, {
  record: "cancelled",
} as const);
const moments = fc
  .record({
    states: fc.array(fc.tuple(states, records), { maxLength: 6 }),
    desired: fc.nat({ max: 7 }),
    bounds: fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 3, max: 8 })),
    replicas: fc.nat({ max: 10 }),
    surge: fc.integer({ min: 1, max: 3 }),
  })
  .map(
    ({ states: list, desired, bounds: [minimum, maximum], replicas, surge }): GroupMoment => ({
      ...settled,
      replicas,
      surge,
      group: group({ desired, minimum, maximum, instances: list.map(([state], at) => instance(at, { state })) }),
      leaving: leaving(...list.flatMap(([, seen], at) => (seen ? [[at, seen] as const] : []))),
    }),
  );

test("whatever is seen: removals stay within the surge, and what is planned never falls below the minimum", () => {
  fc.assert(
    fc.property(moments, (moment) => {
      const { group: seen, leaving: recorded, surge } = moment;
      const action = groupAction(moment);
      ok(seen);
      if (action.do === "scale") ok(action.replicas <= Math.max(seen.maximum, seen.desired), "within the maximum");
      if (action.do !== "remove") return;
      const open = seen.instances.filter(({ state, providerID }) => {
        const record = recorded.get(providerID);
        return state !== "gone" && record?.record === "open" && record.removal !== undefined;
      });
      ok(open.length + action.count <= surge, "within the surge");
      const going = open.filter(
        ({ state, providerID }) =>
          (state === "pending" || state === "running") && recorded.get(providerID)?.removal?.decrement,
      );
      ok(seen.desired - going.length - action.count >= seen.minimum, "never below the minimum");
    }),
  );
});

test("whatever is seen: a pass that changes nothing in the world decides the same again", () => {
  fc.assert(fc.property(moments, (moment) => deepStrictEqual(groupAction(moment), groupAction(moment))));
  strictEqual(groupAction(settled).do, "settle");
});
