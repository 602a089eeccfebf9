/** Plays one story of the full profile on a fresh local cloud, and judges what was seen. */
import { PATIENCE_SECONDS, underChaos } from "../../chaos/verdict.ts";
import { judge, type Promised, type Verdict } from "../../verdict.ts";
import { audited } from "../audited.ts";
import { type FullScene, type FullSceneOptions, openFullScene } from "./open.ts";
import type { PoolStage } from "./pool-stage.ts";
import { comeToRest } from "./rest.ts";
import { type FullSeen, startSeeing, writesSince } from "./seen.ts";
import type { FullStory, PoolStory } from "./story.ts";

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
  { stage, clock, chaos }: Pick<FullScene, "clock" | "chaos"> & { readonly stage: On },
  speed: number,
): Promise<FullVerdict> {
  const count = startSeeing(stage);
  const ends: Promised[] = [];
  chaos?.begin();
  for (const { title, begin, isDone, ...act } of story.acts) {
    const maxSeconds = act.maxSeconds + (chaos ? PATIENCE_SECONDS : 0);
    stage.timeline.say("story", story.name, title);
    const start = clock.now().getTime();
    await begin(stage);
    const kept = await clock.run({ maxSeconds, done: () => isDone(stage, count), speed });
    const seconds = (clock.now().getTime() - start) / 1000;
    ends.push({ promise: `within ${maxSeconds} s: ${title}`, seen: `${seconds} s`, kept });
    if (!kept) break;
  }
  const { cloud } = stage;
  const { since, seconds } = await comeToRest([stage], { clock, chaos, real: cloud.real });
  const seen = await count.seen({ writes: writesSince(stage, since), seconds });
  const promises = [...story.promises(seen), ...ends, ...(cloud.real ? [audited(cloud, true)] : [])];
  const judged = chaos ? underChaos(promises, chaos, cloud.host.invocations) : promises;
  return { ...judge(story.name, seen, judged), observed: seen };
}
