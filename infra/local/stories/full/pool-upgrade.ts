/** Another Kubernetes version, then another bootstrap content: each replaces every instance, one more before one less. */
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { NEXT_VERSION } from "./manifests.ts";
import { capacityKept, countersTrue, judgeBy, kubeletsAre, leftMany } from "./promises.ts";
import { POOL_AT } from "./stage.ts";
import { type FullStory, isAtRest } from "./story.ts";

export const poolUpgrade: FullStory = {
  name: "pool-upgrade",
  title: `Kubernetes ${NEXT_VERSION}, and then a change of the bootstrap data`,
  pool: {},
  acts: [
    {
      title: `the version becomes ${NEXT_VERSION}`,
      begin: async ({ management }) => {
        const body = { spec: { template: { spec: { version: NEXT_VERSION } } } };
        await management.patch(machinePools, POOL_AT, { type: "merge", body });
      },
      isDone: (stage, { ended }) => ended().length === 3 && isAtRest(stage, 3),
      maxSeconds: 1800,
    },
    {
      title: "the bootstrap data asks for another Node label",
      begin: ({ bootstrap }) => bootstrap.change("team=warehouse"),
      isDone: (stage, { ended }) => ended().length === 6 && isAtRest(stage, 3),
      maxSeconds: 1800,
    },
  ],
  promises: judgeBy(countersTrue(3), capacityKept(3), leftMany(6), kubeletsAre(NEXT_VERSION)),
};
