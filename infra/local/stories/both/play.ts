/** Two pools of one management cluster, one on each cloud, live through the same changes at the same time. */
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { PATIENCE_SECONDS, underChaos } from "../../chaos/verdict.ts";
import { judge, type Observed, type Promised, type Verdict } from "../../verdict.ts";
import { NOTIFIED } from "../azure/pools.ts";
import { NEXT_VERSION } from "../full/manifests.ts";
import type { PoolStage } from "../full/pool-stage.ts";
import { countersTrue, judgeBy, kubeletsAre, leftMany } from "../full/promises.ts";
import { comeToRest } from "../full/rest.ts";
import { type FullCount, startSeeing, writesSince } from "../full/seen.ts";
import { isAtRest } from "../full/story.ts";
import type { SurroundingsOptions } from "../surroundings.ts";
import { type BothScene, openBothScene } from "./open.ts";

interface Side {
  readonly stage: PoolStage;
  readonly count: FullCount;
  /** Of the pool that is applied there. */
  readonly spec: object;
}

interface BothAct {
  readonly title: string;
  readonly begin: (side: Side) => Promise<void>;
  readonly isDone: (side: Side) => boolean;
  readonly maxSeconds: number;
}

export const BOTH = {
  name: "both-clouds",
  title: "Two deployments share a management cluster: a pool on AWS, a pool on Azure",
};

const ACTS: readonly BothAct[] = [
  {
    title: "both pools are applied and run",
    begin: ({ stage, spec }) => stage.applyPool(spec),
    isDone: ({ stage }) => isAtRest(stage, 3),
    maxSeconds: 300,
  },
  {
    title: `the version of both becomes ${NEXT_VERSION}`,
    begin: async ({ stage: { management, poolAt } }) => {
      const body = { spec: { template: { spec: { version: NEXT_VERSION } } } };
      await management.patch(machinePools, poolAt, { type: "merge", body });
    },
    isDone: ({ stage, count }) => count.ended().length === 3 && isAtRest(stage, 3),
    maxSeconds: 1800,
  },
  {
    title: "both are scaled to 2 through /scale",
    begin: ({ stage }) => stage.scaleTo(2),
    isDone: ({ stage }) => isAtRest(stage, 2),
    maxSeconds: 900,
  },
];

const promises = judgeBy(countersTrue(2), leftMany(4), kubeletsAre(NEXT_VERSION));

const on = ({ stage }: Side, list: readonly Promised[]): readonly Promised[] =>
  list.map(({ promise, ...rest }) => ({ promise: `${stage.infrastructure.name}: ${promise}`, ...rest }));

/** Kubernetes calls to the one management cluster are counted by both sides, so the larger number stands. */
function together(one: Observed, other: Observed): Observed {
  const sum = (of: (seen: Observed) => number) => of(one) + of(other);
  const kubernetes = Math.max(one.calls.kubernetes, other.calls.kubernetes);
  return {
    ...one,
    evictions: sum(({ evictions }) => evictions),
    deletions: [...one.deletions, ...other.deletions],
    invocations: sum(({ invocations }) => invocations),
    failedInvocations: sum(({ failedInvocations }) => failedInvocations),
    terminations: [...one.terminations, ...other.terminations],
    calls: { kubernetes, cloud: sum(({ calls }) => calls.cloud) },
  };
}

async function playActs(
  sides: readonly Side[],
  { clock, chaos }: Pick<BothScene, "clock" | "chaos">,
  speed: number,
): Promise<readonly Promised[]> {
  const ends: Promised[] = [];
  for (const { title, begin, isDone, ...act } of ACTS) {
    const maxSeconds = act.maxSeconds + (chaos ? PATIENCE_SECONDS : 0);
    sides[0]?.stage.timeline.say("story", BOTH.name, title);
    const start = clock.now().getTime();
    for (const side of sides) await begin(side);
    const kept = await clock.run({ maxSeconds, done: () => sides.every(isDone), speed });
    const seen = `${(clock.now().getTime() - start) / 1000} s`;
    ends.push({ promise: `within ${maxSeconds} s: ${title}`, seen, kept });
    if (!kept) break;
  }
  return ends;
}

export interface BothPlaying extends Omit<SurroundingsOptions, "clock"> {
  /** Virtual seconds per real one; 0: as fast as it goes. */
  readonly speed: number;
}

export async function playBoth({ speed, ...options }: BothPlaying): Promise<Verdict> {
  const scene = await openBothScene(options);
  const { clock, aws, azure, chaos, close } = scene;
  try {
    const sides: readonly [Side, Side] = [
      { stage: aws, count: startSeeing(aws), spec: {} },
      { stage: azure, count: startSeeing(azure), spec: NOTIFIED },
    ];
    chaos?.begin();
    const ends = await playActs(sides, scene, speed);
    const { since, seconds } = await comeToRest([aws, azure], { clock, chaos, real: false });
    const [one, other] = sides;
    const seenBy = ({ stage, count }: Side) => count.seen({ writes: writesSince(stage, since), seconds });
    const [first, second] = [await seenBy(one), await seenBy(other)];
    const promised = [...on(one, promises(first)), ...on(other, promises(second)), ...ends];
    const invocations = [aws, azure].flatMap(({ cloud }) => cloud.host.invocations);
    return judge(BOTH.name, together(first, second), chaos ? underChaos(promised, chaos, invocations) : promised);
  } finally {
    await close();
  }
}
