/** One line of the benchmark: a measure beside its budget. */
import Table from "cli-table3";
import pc from "picocolors";

/**
 * kept / BROKEN: a count, the same on every machine, decides the exit code.
 * quick / slow: a time or a ratio of times; printed, never decisive.
 * noted: no budget.
 */
export type Verdict = "kept" | "BROKEN" | "quick" | "slow" | "noted";

export interface Row {
  readonly metric: string;
  readonly ours: string;
  /** Empty: none. */
  readonly budget: string;
  readonly verdict: Verdict;
}

/** A count with an upper bound. */
export const counted = (metric: string, ours: number, most: number, unit: string): Row => ({
  metric,
  ours: `${ours} ${unit}`,
  budget: `<= ${most} ${unit}`,
  verdict: ours <= most ? "kept" : "BROKEN",
});

export const timed = (metric: string, ours: string, budget: string, withinBudget: boolean): Row => ({
  metric,
  ours,
  budget,
  verdict: withinBudget ? "quick" : "slow",
});

export const noted = (metric: string, ours: string): Row => ({ metric, ours, budget: "", verdict: "noted" });

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** @param share  0.99 for p99 */
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(values.length * share) - 1)] ?? Number.NaN;

/** No line between the rows. */
const TIGHT = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

export function drawRows(rows: readonly Row[], colour: boolean): string {
  const { green, red, yellow, dim } = pc.createColors(colour);
  const paint = { kept: green, quick: green, BROKEN: red, slow: yellow, noted: dim };
  const table = new Table({
    head: ["metric", "ours", "budget", "verdict"],
    style: { head: [], border: [] },
    chars: TIGHT,
  });
  for (const { metric, ours, budget, verdict } of rows) table.push([metric, ours, budget, paint[verdict](verdict)]);
  return table.toString();
}
