/** Plays one story on a fresh local cloud, and judges what was seen. */
import { liveClock, type StoryClock, virtualClock } from "../clock.ts";
import { type LocalCloudOptions, type RealServers, startLocalCloud } from "../local-cloud.ts";
import { createTimeline, type Line } from "../timeline.ts";
import { judge, type Promised, type Verdict } from "../verdict.ts";
import { FULL_STORIES } from "./full/index.ts";
import { playFullStory } from "./full/play.ts";
import type { FullStory } from "./full/story.ts";
import { type Count, startCounting } from "./observed.ts";
import { eventLost, scaleIn } from "./scale-in.ts";
import { spotInterruption } from "./spot-interruption.ts";
import { QUICK_SECONDS, type Stage, setStage } from "./stage.ts";
import { isOver, type Story } from "./story.ts";

export const DRAIN_STORIES: readonly Story[] = [scaleIn, spotInterruption, eventLost];
/** Of both profiles. */
export const STORIES: readonly (Story | FullStory)[] = [...DRAIN_STORIES, ...FULL_STORIES];
const START = new Date("2026-11-20T08:00:00Z");

export interface Scene {
  readonly clock: StoryClock;
  readonly stage: Stage;
  /** Counts from the scene's opening on. */
  readonly count: Count;
  readonly close: () => Promise<void>;
}

export interface SceneOptions {
  readonly stage: Story["stage"];
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  readonly cloud?: Partial<Omit<LocalCloudOptions, "clock">>;
}

/**
 * A fresh local cloud, its stage set: three Ready Nodes, all pods Ready, nothing leaving. On a virtual clock, unless
 * `cloud.real` names API servers that have no other.
 */
export async function openScene({ stage: wanted, show, cloud: options }: SceneOptions): Promise<Scene> {
  const live = options?.real && liveClock();
  const clock = live ?? virtualClock(START);
  let open = false;
  const timeline = createTimeline(clock, (line) => {
    if (open) show?.(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const cloud = await startLocalCloud({ clock, onProblem, ...options });
  try {
    const stage = await setStage(cloud, clock, { ...wanted, timeline });
    open = true;
    const close = () => stage.strike().finally(() => live?.stop());
    return { clock, stage, count: startCounting(stage), close };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

export interface Playing {
  /** Virtual seconds per real one; 0: as fast as it goes. */
  readonly speed: number;
  readonly show?: (line: Line) => void;
  readonly real?: RealServers | undefined;
}

/** Only a real server tells its own audit webhook of every write: it takes our functions for its one user. */
const audited = ({ cloud }: Stage): Promised => {
  const batches = cloud.host.invocations.filter(({ function: name }) => name === "audit-received");
  return {
    promise: "the API server's own audit webhook reached audit-received",
    seen: `${batches.length} batches, ${batches.filter(({ outcome }) => outcome === "ok").length} taken`,
    kept: batches.length > 0 && batches.every(({ outcome }) => outcome === "ok"),
  };
};

export async function playStory(story: Story | FullStory, { speed, show, real }: Playing): Promise<Verdict> {
  if ("acts" in story) return playFullStory(story, { speed, show });
  const { clock, stage, count, close } = await openScene({
    stage: { ...story.stage, ...(real && { nodeSeconds: QUICK_SECONDS }) },
    show,
    ...(real && { cloud: { real, timing: { bootSeconds: QUICK_SECONDS } } }),
  });
  try {
    stage.timeline.say("story", story.name, story.title);
    await story.begin(stage);
    const ended = await clock.run({ maxSeconds: story.maxSeconds, done: () => isOver(stage, count), speed });
    const observed = count.observed();
    const inTime = { promise: `it is over within ${story.maxSeconds} s`, seen: `${observed.seconds} s`, kept: ended };
    return judge(story.name, observed, [...story.promises(observed), inTime, ...(real ? [audited(stage)] : [])]);
  } finally {
    await close();
  }
}
