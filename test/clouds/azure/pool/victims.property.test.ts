/** Whoever is chosen to go, of any machines and for any wish: the rules that hold for all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Candidate, type Choice, selectVictims } from "../../../../lib/providers/azure/pool/victims.ts";
import { machine } from "./candidates.ts";

const ages = (victims: readonly Candidate[]) => victims.map(({ created }) => created / 1000);

const anyMachine = (state: fc.Arbitrary<string | undefined>) =>
  fc.record({ ready: fc.boolean(), latest: fc.boolean(), marked: fc.constant(false), going: fc.boolean(), state });
const pools = (state: fc.Arbitrary<string | undefined>) =>
  fc.array(anyMachine(state), { maxLength: 12 }).map((all) => all.map((one, age) => machine(age, one)));
const choices = fc.record<Choice>({
  desired: fc.nat(12),
  maxUnavailable: fc.nat(4),
  policy: fc.constantFrom("Oldest", "Newest", "Random"),
  rollout: fc.boolean(),
});
const quietStates = fc.constantFrom<(string | undefined)[]>("Succeeded", "Updating", "Creating", undefined);
const serves = (one: Candidate) => one.ready && one.state === "Succeeded" && !one.going;

test("whoever goes is of the pool, and nobody goes twice", () => {
  const anyState = fc.oneof(quietStates, fc.constantFrom("Failed", "Deleting"));
  fc.assert(
    fc.property(pools(anyState), choices, (machines, asked) => {
      const victims = selectVictims(machines, asked);
      assert.equal(new Set(victims).size, victims.length);
      assert.ok(victims.every((one) => machines.includes(one)));
    }),
  );
});

test("without failed, marked and foreign ones never fewer serve than are wished for, less what may be missing", () => {
  fc.assert(
    fc.property(pools(quietStates), choices, (machines, asked) => {
      const before = machines.filter(serves).length;
      const victims = selectVictims(machines, asked);
      const after = machines.filter((one) => serves(one) && !victims.includes(one)).length;
      const floor = Math.max(0, asked.desired - asked.maxUnavailable);
      // Who does not serve and comes up later counts as there: that many fewer may serve for a while.
      const coming = machines.filter(
        (one) => !one.going && !one.ready && one.state !== undefined && !victims.includes(one),
      ).length;
      assert.ok(after + coming >= Math.min(before, floor), `${before} -> ${after}, ${coming} coming, floor ${floor}`);
    }),
  );
});

test("without surplus only old ones go", () => {
  fc.assert(
    fc.property(pools(quietStates), choices, (machines, asked) => {
      const stays = machines.filter(({ going: gone, state }) => !gone && state !== undefined);
      fc.pre(stays.length <= asked.desired);
      assert.ok(selectVictims(machines, asked).every(({ latest }) => !latest));
    }),
  );
});

test("the order in which Azure lists the machines decides nothing", () => {
  fc.assert(
    fc.property(pools(quietStates), choices, fc.integer(), (machines, asked, seed) => {
      const shuffled = machines.toSorted((a, b) => ((a.created * 7919 + seed) % 31) - ((b.created * 7919 + seed) % 31));
      assert.deepEqual(ages(selectVictims(shuffled, asked)), ages(selectVictims(machines, asked)));
    }),
  );
});
