/** kubectl scale: three more, then four fewer; those that go are drained one by one, and taken out with decrement. */
import { capacityKept, countersTrue, judgeBy, leftMany, mostAtOnce } from "./promises.ts";
import { isAtRest, type PoolStory } from "./story.ts";

export const poolScale: PoolStory = {
  name: "pool-scale",
  title: "The MachinePool is scaled to 6, and then to 2",
  pool: {},
  acts: [
    {
      title: "scaled to 6 through /scale",
      begin: ({ scaleTo }) => scaleTo(6),
      isDone: (stage) => isAtRest(stage, 6),
      maxSeconds: 300,
    },
    {
      title: "scaled to 2 through /scale",
      begin: ({ scaleTo }) => scaleTo(2),
      isDone: (stage) => isAtRest(stage, 2),
      maxSeconds: 900,
    },
  ],
  promises: judgeBy(countersTrue(2), capacityKept(2), leftMany(4), mostAtOnce(1)),
};
