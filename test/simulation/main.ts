#!/usr/bin/env node
/** The simulation from the command line: one seed as a story, many seeds for a while, or the planted bugs. */
import { Command, InvalidArgumentError } from "commander";
import { createCoverage } from "./coverage.ts";
import { huntMutants } from "./mutants/hunt.ts";
import { runSeed } from "./run.ts";
import { commandFor, sentenceOf, tellStory } from "./story.ts";

const print = (line: string) => void process.stdout.write(`${line}\n`);
const PROGRESS_SEEDS = 500;
const FAILURES_SHOWN = 20;

const number = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("a whole number is wanted");
};

interface Range {
  readonly from: number;
  readonly seeds: number;
  /** Real seconds; absent: all seeds. */
  readonly seconds?: number;
}

/** @returns whether every promise was kept and everything occurred */
async function runMany({ from, seeds, seconds }: Range): Promise<boolean> {
  const coverage = createCoverage();
  const failures = new Map<string, number[]>();
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const rate = () =>
    `${coverage.passes()} passes (${Math.round(coverage.passes() / elapsed())}/s), ${coverage.calls()} calls`;
  let ran = 0;
  for (; ran < seeds && (seconds === undefined || elapsed() < seconds); ran++) {
    const result = await runSeed(from + ran);
    coverage.add(result.tally);
    if (result.violation) {
      const kind = `${result.violation.promise}: ${result.violation.what}`;
      const before = failures.get(kind) ?? [];
      failures.set(kind, [...before, result.seed]);
      if (before.length === 0) print(`${sentenceOf(result)}\n  see it: ${commandFor(result.seed)}`);
    }
    if ((ran + 1) % PROGRESS_SEEDS === 0) print(`${ran + 1} seeds, ${rate()}, ${Math.round(elapsed())} s`);
  }
  for (const [kind, count] of coverage.rows()) print(`${String(count).padStart(9)}  ${kind}`);
  print(`${ran} seeds from ${from}, ${rate()}, ${elapsed().toFixed(1)} s`);
  for (const [kind, list] of failures)
    print(`broken in ${list.length} seeds: ${kind}: ${list.slice(0, FAILURES_SHOWN).join(" ")}`);
  const missing = coverage.missing();
  if (missing.length > 0) print(`never occurred, so nothing was proved about it: ${missing.join(", ")}`);
  return failures.size === 0 && missing.length === 0;
}

const program = new Command("simulate")
  .description("runs the functions over a simulated world, seed by seed, and checks every promise after every step")
  .option("--seeds <number>", "how many seeds", number, 1000)
  .option("--seconds <number>", "stop after so many seconds", number)
  .option("--from <seed>", "the first seed", number, 1)
  .option("--seed <seed>", "this one seed", number)
  .option("--story", "tell what happens, shortened when a promise breaks", false)
  .option("--mutants", "how many seeds it takes to catch each planted bug", false)
  .parse();

const options = program.opts<Range & { seed?: number; story: boolean; mutants: boolean }>();

async function main(): Promise<boolean> {
  if (options.mutants) return huntMutants(print);
  if (options.seed === undefined) return runMany(options);
  if (options.story) return (await tellStory(options.seed, print)).violation === undefined;
  const result = await runSeed(options.seed);
  print(sentenceOf(result));
  return result.violation === undefined;
}

process.exitCode = (await main()) ? 0 : 1;
