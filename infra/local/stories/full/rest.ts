/** The end of a story of pools: what is on its way comes to its end, and then nothing may be written. */
import type { Chaos } from "../../chaos/chaos.ts";
import { PATIENCE_SECONDS } from "../../chaos/verdict.ts";
import type { StoryClock } from "../../clock.ts";
import { paceOf } from "../pace.ts";
import type { PoolStage } from "./pool-stage.ts";
import { writesSince } from "./seen.ts";

export interface Resting {
  readonly clock: StoryClock;
  readonly chaos: Chaos | undefined;
  /** Whether the clock is the real one. */
  readonly real: boolean;
}

/** @returns the time of rest: when it began, and how long it was */
export async function comeToRest(
  stages: readonly PoolStage[],
  { clock, chaos, real }: Resting,
): Promise<{ readonly since: Date; readonly seconds: number }> {
  const { calmingSeconds, quietSeconds, settledSeconds } = paceOf(real);
  // Whoever was hidden or lost has its turn before rest is judged.
  chaos?.calm();
  if (chaos) await clock.run({ maxSeconds: PATIENCE_SECONDS });
  const calmFrom = clock.now().getTime() + quietSeconds * 1000;
  const isCalm = () => {
    const now = clock.now().getTime();
    const quietFrom = new Date(now - quietSeconds * 1000);
    return now >= calmFrom && stages.every((stage) => writesSince(stage, quietFrom).length === 0);
  };
  await clock.run({ maxSeconds: calmingSeconds, done: isCalm });
  if (real) for (const stage of stages) await stage.touchPool();
  const since = clock.now();
  await clock.run({ maxSeconds: settledSeconds });
  return { since, seconds: settledSeconds };
}
