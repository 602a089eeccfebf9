/** Rounds of chaos: each story of each round in a process of its own, several side by side; what struck is counted. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { FAULTS, type Tally, tallyOf } from "./chaos.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface Play {
  /** Whose story. */
  readonly cloud: string;
  readonly story: string;
  readonly seed: string;
}

/** Each round has a seed of its own; with fewer stories than there are, the next round goes on where the last one ended. */
export function planRounds(
  stories: readonly string[],
  { cloud, seed, rounds, some }: Omit<Play, "story"> & { readonly rounds: number; readonly some: number },
): readonly Play[] {
  return Array.from({ length: rounds * some }, (_, index) => ({
    cloud,
    story: stories[index % stories.length] ?? "",
    seed: `${seed}.${Math.floor(index / some) + 1}`,
  }));
}

interface Played extends Play {
  readonly kept: boolean;
  readonly tally: Tally;
  readonly seconds: number;
  /** Broken promises, or why there is no verdict. */
  readonly broken: readonly string[];
  readonly output: string;
}

const line = z.looseObject({ who: z.string(), name: z.string() });
const promised = z.object({ promise: z.string(), seen: z.string(), kept: z.boolean() });
const end = z.object({ kept: z.boolean(), verdicts: z.array(z.looseObject({ promises: z.array(promised) })) });

const parsed = (output: string): readonly unknown[] =>
  output
    .split("\n")
    .filter((one) => one.startsWith("{"))
    .map((one): unknown => JSON.parse(one));

function read(play: Play, output: string, errors: string): Omit<Played, "seconds"> {
  const lines = parsed(output);
  const struck = lines.flatMap((one) => {
    const { data } = line.safeParse(one);
    return data?.who === "chaos" ? [data.name] : [];
  });
  const tally = tallyOf((fault) => struck.filter((name) => name === fault).length);
  // A pass that hangs may have its say after the verdict.
  const verdict = lines.map((one) => end.safeParse(one).data).findLast((one) => one !== undefined);
  const broken = verdict
    ? verdict.verdicts.flatMap(({ promises }) =>
        promises.filter(({ kept }) => !kept).map(({ promise, seen }) => `${promise}: ${seen}`),
      )
    : [`it ended without a verdict: ${errors.trim()}`];
  return { ...play, kept: verdict?.kept ?? false, tally, broken, output };
}

async function playOne(play: Play): Promise<Played> {
  const started = performance.now();
  const args = [MAIN, "--cloud", play.cloud, "--chaos", play.seed, "--story", play.story, "--json"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { ...read(play, output, errors), seconds: (performance.now() - started) / 1000 };
}

const said = (tally: Tally): string => FAULTS.map((fault) => `${fault} ${tally[fault]}`).join(", ");

function report({ story, seed, kept, tally, seconds, broken, output }: Played): string {
  const head = `${kept ? "kept  " : "BROKEN"}  ${story.padEnd(24)} --chaos ${seed}: ${said(tally)}; ${seconds.toFixed(0)} s\n`;
  return kept ? head : `${output}${head}${broken.map((one) => `        ${one}\n`).join("")}`;
}

/** @returns whether every promise was kept, and every kind of fault struck: what never happened has proved nothing */
export async function playRounds(
  plays: readonly Play[],
  { atOnce, write }: { readonly atOnce: number; readonly write: (text: string) => void },
): Promise<boolean> {
  const waiting = [...plays];
  const played: Played[] = [];
  const lane = async (): Promise<void> => {
    for (let play = waiting.shift(); play; play = waiting.shift()) {
      const one = await playOne(play);
      played.push(one);
      write(report(one));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const total = tallyOf((fault) => played.reduce((sum, { tally }) => sum + tally[fault], 0));
  const missing = FAULTS.filter((fault) => total[fault] === 0);
  const broken = played.filter(({ kept }) => !kept);
  write(`\n${played.length} plays, ${broken.length} with a broken promise; ${said(total)}\n`);
  if (missing.length > 0) write(`never happened, so nothing was proved about it: ${missing.join(", ")}\n`);
  for (const { cloud, story, seed } of broken)
    write(`once more: npm run local -- --cloud ${cloud} --chaos ${seed} --story ${story}\n`);
  return broken.length === 0 && missing.length === 0;
}
