/** One short round of chaos on real wires, and the parts that it is made of: its plan, its rounds, its verdict. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { dice } from "../../infra/local/chaos/dice.ts";
import { isHalfOpen, nextStrike, USUAL } from "../../infra/local/chaos/plan.ts";
import { planRounds } from "../../infra/local/chaos/rounds.ts";
import { underChaos } from "../../infra/local/chaos/verdict.ts";
import { playStory } from "../../infra/local/stories/run.ts";
import { scaleIn } from "../../infra/local/stories/scale-in.ts";
import { throughShortChaos } from "./short-chaos.ts";

test("a drain keeps its promises through latency, resets, half-open connections, blackholes and crashes", (context) =>
  throughShortChaos(context, "5", (playing) => playStory(scaleIn, playing)));

test("one seed is one plan, another seed another", () => {
  const planOf = (seed: string) => {
    const chance = dice(seed);
    return Array.from({ length: 50 }, (_, number) => [
      isHalfOpen(chance, `aws #${number}`, USUAL),
      nextStrike(chance, `aws #1 ${number}`, USUAL),
    ]);
  };
  deepStrictEqual(planOf("a"), planOf("a"));
  strictEqual(JSON.stringify(planOf("a")) === JSON.stringify(planOf("b")), false);
});

test("the usual rates bring every kind of strike on both sides", () => {
  const chance = dice("usual");
  const strikes = Array.from({ length: 500 }, (_, number) => nextStrike(chance, `s ${number}`, USUAL));
  const kinds = new Set(strikes.map(({ fault, on }) => `${fault} ${on}`));
  strictEqual(kinds.size, 6);
  ok(strikes.every(({ afterBytes }) => afterBytes >= 1_000 && afterBytes <= USUAL.bytes));
});

test("rounds go on where the last one ended, each with a seed of its own", () => {
  deepStrictEqual(planRounds(["a", "b", "c"], { cloud: "azure", seed: "s", rounds: 2, some: 2 }), [
    { cloud: "azure", story: "a", seed: "s.1" },
    { cloud: "azure", story: "b", seed: "s.1" },
    { cloud: "azure", story: "c", seed: "s.2" },
    { cloud: "azure", story: "a", seed: "s.2" },
  ]);
});

const quiet = { promise: "p", seen: "s", kept: true };
const peace = { ...quiet, promise: "nothing fails", kept: false, inPeace: true as const };
const tallyOf = (reset: number) => ({
  tally: () => ({ latency: 0, reset, "half-open": 0, blackhole: 0, crash: 0 }),
});
const invocation = {
  function: "f",
  requestId: "r",
  at: new Date(0),
  durationMilliseconds: 1,
  cold: false,
  outcome: "ok" as const,
  calls: 1,
};
const failed = (line: object) => [{ ...invocation, logs: [{ level: "ERROR", ...line }] }];
const verdicts = [
  { name: "peace is not promised under chaos", tally: tallyOf(1), seen: [], kept: [true, true] },
  { name: "chaos that never struck has proved nothing", tally: tallyOf(0), seen: [], kept: [true, false] },
  { name: "a wire explains an error", tally: tallyOf(1), seen: failed({ kind: "unreachable" }), kept: [true, true] },
  {
    name: "a wire explains no TypeError",
    tally: tallyOf(1),
    seen: failed({ error: "TypeError" }),
    kept: [true, false],
  },
];
for (const { name, tally, seen, kept } of verdicts)
  test(name, () =>
    deepStrictEqual(
      underChaos([quiet, peace], tally, seen).map((promised) => promised.kept),
      kept,
    ),
  );
