/** P3: whatever the world does, no pass stumbles over our own code. */
import type { Pass } from "../pass.ts";
import type { Court } from "./court.ts";

/** Also what tells a planted bug that breaks a promise from one that merely crashes. */
export const CRASH = "a pass crashes in our own code";

/** What a language throws; the world's refusals have classes of their own. */
const OF_THE_LANGUAGE = [TypeError, ReferenceError, RangeError, SyntaxError] as const;

export function endedWell({ broken }: Court, { label }: Pass, error: unknown): void {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (OF_THE_LANGUAGE.some((kind) => cause instanceof kind)) broken("P3", CRASH, `${label}: ${String(cause)}`);
}
