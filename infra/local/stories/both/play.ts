/** Two pools of one management cluster, one on each cloud, live through the same changes at the same time. */
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { StoryClock } from "../../clock.ts";
import type { Line } from "../../timeline.ts";
import { judge, type Observed, type Promised, type Verdict } from "../../verdict.ts";
import { NOTIFIED } from "../azure/pools.ts";
import { NEXT_VERSION } from "../full/manifests.ts";
import type { PoolStage } from "../full/pool-stage.ts";
import { countersTrue, judgeBy, kubeletsAre, leftMany } from "../full/promises.ts";
import { type FullCount, startSeeing, writesSince } from "../full/seen.ts";
import { isAtRest } from "../full/story.ts";
import { paceOf } from "../pace.ts";
import { openBothScene } from "./open.ts";

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

async function playActs(sides: readonly Side[], clock: StoryClock, speed: number): Promise<readonly Promised[]> {
  const ends: Promised[] = [];
  for (const { title, begin, isDone, maxSeconds } of ACTS) {
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

export async function playBoth({
  speed,
  show,
}: {
  readonly speed: number;
  readonly show?: (line: Line) => void;
}): Promise<Verdict> {
  const { clock, aws, azure, close } = await openBothScene(show);
  try {
    const sides: readonly [Side, Side] = [
      { stage: aws, count: startSeeing(aws), spec: {} },
      { stage: azure, count: startSeeing(azure), spec: NOTIFIED },
    ];
    const ends = await playActs(sides, clock, speed);
    const { calmingSeconds, settledSeconds } = paceOf(false);
    await clock.run({ maxSeconds: calmingSeconds });
    const since = clock.now();
    await clock.run({ maxSeconds: settledSeconds });
    const [one, other] = sides;
    const seenBy = ({ stage, count }: Side) =>
      count.seen({ writes: writesSince(stage, since), seconds: settledSeconds });
    const [first, second] = [await seenBy(one), await seenBy(other)];
    return judge(BOTH.name, together(first, second), [
      ...on(one, promises(first)),
      ...on(other, promises(second)),
      ...ends,
    ]);
  } finally {
    await close();
  }
}
