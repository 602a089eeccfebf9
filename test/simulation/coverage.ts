/** How often everything that can happen did: a kind of trouble or action that never occurred means that the harness is blind to it. */

import { HINT_KINDS, TROUBLE_KINDS } from "./plan.ts";
import type { Tally } from "./tally.ts";
import { HAPPENINGS } from "./world/happenings.ts";

/** Every action of lib/reconcile/decide/action.ts as the outcome of a pass, and what stands in no outcome as its effect. */
const ACTIONS = [
  "drain: waited",
  "drain: cordoned",
  "drain: evicted",
  "drain: released",
  "drain: finished",
  "drain: let-go",
  "drain: forgot",
  "drain: conflicted",
  "drain: failed",
  "effect: pod evicted",
  "effect: pod deleted",
  "effect: node deleted",
  "effect: heartbeat",
  "effect: hold released",
  "notice: recorded",
  "notice: tightened",
  "notice: kept",
  "notice: ignored",
  "look: looked",
  "sweep: swept",
];

export const EXPECTED: readonly string[] = [
  ...ACTIONS,
  ...[...TROUBLE_KINDS, ...HINT_KINDS, ...Object.keys(HAPPENINGS)].map((kind) => `trouble: ${kind}`),
];

export interface Coverage {
  add(tally: Tally): void;
  readonly passes: () => number;
  readonly calls: () => number;
  /** Kind and count, in the order of EXPECTED; others behind. */
  rows(): readonly (readonly [string, number])[];
  missing(): readonly string[];
}

export function createCoverage(): Coverage {
  const counts = new Map<string, number>(EXPECTED.map((kind) => [kind, 0]));
  let passes = 0;
  let calls = 0;
  return {
    add: (tally) => {
      passes += tally.passes();
      calls += tally.calls();
      for (const [kind, count] of tally.kinds) counts.set(kind, (counts.get(kind) ?? 0) + count);
    },
    passes: () => passes,
    calls: () => calls,
    rows: () => [...counts],
    missing: () => EXPECTED.filter((kind) => counts.get(kind) === 0),
  };
}
