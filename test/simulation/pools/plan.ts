/** What a seed makes of a pool that is ours: sizes, and how a refresh of it goes. */
import type { Chance } from "../chance.ts";

export interface PoolPlan {
  readonly replicas: number;
  readonly minSize: number;
  readonly maxSize: number;
  /** Settings.surge. */
  readonly surge: number;
  readonly refreshPreferences: Readonly<Record<string, unknown>>;
}

/** Seeds below are older than pools in the simulation: they stay drains beside upstream's controllers. */
export const FIRST_POOL_SEED = 10_000_000;
const SHARE = 0.7;

export function poolPlanOf(chance: Chance): PoolPlan | undefined {
  if (chance.seed < FIRST_POOL_SEED || chance.roll("own pool") >= SHARE) return undefined;
  const isGentle = chance.roll("refresh launches first") < 0.6;
  return {
    replicas: chance.whole("pool replicas", 1, 4),
    minSize: chance.pick("pool minimum", [0, 0, 1]),
    maxSize: chance.whole("pool maximum", 5, 7),
    surge: chance.pick("surge", [1, 1, 2]),
    refreshPreferences: {
      instanceWarmup: chance.pick("warmup", [0, 30, 90]),
      ...(isGentle ? { minHealthyPercentage: 100, maxHealthyPercentage: 134 } : { minHealthyPercentage: 50 }),
    },
  };
}
