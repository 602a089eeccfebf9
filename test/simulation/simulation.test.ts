/** The simulation as a test: old failures, a fixed range of seeds, the same run twice, and three planted bugs that must be caught. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { huntOne } from "./mutants/hunt.ts";
import { MUTANTS } from "./mutants/list.ts";
import { REGRESSIONS } from "./regression-seeds.ts";
import { runSeed } from "./run.ts";
import { commandFor, sentenceOf } from "./story.ts";

const FIXED_SEEDS = 60;
const PLANTED = [
  "an instance is released before its Node is drained",
  "heartbeats are forgotten",
  "a status is written from a stale view",
];

/** @throws with the way to see it */
async function keepsItsPromises(seed: number): Promise<void> {
  const result = await runSeed(seed);
  assert.equal(result.violation, undefined, `${sentenceOf(result)}; see it: ${commandFor(seed)}`);
}

for (const [seed, sentence] of REGRESSIONS) test(`seed ${seed}: ${sentence}`, () => keepsItsPromises(seed));

test(`seeds 1 to ${FIXED_SEEDS} keep every promise`, async () => {
  for (let seed = 1; seed <= FIXED_SEEDS; seed++) await keepsItsPromises(seed);
});

test("the same seed is the same run, line by line", async () => {
  const tell = async () => {
    const lines: string[] = [];
    await runSeed(3, { onLine: (line) => void lines.push(line) });
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

for (const name of PLANTED)
  test(`caught when planted: ${name}`, async () => {
    const mutant = MUTANTS.find((one) => one.name === name);
    assert.ok(mutant);
    const { violation } = await huntOne(mutant);
    assert.ok(violation);
  });
