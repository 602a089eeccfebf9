/** Plays one story on a fresh local cloud, and judges what was seen. */
import type { Chaos, ChaosSettings } from "../chaos/chaos.ts";
import { PATIENCE_SECONDS, underChaos } from "../chaos/verdict.ts";
import { liveClock, type StoryClock } from "../clock.ts";
import { type LocalCloudOptions, type RealServers, startLocalCloud } from "../local-cloud.ts";
import type { Line } from "../timeline.ts";
import { judge, type Verdict } from "../verdict.ts";
import { audited } from "./audited.ts";
import { FULL_STORIES } from "./full/index.ts";
import { playFullStory } from "./full/play.ts";
import type { FullStory } from "./full/story.ts";
import { type Count, startCounting } from "./observed.ts";
import { QUICK } from "./pace.ts";
import { eventLost, scaleIn } from "./scale-in.ts";
import { spotInterruption } from "./spot-interruption.ts";
import { type Stage, setStage } from "./stage.ts";
import { isOver, type Story } from "./story.ts";
import { surround } from "./surroundings.ts";

export const DRAIN_STORIES: readonly Story[] = [scaleIn, spotInterruption, eventLost];
/** Of both profiles. */
export const STORIES: readonly (Story | FullStory)[] = [...DRAIN_STORIES, ...FULL_STORIES];

export interface Scene {
  readonly clock: StoryClock;
  readonly stage: Stage;
  /** Counts from the scene's opening on. */
  readonly count: Count;
  readonly chaos: Chaos | undefined;
  readonly close: () => Promise<void>;
}

export interface SceneOptions {
  readonly stage: Story["stage"];
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  readonly cloud?: Partial<Omit<LocalCloudOptions, "clock" | "chaos">>;
  /** Faults on the wires of the functions, and crashes. */
  readonly chaos?: ChaosSettings | undefined;
}

/**
 * A fresh local cloud, its stage set: three Ready Nodes, all pods Ready, nothing leaving. On a virtual clock, unless
 * `cloud.real` names API servers that have no other.
 */
export async function openScene({ stage: wanted, show, cloud: options, chaos: wild }: SceneOptions): Promise<Scene> {
  const live = options?.real && liveClock();
  const { clock, timeline, chaos, ofCloud, open } = surround({ show, chaos: wild, clock: live });
  const cloud = await startLocalCloud({ ...ofCloud, ...options });
  try {
    const stage = await setStage(cloud, clock, { ...wanted, timeline });
    open();
    const close = () => stage.strike().finally(() => live?.stop());
    return { clock, stage, count: startCounting(stage), chaos, close };
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
  /** Faults on the wires of the functions, and crashes. */
  readonly chaos?: ChaosSettings | undefined;
}

export async function playStory(
  story: Story | FullStory,
  { speed, show, real, chaos: wild }: Playing,
): Promise<Verdict> {
  if ("acts" in story) return playFullStory(story, { speed, show, real, chaos: wild });
  const { clock, stage, count, chaos, close } = await openScene({
    stage: { ...story.stage, ...(real && { nodeSeconds: QUICK.nodeSeconds }) },
    show,
    // Lambda delivers an event again after one minute, and after two more: twice is longer than Spot waits.
    chaos: wild && { crashesEach: 1, ...wild },
    ...(real && { cloud: { real, timing: QUICK } }),
  });
  try {
    stage.timeline.say("story", story.name, story.title);
    chaos?.begin();
    await story.begin(stage);
    const maxSeconds = story.maxSeconds + (chaos ? PATIENCE_SECONDS : 0);
    const ended = await clock.run({ maxSeconds, done: () => isOver(stage, count), speed });
    const observed = count.observed();
    const inTime = { promise: `it is over within ${maxSeconds} s`, seen: `${observed.seconds} s`, kept: ended };
    const promises = [...story.promises(observed), inTime, ...(real ? [audited(stage.cloud, false)] : [])];
    const { invocations } = stage.cloud.host;
    return judge(story.name, observed, chaos ? underChaos(promises, chaos, invocations) : promises);
  } finally {
    await close();
  }
}
