/** How often everything that can happen did: a kind of trouble or action that never occurred means that the harness is blind to it. */

import { FIRST_AZURE_SEED } from "./clouds/azure/plan.ts";
import { AZURE_TROUBLE_KINDS, HINT_KINDS, TROUBLE_KINDS } from "./plan.ts";
import { poolHappenings } from "./pools/aws-happenings.ts";
import { FIRST_POOL_SEED } from "./pools/plan.ts";
import { FIRST_RICH_SEED } from "./rich.ts";
import type { Tally } from "./tally.ts";
import { REPERTOIRES } from "./world/happenings.ts";

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

/** Of pools that are ours: the words of lib/reconcile/decide/group-outcome.ts and of node-step. */
const POOL_ACTIONS = [
  "pool: ignored",
  "pool: waited",
  "pool: adopted",
  "pool: let-go",
  "pool: changed",
  "pool: copied-replicas",
  "pool: scaled",
  "pool: recorded",
  "pool: settled",
  "pool: conflicted",
  "pool: failed",
  "node: ignored",
  "node: waited",
  "node: wrote",
  "node: recorded",
  "node: handed-over",
  "node: let-go",
  "node: conflicted",
  "node: failed",
  "relate: looked",
  "effect: instance taken out",
];

/** What pools of ours ask of Azure, by lib/providers/azure/pool/changes.ts. */
const AZURE_ACTIONS = [
  "effect: scale set made",
  "effect: scale set written",
  "effect: scale set resized",
  "effect: scale set deleted",
  "effect: machine protected",
];

/** Of volumes and dry runs. */
const RICH_ACTIONS = ["drain: planned", "effect: volumes awaited"];

const troubles = (kinds: readonly string[]) => kinds.map((kind) => `trouble: ${kind}`);
const POOLS_ONLY = [...POOL_ACTIONS, ...troubles(Object.keys(poolHappenings))];
const EXPECTED: readonly string[] = [
  ...ACTIONS,
  ...troubles([...TROUBLE_KINDS, ...HINT_KINDS, ...Object.keys(REPERTOIRES.aws.all)]),
];
const EXPECTED_OF_AZURE: readonly string[] = [
  ...ACTIONS.filter((kind) => kind !== "effect: heartbeat"),
  ...POOL_ACTIONS,
  ...RICH_ACTIONS,
  ...AZURE_ACTIONS,
  ...troubles([...AZURE_TROUBLE_KINDS, ...HINT_KINDS, ...Object.keys(REPERTOIRES.azure.all)]),
];

/** What the seeds of a range may bring about: pools are only in those from the first pool seed on. */
function expectedFrom(seed: number): readonly string[] {
  if (seed >= FIRST_AZURE_SEED) return EXPECTED_OF_AZURE;
  if (seed < FIRST_POOL_SEED) return EXPECTED.filter((kind) => !POOLS_ONLY.includes(kind));
  return [...new Set([...EXPECTED, ...POOL_ACTIONS, ...(seed < FIRST_RICH_SEED ? [] : RICH_ACTIONS)])];
}

/** What a run, or many, counted: plain data, so that threads can send it. */
export interface Counted {
  readonly passes: number;
  readonly calls: number;
  readonly kinds: ReadonlyMap<string, number>;
}

export const countedBy = (tally: Tally): Counted => ({
  passes: tally.passes(),
  calls: tally.calls(),
  kinds: tally.kinds,
});

export interface Coverage {
  add(counted: Counted): void;
  readonly passes: () => number;
  readonly calls: () => number;
  /** Kind and count, in the order of EXPECTED; others behind. */
  rows(): readonly (readonly [string, number])[];
  missing(): readonly string[];
}

/** @param from the first seed */
export function createCoverage(from: number): Coverage {
  const expected = expectedFrom(from);
  const counts = new Map<string, number>(expected.map((kind) => [kind, 0]));
  let passes = 0;
  let calls = 0;
  return {
    add: (counted) => {
      passes += counted.passes;
      calls += counted.calls;
      for (const [kind, count] of counted.kinds) counts.set(kind, (counts.get(kind) ?? 0) + count);
    },
    passes: () => passes,
    calls: () => calls,
    rows: () => [...counts],
    missing: () => expected.filter((kind) => counts.get(kind) === 0),
  };
}
