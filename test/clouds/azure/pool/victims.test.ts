/** Who goes next: one row for each rule of upstream's own tests, and what holds for every pool that there can be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { scaled } from "../../../../lib/providers/azure/pool/percent.ts";
import { strategyOf } from "../../../../lib/providers/azure/pool/rollout.ts";
import { type Candidate, type Choice, selectVictims } from "../../../../lib/providers/azure/pool/victims.ts";
import { machine } from "./candidates.ts";

const old = (age: number, more: Partial<Candidate> = {}) => machine(age, { latest: false, ...more });
const unready = { ready: false };
const going = { going: true };
const marked = { marked: true };

const choice = (desired: number, more: Partial<Choice> = {}): Choice => ({
  desired,
  maxUnavailable: 0,
  policy: "Oldest",
  rollout: false,
  ...more,
});
const rollout = (desired: number, more: Partial<Choice> = {}) => choice(desired, { rollout: true, ...more });

interface Row {
  readonly name: string;
  readonly machines: readonly Candidate[];
  readonly choice: Choice;
  /** Ages. */
  readonly want: readonly number[];
}

const rows: readonly Row[] = [
  { name: "one that is needed stays", machines: [machine(1)], choice: choice(1), want: [] },
  {
    name: "of three ready ones for two the old one goes",
    machines: [machine(1), old(2), machine(3)],
    choice: choice(2),
    want: [2],
  },
  {
    name: "of two ready and one unready for two the unready one goes",
    machines: [machine(1), machine(2), machine(3, unready)],
    choice: choice(2),
    want: [3],
  },
  {
    name: "an unready one that is needed stays",
    machines: [machine(1), machine(2), machine(3, unready)],
    choice: choice(3),
    want: [],
  },
  {
    name: "of two unready ones for three exactly one goes",
    machines: [machine(1), machine(2), machine(3, unready), machine(4, unready)],
    choice: choice(3),
    want: [3],
  },
  {
    name: "while the replacement is not ready nobody goes",
    machines: [old(1), old(2), machine(3, unready)],
    choice: rollout(2),
    want: [],
  },
  {
    name: "in a rollout an old one that is unready goes first",
    machines: [old(1), old(2, unready), machine(3)],
    choice: rollout(2),
    want: [2],
  },
  {
    name: "in a rollout with one replacement ready and one coming one old one goes",
    machines: [old(1), old(2), machine(3), machine(4, unready)],
    choice: rollout(2),
    want: [1],
  },
  {
    name: "outside a rollout an old unready one too many goes",
    machines: [machine(1), machine(2), old(3, unready)],
    choice: choice(2),
    want: [3],
  },
  {
    name: "one of which nothing is known yet counts for nothing",
    machines: [old(1), old(2), old(3, { state: undefined, ready: false })],
    choice: choice(2),
    want: [],
  },
  {
    name: "at random too, the old one goes before the latest",
    machines: [machine(1), machine(2), old(3)],
    choice: choice(2, { policy: "Random" }),
    want: [3],
  },
  {
    name: "Oldest takes the one that was made first",
    machines: [machine(2), machine(1), machine(3)],
    choice: choice(2),
    want: [1],
  },
  {
    name: "Oldest takes two in their order",
    machines: [machine(4), machine(2), machine(1), machine(3)],
    choice: choice(2),
    want: [1, 2],
  },
  {
    name: "Newest takes two in the other order",
    machines: [machine(4), machine(2), machine(1), machine(3)],
    choice: choice(2, { policy: "Newest" }),
    want: [4, 3],
  },
  {
    name: "a marked one goes, and only it, although it is not the oldest",
    machines: [machine(1), machine(2), machine(3, marked), machine(4)],
    choice: choice(2),
    want: [3],
  },
  {
    name: "a marked one goes although it is needed",
    machines: [machine(1), machine(2, marked)],
    choice: choice(2),
    want: [2],
  },
  {
    name: "what is on its way already is enough",
    machines: [machine(1, going), machine(2, going), machine(3), machine(4)],
    choice: choice(2),
    want: [],
  },
  {
    name: "what Azure deletes for us is enough as well",
    machines: [
      machine(1, { ...going, state: "Deleting" }),
      machine(2, { ...going, state: "Deleting" }),
      machine(3),
      machine(4),
    ],
    choice: choice(2),
    want: [],
  },
  {
    name: "what Azure deletes without a word of ours is taken out, and nobody else",
    machines: [machine(3), machine(2, { state: "Deleting" }), machine(1, { state: "Deleting" }), machine(4)],
    choice: choice(2),
    want: [1, 2],
  },
  {
    name: "one on its way is not enough for two too many",
    machines: [machine(1, going), machine(2), machine(3), machine(4)],
    choice: choice(2),
    want: [2],
  },
  {
    name: "one may be missing: one old one goes",
    machines: [machine(1), old(2), machine(3)],
    choice: rollout(3, { maxUnavailable: 1 }),
    want: [2],
  },
  {
    name: "one may be missing and all are of the latest: nobody goes",
    machines: [machine(1), machine(2), machine(3)],
    choice: choice(3, { maxUnavailable: 1 }),
    want: [],
  },
  {
    name: "two may be missing: both old ones go",
    machines: [old(1), old(2), machine(3)],
    choice: rollout(3, { maxUnavailable: 2 }),
    want: [1, 2],
  },
  {
    name: "more may be missing than there are: not more than are wished for go",
    machines: [old(1), old(2)],
    choice: rollout(2, { maxUnavailable: 5 }),
    want: [1, 2],
  },
  {
    name: "a failed one goes before everything else, needed or not, the marked of them first",
    machines: [machine(1), old(2), machine(3, { state: "Failed" }), machine(4, { state: "Failed", ...marked })],
    choice: choice(4),
    want: [4, 3],
  },
];

