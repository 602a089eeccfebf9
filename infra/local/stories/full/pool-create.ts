/** A person applies a pool; from then on functions alone make it run. */
import { VERSION } from "./manifests.ts";
import { countersTrue, judgeBy, kubeletsAre, leftMany } from "./promises.ts";
import { isAtRest, type PoolStory } from "./story.ts";

export const poolCreate: PoolStory = {
  name: "pool-create",
  title: "A MachinePool of 3 is applied where no controller runs",
  acts: [
    {
      title: "the pool is applied and runs",
      begin: ({ applyPool }) => applyPool(),
      isDone: (stage) => isAtRest(stage, 3),
      maxSeconds: 300,
    },
  ],
  promises: judgeBy(countersTrue(3), kubeletsAre(VERSION), leftMany(0)),
};
