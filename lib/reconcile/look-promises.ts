/** Chains of looks at one object become one: what a sandbox has promised its queue already is not asked for again. */

import type { Key } from "../api/key.ts";
import type { World } from "./step.ts";

/** Of an object, in the memories below. */
export const lookName = ({ kind, namespace, name }: Key): string => `${kind}/${namespace}/${name}`;

export const secondsNow = ({ now }: Pick<World, "now">): number => now().getTime() / 1000;

/** Queues and clocks are late or early by so much, */
const TOLERANCE_SECONDS = 2;
/** and of a short wait by such a part of it: a tolerance as long as the wait would take every look for the promised one. */
const TOLERATED_PART = 0.25;

export interface WantedLook {
  /** Of the object. */
  readonly name: string;
  /** When the pass began: what was promised since is another look than the one that brought it. Absent: now. */
  readonly startedSeconds?: number;
  readonly nowSeconds: number;
  /** Absent: nobody needs to look. */
  readonly againSeconds?: number | undefined;
}

/**
 * A look that is promised for no later than the one wanted is enough. What is forgotten costs a look too many, what gets
 * lost is found by the sweep.
 * @param promised  of this sandbox, and kept by it: name -> seconds since 1970
 * @returns         seconds until the look to be put on the queue; undefined: none is, or it is promised
 */
export function promiseLook(promised: Map<string, number>, look: WantedLook): number | undefined {
  const { name, nowSeconds, againSeconds, startedSeconds = nowSeconds } = look;
  const before = promised.get(name) ?? 0;
  const early = Math.min(TOLERANCE_SECONDS, (againSeconds ?? TOLERANCE_SECONDS) * TOLERATED_PART);
  // This very message may be the one that was promised.
  if (before <= startedSeconds + early) promised.delete(name);
  if (againSeconds === undefined) return undefined;
  const wanted = nowSeconds + againSeconds;
  if (promised.has(name) && before <= wanted + TOLERANCE_SECONDS) return undefined;
  promised.set(name, wanted);
  return againSeconds;
}

/** What one sandbox has put on its queue: name -> seconds since 1970, each look that is to come. */
export type AskedLooks = Map<string, readonly number[]>;

/** Within it two looks are one. */
const SAME_SECONDS = 1;

/** A message has come: it may be the soonest look that was asked for, a little early by somebody's clock. */
export function lookCame(asked: AskedLooks, name: string, startedSeconds: number): void {
  const open = (asked.get(name) ?? []).filter((at) => at > startedSeconds).sort((a, b) => a - b);
  const [soonest] = open;
  if (soonest !== undefined && soonest <= startedSeconds + SAME_SECONDS) open.shift();
  if (open.length > 0) asked.set(name, open);
  else asked.delete(name);
}

/**
 * Where the object itself remembers who comes next, sooner looks are its own matter: here only that no moment is asked for
 * twice, so that hints which come double, or meet and conflict, do not breed.
 */
export async function askOnce(asked: AskedLooks, look: WantedLook, ask: () => Promise<void>): Promise<void> {
  const { name, nowSeconds, againSeconds } = look;
  if (againSeconds === undefined) return;
  const open = asked.get(name) ?? [];
  const wanted = nowSeconds + againSeconds;
  if (open.some((at) => Math.abs(at - wanted) <= SAME_SECONDS)) return;
  await ask();
  asked.set(name, [...open, wanted]);
}
