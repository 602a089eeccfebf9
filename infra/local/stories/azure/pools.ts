/** A pool's life on Azure: the acts of every cloud, on scale sets in both orchestration modes, with and without notification. */
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { NEXT_VERSION } from "../full/manifests.ts";
import { poolCreate } from "../full/pool-create.ts";
import { poolDelete } from "../full/pool-delete.ts";
import { poolScale } from "../full/pool-scale.ts";
import type { PoolStage } from "../full/pool-stage.ts";
import { capacityKept, countersTrue, judgeBy, kubeletsAre, leftMany } from "../full/promises.ts";
import { isAtRest } from "../full/story.ts";
import type { PoolSpec } from "./manifests.ts";
import type { AzureStory } from "./play.ts";
import { judgeUnheld } from "./rules.ts";

/** Every end of an instance is announced, and waits for us up to a quarter of an hour. */
export const NOTIFIED: PoolSpec = { template: { terminateNotificationTimeout: 15 } };

const toNextVersion = async ({ management, poolAt }: PoolStage) => {
  const body = { spec: { template: { spec: { version: NEXT_VERSION } } } };
  await management.patch(machinePools, poolAt, { type: "merge", body });
};

export const scale: AzureStory = { ...poolScale, pool: NOTIFIED };
export const remove: AzureStory = { ...poolDelete, pool: NOTIFIED };

export const upgrade: AzureStory = {
  name: "pool-upgrade",
  title: `Kubernetes ${NEXT_VERSION}: one more before one less, until all are of the new image`,
  pool: NOTIFIED,
  acts: [
    {
      title: `the version becomes ${NEXT_VERSION}`,
      begin: toNextVersion,
      isDone: (stage, { ended }) => ended().length === 3 && isAtRest(stage, 3),
      maxSeconds: 1800,
    },
  ],
  promises: judgeBy(countersTrue(3), capacityKept(3), leftMany(3), kubeletsAre(NEXT_VERSION)),
};

/** A Flexible set's machines have names instead of numbers, and their list tells next to nothing of them. */
export const flexible: AzureStory = {
  name: "pool-flexible",
  title: "A pool with Flexible orchestration is made, upgraded, and scaled in",
  acts: [
    {
      title: "the pool is applied and runs",
      begin: ({ applyPool }) => applyPool({ orchestrationMode: "Flexible" }),
      isDone: (stage) => isAtRest(stage, 3),
      maxSeconds: 300,
    },
    {
      title: `the version becomes ${NEXT_VERSION}`,
      begin: toNextVersion,
      isDone: (stage, { ended }) => ended().length === 3 && isAtRest(stage, 3),
      maxSeconds: 1800,
    },
    {
      title: "scaled to 2 through /scale",
      begin: ({ scaleTo }) => scaleTo(2),
      isDone: (stage) => isAtRest(stage, 2),
      maxSeconds: 900,
    },
  ],
  promises: judgeUnheld(countersTrue(2), capacityKept(2), leftMany(4), kubeletsAre(NEXT_VERSION)),
};

export const create: AzureStory = poolCreate;
