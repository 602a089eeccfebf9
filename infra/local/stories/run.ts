/** Plays one story on a fresh local cloud with a virtual clock, and judges what was seen. */
import { type VirtualClock, virtualClock } from "../clock.ts";
import { type LocalCloudOptions, startLocalCloud } from "../local-cloud.ts";
import { createTimeline, type Line } from "../timeline.ts";
import { judge, type Verdict } from "../verdict.ts";
import { eventLost } from "./event-lost.ts";
import { FULL_STORIES } from "./full/index.ts";
import { playFullStory } from "./full/play.ts";
import type { FullStory } from "./full/story.ts";
import { type Count, startCounting } from "./observed.ts";
import { scaleIn } from "./scale-in.ts";
import { spotInterruption } from "./spot-interruption.ts";
import { type Stage, setStage } from "./stage.ts";
import { isOver, type Story } from "./story.ts";

export const DRAIN_STORIES: readonly Story[] = [scaleIn, spotInterruption, eventLost];
/** Of both profiles. */
export const STORIES: readonly (Story | FullStory)[] = [...DRAIN_STORIES, ...FULL_STORIES];
const START = new Date("2026-11-20T08:00:00Z");

export interface Scene {
  readonly clock: VirtualClock;
  readonly stage: Stage;
  /** Counts from the scene's opening on. */
  readonly count: Count;
  close(): Promise<void>;
}

export interface SceneOptions {
  readonly stage: Story["stage"];
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  readonly cloud?: Partial<Omit<LocalCloudOptions, "clock">>;
}

/** A fresh local cloud on a virtual clock, its stage set: three Ready Nodes, all pods Ready, nothing leaving. */
export async function openScene({ stage: wanted, show, cloud: options }: SceneOptions): Promise<Scene> {
  const clock = virtualClock(START);
  let open = false;
  const timeline = createTimeline(clock, (line) => {
    if (open) show?.(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const cloud = await startLocalCloud({ clock, onProblem, ...options });
  try {
    const stage = await setStage(cloud, clock, { ...wanted, timeline });
    open = true;
    return { clock, stage, count: startCounting(stage), close: stage.strike };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

/** @param speed virtual seconds per real one; 0: as fast as it goes */
export async function playStory(
  story: Story | FullStory,
  speed: number,
  show?: (line: Line) => void,
): Promise<Verdict> {
  if ("acts" in story) return playFullStory(story, { speed, show });
  const { clock, stage, count, close } = await openScene({ stage: story.stage, show });
  try {
    stage.timeline.say("story", story.name, story.title);
    await story.begin(stage);
    const ended = await clock.run({ maxSeconds: story.maxSeconds, done: () => isOver(stage, count), speed });
    const observed = count.observed();
    const inTime = { promise: `it is over within ${story.maxSeconds} s`, seen: `${observed.seconds} s`, kept: ended };
    return judge(story.name, observed, [...story.promises(observed), inTime]);
  } finally {
    await close();
  }
}
