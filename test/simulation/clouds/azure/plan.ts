/** What a seed makes of Azure: the kind of scale set, how much notice its machines get, and how slow Azure is. */
import type { Timing } from "../../../../infra/local/azure/place.ts";
import type { OrchestrationMode, RollingUpdateStrategy } from "../../../../lib/api/azure/azure-machine-pool.ts";
import type { Chance } from "../../chance.ts";

export interface AzurePlan {
  readonly mode: OrchestrationMode;
  /** Of the terminate notification. */
  readonly noticeMinutes: number;
  /** Absent: no Spot machines. */
  readonly evictionPolicy?: "Deallocate" | "Delete";
  /** Machines that go in one operation share an event. */
  readonly isShared: boolean;
  readonly timing: Timing;
  readonly strategy: RollingUpdateStrategy;
}

/** Seeds below are older, and AWS's. */
export const FIRST_AZURE_SEED = 60_000_000;

export function azurePlanOf(chance: Chance): AzurePlan | undefined {
  if (chance.seed < FIRST_AZURE_SEED) return undefined;
  const isSpot = chance.roll("azure spot") < 0.5;
  const isSurging = chance.roll("azure surges") < 0.7;
  return {
    mode: chance.pick("azure mode", ["Uniform", "Flexible"]),
    noticeMinutes: chance.pick("azure notice", [5, 5, 10, 15]),
    ...(isSpot && { evictionPolicy: chance.pick("azure eviction", ["Deallocate", "Delete"]) }),
    isShared: chance.roll("azure shared events") < 0.4,
    timing: {
      bootSeconds: chance.pick("azure boot", [5, 20, 60]),
      deleteSeconds: chance.pick("azure delete", [3, 10, 60]),
      updateSeconds: chance.pick("azure update", [1, 5, 40]),
      retryAfterSeconds: chance.pick("azure retry after", [1, 10, 30]),
      evictionNoticeSeconds: 30,
      graphLagSeconds: chance.pick("azure graph lag", [0, 30, 55]),
    },
    strategy: {
      type: "RollingUpdate",
      rollingUpdate: {
        maxSurge: isSurging ? chance.pick("azure surge", [1, 1, 2]) : 0,
        maxUnavailable: isSurging ? chance.pick("azure unavailable", [0, 0, 1]) : 1,
        deletePolicy: chance.pick("azure delete policy", ["Oldest", "Newest", "Random"]),
      },
    },
  };
}
