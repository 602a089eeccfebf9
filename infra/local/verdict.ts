/** The verdict of a story: counted from what servers, kubelets and the cloud saw, never from what was meant. */
import Table from "cli-table3";
import pc from "picocolors";
import type { HookEnd } from "./aws/hook-actions.ts";
import type { Terminal } from "./timeline.ts";

/** Kubernetes and cloud calls of a drain of 20 evictable pods without volumes; `npm run bench` counts exactly that one. */
const CALLS_BUDGET = 40;

/** How the cloud saw a hold end. */
export type HoldEnd = HookEnd["how"] | "still open";

export interface Observed {
  /** Pods whose process was killed, daemons of the leaving instance apart. */
  readonly killedPods: readonly string[];
  readonly budgets: readonly { readonly name: string; readonly lowestHealthy: number; readonly wanted: number }[];
  readonly holds: readonly { readonly instanceId: string; readonly hook: string; readonly end: HoldEnd }[];
  readonly evictions: number;
  /** Deletions of pods by us: seconds before the deadline on record. */
  readonly deletions: readonly { readonly pod: string; readonly secondsLeft: number }[];
  /** Ours; `drain`: without cold starts' credentials, sweeps and hints; absent where more is done than a drain. */
  readonly calls: { readonly kubernetes: number; readonly cloud: number; readonly drain?: number };
  readonly invocations: number;
  readonly failedInvocations: number;
  readonly deadLetters: number;
  readonly instancesLeft: readonly string[];
  readonly nodesLeft: readonly string[];
  /** Name and phase of every InstanceTermination, and the instance that it is about. */
  readonly terminations: readonly { readonly name: string; readonly phase: string; readonly instance?: string }[];
  /** On the story's clock. */
  readonly seconds: number;
}

/** One thing promised to the user, and whether it was seen to be kept. */
export interface Promised {
  readonly promise: string;
  readonly seen: string;
  readonly kept: boolean;
  /** Promised only as long as nothing fails that is not ours. */
  readonly inPeace?: true;
}

export interface Verdict {
  readonly story: string;
  readonly promises: readonly Promised[];
  readonly observed: Observed;
  readonly kept: boolean;
}

export const judge = (story: string, observed: Observed, promises: readonly Promised[]): Verdict => ({
  story,
  promises,
  observed,
  kept: promises.every(({ kept }) => kept),
});

const WIDEST = 120;
const NARROWEST = 60;
const KEPT_WIDTH = 8;
const BORDERS = 4;

/** As wide as the terminal, but no wider than it reads well. */
function columnWidths(columns = WIDEST): number[] {
  const room = Math.max(NARROWEST, Math.min(WIDEST, columns)) - KEPT_WIDTH - BORDERS;
  const promise = Math.floor(room * 0.48);
  return [promise, room - promise, KEPT_WIDTH];
}

export function drawVerdict({ story, promises, observed, kept }: Verdict, { colour, columns }: Terminal): string {
  const { green, red, bold } = pc.createColors(colour);
  const plain = { head: [], border: [] };
  const table = new Table({
    head: ["promise", "seen", ""],
    style: plain,
    colWidths: columnWidths(columns),
    wordWrap: true,
  });
  for (const { promise, seen, kept } of promises) table.push([promise, seen, kept ? green("kept") : red("BROKEN")]);
  const { calls, evictions, deletions, invocations, seconds } = observed;
  const end = kept ? green("all promises kept") : red("a promise was BROKEN");
  const drain =
    calls.drain === undefined ? "" : `; ${calls.drain} for the drain itself (budget for 20 pods: ${CALLS_BUDGET})`;
  return `
${bold(story)}: ${end}
${table.toString()}
pods evicted: ${evictions}, deleted: ${deletions.length}; ${seconds} s on the story's clock
calls: ${calls.kubernetes} Kubernetes, ${calls.cloud} to the cloud, in ${invocations} invocations${drain}
`;
}
