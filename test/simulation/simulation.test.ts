/** The simulation as a test: old failures, a fixed range of seeds, the same run twice, and a few planted bugs that must be caught. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { huntOne } from "./mutants/hunt.ts";
import { MUTANTS, type Mutant } from "./mutants/list.ts";
import { REGRESSIONS } from "./regression-seeds.ts";
import { runSeed } from "./run.ts";
import { commandFor, sentenceOf } from "./story.ts";

/** Drains beside upstream's controllers, pools of ours among them, volumes, plans and hooks of others, and worlds on Azure. */
const RANGES = [
  [1, 40],
  [10_000_001, 30],
  [50_000_001, 15],
  [60_000_001, 15],
] as const;
const PLANTED = [
  "an instance is released before its Node is drained",
  "heartbeats are forgotten",
  "a status is written from a stale view",
  "the newest goes, whoever was chosen",
  "a dry run cordons with the notice",
  "an operation is begun although one is under way",
];

/** @throws with the way to see it */
async function keepsItsPromises(seed: number): Promise<void> {
  const result = await runSeed(seed);
  assert.equal(result.violation, undefined, `${sentenceOf(result)}; see it: ${commandFor(seed)}`);
}

for (const [seed, sentence] of REGRESSIONS) test(`seed ${seed}: ${sentence}`, () => keepsItsPromises(seed));

for (const [from, count] of RANGES)
  test(`${count} seeds from ${from} keep every promise`, async () => {
    for (let seed = from; seed < from + count; seed++) await keepsItsPromises(seed);
  });

for (const seed of [3, 10_000_001, 60_000_003])
  test(`seed ${seed} twice is the same run, line by line`, async () => {
    const tell = async () => {
      const lines: string[] = [];
      await runSeed(seed, { onLine: (line) => void lines.push(line) });
      return lines;
    };
    const first = await tell();
    assert.ok(first.length > 100);
    assert.deepEqual(await tell(), first);
  });

test("what is left out when shrinking does not happen, and nothing new does", async () => {
  const { strikes } = await runSeed(3);
  const [kept] = strikes;
  assert.ok(kept);
  const fewer = await runSeed(3, { only: new Set([kept.id]) });
  assert.deepEqual(fewer.strikes, [kept]);
});

test("the text that each planted bug changes stands in its source, once", () => {
  const misses = MUTANTS.flatMap(({ name, file, changes }) => {
    const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    return changes.filter(([text]) => source.split(text).length !== 2).map(([text]) => `${name}: ${text}`);
  });
  assert.deepEqual(misses, []);
});

test("a planted bug that crashes is not taken for one that is caught", async () => {
  const file = "lib/reconcile/decide/next-look.ts";
  const planted: Mutant = {
    name: "crash",
    file,
    changes: [["return PLAN_SECONDS;", "return NOBODY_KNOWS;"]],
    from: 50_000_001,
  };
  const { seed, crash } = await huntOne(planted);
  assert.equal(seed, undefined);
  assert.match(crash ?? "", /NOBODY_KNOWS is not defined/);
});

for (const name of PLANTED)
  test(`caught when planted: ${name}`, async () => {
    const mutant = MUTANTS.find((one) => one.name === name);
    assert.ok(mutant);
    const { violation } = await huntOne(mutant);
    assert.ok(violation);
  });
