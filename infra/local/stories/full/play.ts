/** Plays one story of the full profile on a fresh local cloud with a virtual clock, and judges what was seen. */
import { judge, type Promised, type Verdict } from "../../verdict.ts";
import { type FullScene, type FullSceneOptions, openFullScene } from "./open.ts";
import type { PoolStage } from "./pool-stage.ts";
import { type FullSeen, startSeeing, writesSince } from "./seen.ts";
import type { FullStory, PoolStory } from "./story.ts";

/** What is on its way when the last act is over comes to its end. */
export const CALMING_SECONDS = 120;
/** Every settled pool's turn in the sweep comes once in ten minutes. */
export const SETTLED_SECONDS = 660;

export interface Playing extends Omit<FullSceneOptions, "pool"> {
  /** Virtual seconds per real one; 0: as fast as it goes. */
  readonly speed: number;
}

export interface FullVerdict extends Verdict {
  readonly observed: FullSeen;
}

export async function playFullStory(story: FullStory, { speed, ...options }: Playing): Promise<FullVerdict> {
  const scene = await openFullScene({ ...options, ...(story.pool && { pool: story.pool }) });
  try {
    return await playActs(story, scene, speed);
  } finally {
    await scene.close();
  }
}

/** The acts in turn, then what is left on its way, then a time of rest. */
export async function playActs<On extends PoolStage>(
  story: PoolStory<On>,
  { stage, clock }: Pick<FullScene, "clock"> & { readonly stage: On },
  speed: number,
): Promise<FullVerdict> {
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
  return { ...judge(story.name, seen, [...story.promises(seen), ...ends]), observed: seen };
}
