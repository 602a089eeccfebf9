/** Many seeds, on one thread or several: each thread takes the next few, and what they counted comes together. */
import { Worker } from "node:worker_threads";
import { type Counted, type Coverage, countedBy, createCoverage } from "./coverage.ts";
import type { Violation } from "./promises/court.ts";
import { runSeed } from "./run.ts";
import { commandFor, sentenceOf } from "./story.ts";

export interface Range {
  readonly from: number;
  readonly seeds: number;
  /** Real seconds; absent: all seeds. */
  readonly seconds?: number;
  readonly workers: number;
}

/** What a thread says of one seed. */
export interface Ran {
  readonly seed: number;
  readonly violation?: Violation;
  readonly counted: Counted;
}

const PROGRESS_SEEDS = 500;
const FAILURES_SHOWN = 20;

/** Nobody reads where the many errors of many seeds were thrown; one seed as a story still says so. */
export async function ran(seed: number): Promise<Ran> {
  Error.stackTraceLimit = 0;
  const { violation, tally } = await runSeed(seed);
  return { seed, counted: countedBy(tally), ...(violation && { violation }) };
}

interface Book {
  readonly coverage: Coverage;
  readonly failures: Map<string, number[]>;
  readonly rate: () => string;
  readonly print: (line: string) => void;
  seeds: number;
}

function note(book: Book, { seed, violation, counted }: Ran): void {
  const { coverage, failures, print } = book;
  coverage.add(counted);
  if (violation) {
    const kind = `${violation.promise}: ${violation.what}`;
    const before = failures.get(kind) ?? [];
    failures.set(kind, [...before, seed]);
    if (before.length === 0) print(`${sentenceOf({ seed, violation })}\n  see it: ${commandFor(seed)}`);
  }
  if (++book.seeds % PROGRESS_SEEDS === 0) print(`${book.seeds} seeds, ${book.rate()}`);
}

/** @returns whether every promise was kept and everything occurred */
export async function runRange(range: Range, print: (line: string) => void): Promise<boolean> {
  const coverage = createCoverage(range.from);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const rate = () =>
    `${coverage.passes()} passes (${Math.round(coverage.passes() / elapsed())}/s), ${coverage.calls()} calls, ${elapsed().toFixed(1)} s`;
  const book: Book = { coverage, failures: new Map(), rate, print, seeds: 0 };
  let next = range.from;
  const end = range.from + range.seeds;
  const take = () => (next < end && (range.seconds === undefined || elapsed() < range.seconds) ? next++ : undefined);
  if (range.workers > 1) {
    await Promise.all(Array.from({ length: range.workers }, () => onThread(take, (one) => note(book, one))));
  } else {
    for (let seed = take(); seed !== undefined; seed = take()) note(book, await ran(seed));
  }
  return sum(book, range);
}

/** One thread, given a seed at a time. */
function onThread(take: () => number | undefined, done: (ran: Ran) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(new URL("./range-worker.ts", import.meta.url));
  const give = () => worker.postMessage(take() ?? "done");
  worker.on("message", (one: Ran | "ready") => {
    if (one !== "ready") done(one);
    give();
  });
  worker.once("error", reject);
  worker.once("exit", () => resolve());
  return promise;
}

function sum({ coverage, failures, rate, print, seeds }: Book, { from }: Range): boolean {
  for (const [kind, count] of coverage.rows()) print(`${String(count).padStart(9)}  ${kind}`);
  print(`${seeds} seeds from ${from}, ${rate()}`);
  for (const [kind, list] of failures)
    print(`broken in ${list.length} seeds: ${kind}: ${list.slice(0, FAILURES_SHOWN).join(" ")}`);
  const missing = coverage.missing();
  if (missing.length > 0) print(`never occurred, so nothing was proved about it: ${missing.join(", ")}`);
  return failures.size === 0 && missing.length === 0;
}
