#!/usr/bin/env node
/** The simulation from the command line: one seed as a story, many seeds for a while, or the planted bugs. */
import { Command, InvalidArgumentError } from "commander";
import { huntMutants } from "./mutants/hunt.ts";
import { type Range, runRange } from "./range.ts";
import { runSeed } from "./run.ts";
import { sentenceOf, tellStory } from "./story.ts";

const print = (line: string) => void process.stdout.write(`${line}\n`);

const number = (text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError("a whole number is wanted");
};

const program = new Command("simulate")
  .description("runs the functions over a simulated world, seed by seed, and checks every promise after every step")
  .option("--seeds <number>", "how many seeds", number, 1000)
  .option("--seconds <number>", "stop after so many seconds", number)
  .option(
    "--from <seed>",
    "the first seed; from ten million on there are pools of ours, from fifty million on late volumes and plans, from sixty million on Azure",
    number,
    10_000_001,
  )
  .option("--workers <number>", "how many threads", number, 1)
  .option("--seed <seed>", "this one seed", number)
  .option("--story", "tell what happens, shortened when a promise breaks", false)
  .option("--mutants", "how many seeds it takes to catch each planted bug", false)
  .parse();

const options = program.opts<Range & { seed?: number; story: boolean; mutants: boolean }>();

async function main(): Promise<boolean> {
  if (options.mutants) return huntMutants(print);
  if (options.seed === undefined) return runRange(options, print);
  if (options.story) return (await tellStory(options.seed, print)).violation === undefined;
  const result = await runSeed(options.seed);
  print(sentenceOf(result));
  return result.violation === undefined;
}

process.exitCode = (await main()) ? 0 : 1;
