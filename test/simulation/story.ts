/** A broken promise as people read it: what was needed for it, what happened in order, and how to see it again. */
import pc from "picocolors";
import { type RunResult, runSeed } from "./run.ts";
import { shrink } from "./shrink.ts";

const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/\/apis\/[^ ]*\/namespaces\/[^/ ]+\//g, ""],
  [/\/api\/v1\/(namespaces\/[^/ ]+\/)?/g, ""],
  [/\.[a-z0-9-]+\.compute\.internal/g, ""],
  [/instanceterminations/g, "iterms"],
];
const WIDTH = 220;
/** Looks that found nothing to do fill pages. */
const QUIET = /sweep#\d+|look#\d+/;

const shorter = (line: string) =>
  SHORTER.reduce((text, [long, short]) => text.replace(long, short), line).slice(0, WIDTH);

export const commandFor = (seed: number) => `node test/simulation/main.ts --seed ${seed} --story`;

export const sentenceOf = ({ seed, violation }: Pick<RunResult, "seed" | "violation">): string =>
  violation
    ? `seed ${seed}: ${violation.promise}: ${violation.what}: ${violation.detail}`
    : `seed ${seed}: every promise is kept`;

/** Shrinks first when something is broken. */
export async function tellStory(seed: number, print: (line: string) => void): Promise<RunResult> {
  const first = await runSeed(seed);
  const shrunk = first.violation && (await shrink(first));
  const only = shrunk && new Set(shrunk.needed);
  if (shrunk) {
    print(
      pc.bold(
        `What it takes (${shrunk.needed.length} of ${first.strikes.length} things, found in ${shrunk.runs} runs):`,
      ),
    );
    for (const id of shrunk.needed) print(`  ${id}`);
    print("");
  }
  print(pc.bold("What happens:"));
  const lines: string[] = [];
  const result = await runSeed(seed, { ...(only && { only }), onLine: (line) => void lines.push(line) });
  for (const line of lines) if (!QUIET.test(line)) print(shorter(line));
  print("");
  print(result.violation ? pc.red(sentenceOf(result)) : pc.green(sentenceOf(result)));
  print(`again: ${commandFor(seed)}`);
  return result;
}
