/** The harness itself on trial: every planted bug must be caught within so many seeds. */
import { Worker } from "node:worker_threads";
import type { Violation } from "../promises/court.ts";
import { CRASH } from "../promises/fault-promises.ts";
import { runSeed } from "../run.ts";
import { MUTANTS, type Mutant } from "./list.ts";

export interface Planted {
  readonly mutant: Mutant;
  readonly from: number;
  readonly seeds: number;
}

export interface Caught {
  readonly seed?: number;
  readonly violation?: Violation;
  /** It broke no promise, it merely cannot run: that proves nothing. */
  readonly crash?: string;
}

/** No planted bug may need more. */
const MOST_SEEDS = 1000;

/**
 * Seeds that fail without the bug, too, prove nothing and are passed over.
 * @throws Error when the text that is to be changed is no longer there
 */
export async function huntOne(mutant: Mutant): Promise<Caught> {
  const first = mutant.from ?? 1;
  const end = first + MOST_SEEDS;
  for (let from = first; from < end; ) {
    const caught = await runPlanted({ mutant, from, seeds: end - from });
    if (caught.seed === undefined) return {};
    if (caught.violation?.what === CRASH) return { crash: caught.violation.detail };
    const { violation } = await runSeed(caught.seed);
    if (!violation) return caught;
    from = caught.seed + 1;
  }
  return {};
}

function runPlanted(planted: Planted): Promise<Caught> {
  const { promise, resolve, reject } = Promise.withResolvers<Caught>();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: planted });
  worker.once("message", resolve);
  worker.once("error", reject);
  return promise;
}

/** Two at a time, told in their order. @returns whether all of them were caught */
export async function huntMutants(print: (line: string) => void): Promise<boolean> {
  const left = [...MUTANTS.entries()];
  const caught: Caught[] = [];
  let told = 0;
  const hunter = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, mutant] = next;
      caught[index] = await huntOne(mutant);
      for (let one = caught[told]; one; one = caught[told]) print(rowOf(MUTANTS[told++], one));
    }
  };
  await Promise.all([hunter(), hunter()]);
  const missed = caught.filter(({ seed }) => seed === undefined).length;
  print(`${MUTANTS.length - missed} of ${MUTANTS.length} planted bugs caught`);
  return missed === 0;
}

function rowOf(mutant: Mutant | undefined, { seed, violation, crash }: Caught): string {
  const { from = 1, name = "" } = mutant ?? {};
  const needed = seed === undefined ? `not in ${MOST_SEEDS}` : String(seed - from + 1);
  const start = from === 1 ? "" : ` from ${from}`;
  const how = violation ? ` -> ${violation.promise}: ${violation.what}` : "";
  if (crash !== undefined) return `   crashes  ${name}: plant it so that it runs: ${crash}`;
  return `${needed.padStart(10)} seeds${start}  ${name}${how}`;
}