const ages = (victims: readonly Candidate[]) => victims.map(({ created }) => created / 1000);
for (const row of rows) test(row.name, () => assert.deepEqual(ages(selectVictims(row.machines, row.choice)), row.want));

test("shares of what is wished for: surges are rounded up, losses down", () => {
  const of = (maxSurge: number | string | undefined, maxUnavailable: number | string | undefined, desired: number) => {
    const given = {
      ...(maxSurge !== undefined && { maxSurge }),
      ...(maxUnavailable !== undefined && { maxUnavailable }),
    };
    const strategy = strategyOf({ rollingUpdate: given }, desired);
    return [strategy.maxSurge, strategy.maxUnavailable];
  };
  assert.deepEqual(of(undefined, undefined, 20), [1, 0]);
  assert.deepEqual(of(2, 2, 1), [2, 2]);
  assert.deepEqual(of("20%", "20%", 20), [4, 4]);
  assert.deepEqual(of("20%", "20%", 21), [5, 4]);
  assert.deepEqual(of("50%", 0, 4), [2, 0]);
  assert.deepEqual(of(1, "45%", 3), [1, 1]);
  assert.deepEqual(of(1, "30%", 3), [1, 0]);
  assert.deepEqual(strategyOf(undefined, 7), { maxSurge: 1, maxUnavailable: 0, policy: "Oldest" });
});

test("a share is read as Kubernetes reads it, and nothing else is", () => {
  assert.equal(scaled("3", 10, "up"), 3);
  for (const odd of ["", "%", "-1", "1.5", "20 %", "x%", "１０%"]) assert.equal(scaled(odd, 10, "up"), undefined, odd);
  assert.equal(scaled(-1, 10, "up"), undefined);
  fc.assert(
    fc.property(fc.nat(200), fc.nat(2000), (percent, of) => {
      const [up = -1, down = -1] = [scaled(`${percent}%`, of, "up"), scaled(`${percent}%`, of, "down")];
      assert.ok(down <= (percent * of) / 100 && (percent * of) / 100 <= up && up - down <= 1);
    }),
  );
});
