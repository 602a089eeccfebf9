/** What only younger seeds have: volumes that detach late, deployments that only plan, and hooks of others on our group. */
import type { Chance } from "./chance.ts";

/** Seeds below are older: they keep the meaning that they had when they were written down. */
export const FIRST_RICH_SEED = 50_000_000;

export interface RichPlan {
  /** A StatefulSet has a volume for each of its pods. */
  readonly volumes?: VolumePlan;
  /** Settings.dryRun of every function. */
  readonly dryRun: boolean;
  /** On the group, besides ours; nobody ever answers it. */
  readonly foreignHook?: { readonly name: string; readonly heartbeatSeconds: number };
}

export interface VolumePlan {
  /** From the end of the last pod that used it until it is detached. */
  readonly detachSeconds: number;
  /** The pool's nodeVolumeDetachTimeoutSeconds. */
  readonly timeoutSeconds: number | undefined;
}

const POOR: RichPlan = { dryRun: false };

/** @param ownsPool a pool of ours has no hook of others from the start, and one that is only planned never comes to be */
export function richPlanOf(chance: Chance, ownsPool: boolean): RichPlan {
  if (chance.seed < FIRST_RICH_SEED) return POOR;
  const detachSeconds = chance.pick("detach", [1, 20, 120, 500]);
  const timeoutSeconds = chance.pick("detach timeout", [undefined, undefined, 60, 300]);
  const foreignHook = { name: "audit-log", heartbeatSeconds: chance.pick("foreign heartbeat", [30, 120, 900]) };
  return {
    dryRun: !ownsPool && chance.roll("dry run") < 0.08,
    ...(chance.roll("volumes") < 0.4 && { volumes: { detachSeconds, timeoutSeconds } }),
    ...(!ownsPool && chance.roll("foreign hook") < 0.25 && { foreignHook }),
  };
}
