/** Plays one story of the full profile on a fresh local cloud with a virtual clock, and judges what was seen. */
import { virtualClock } from "../../clock.ts";
import { startLocalCloud } from "../../local-cloud.ts";
import { createTimeline, type Line } from "../../timeline.ts";
import { judge, type Promised, type Verdict } from "../../verdict.ts";
import { REPLICAS, WATCH_FILTER } from "./manifests.ts";
import { startSeeing, writesSince } from "./seen.ts";
import { type FullStage, setFullStage } from "./stage.ts";
import { type FullStory, isAtRest } from "./story.ts";

const START = new Date("2026-11-20T08:00:00Z");
const SETTING_SECONDS = 900;
/** What is on its way when the last act is over comes to its end. */
const CALMING_SECONDS = 120;
/** Every settled pool's turn in the sweep comes once in ten minutes. */
const SETTLED_SECONDS = 660;

type StoryTime = ReturnType<typeof virtualClock>;

export interface Playing {
  /** Virtual seconds per real one; 0: as fast as it goes. */
  readonly speed: number;
  readonly show?: ((line: Line) => void) | undefined;
}

export async function playFullStory(story: FullStory, { speed, show }: Playing): Promise<Verdict> {
  const clock = virtualClock(START);
  let open = false;
  const timeline = createTimeline(clock, (line) => {
    if (open) show?.(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const settings = { LIFEGUARD_WATCH_FILTER: WATCH_FILTER };
  const cloud = await startLocalCloud({ clock, onProblem, settings });
  let close = cloud.stop;
  try {
    const stage = await setFullStage(cloud, clock, timeline);
    close = stage.strike;
    if (story.pool) await bringUp(stage, clock, story.pool);
    open = true;
    return await playActs({ story, stage, clock, speed });
  } finally {
    await close();
  }
}

async function bringUp(stage: FullStage, clock: StoryTime, pool: NonNullable<FullStory["pool"]>): Promise<void> {
  await stage.applyPool(pool);
  if (await clock.run({ maxSeconds: SETTING_SECONDS, done: () => isAtRest(stage, REPLICAS) })) return;
  const said = JSON.stringify([stage.machinePool()?.status, stage.awsMachinePool()?.status]);
  throw new Error(`the pool does not run after ${SETTING_SECONDS} virtual seconds: ${said}`);
}

interface Playable {
  readonly story: FullStory;
  readonly stage: FullStage;
  readonly clock: StoryTime;
  readonly speed: number;
}

async function playActs({ story, stage, clock, speed }: Playable): Promise<Verdict> {
  const count = startSeeing(stage);
  const ends: Promised[] = [];
  for (const { title, begin, isDone, maxSeconds } of story.acts) {
    stage.timeline.say("story", story.name, title);
    const start = clock.now().getTime();
    await begin(stage);
    const kept = await clock.run({ maxSeconds, done: () => isDone(stage, count), speed });
    const seconds = (clock.now().getTime() - start) / 1000;
    ends.push({ promise: `within ${maxSeconds} s: ${title}`, seen: `${seconds} s`, kept });
    if (!kept) break;
  }
  await clock.run({ maxSeconds: CALMING_SECONDS });
  const since = clock.now();
  await clock.run({ maxSeconds: SETTLED_SECONDS });
  const seen = await count.seen({ writes: writesSince(stage, since), seconds: SETTLED_SECONDS });
  return judge(story.name, seen, [...story.promises(seen), ...ends]);
}
