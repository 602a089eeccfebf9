/** Plays every story and the further moments once, as fast as it goes, and hands back what our functions asked for in it. */
import { ok } from "node:assert/strict";
import { openFullScene } from "../../../infra/local/stories/full/open.ts";
import type { FullStory } from "../../../infra/local/stories/full/story.ts";
import { openScene, STORIES } from "../../../infra/local/stories/run.ts";
import { isOver, type Story } from "../../../infra/local/stories/story.ts";
import { playMoments } from "./moments.ts";
import { playPoolMoments } from "./pool-moments.ts";
import { startRecording } from "./record.ts";
import { playRows, type Uses, usesOfActs } from "./uses.ts";

async function playDrain(story: Story): Promise<Uses> {
  const scene = await openScene({ stage: story.stage });
  const { clock, stage, count } = scene;
  try {
    const uses = startRecording(stage.cloud);
    await story.begin(stage);
    const over = await clock.run({ maxSeconds: story.maxSeconds, done: () => isOver(stage, count) });
    ok(over, `${story.name} does not end`);
    return uses();
  } finally {
    await scene.close();
  }
}

const playFull = async (story: FullStory): Promise<Uses> =>
  usesOfActs(story, await openFullScene(story.pool ? { pool: story.pool } : {}), startRecording);

const isFull = (story: Story | FullStory): story is FullStory => "acts" in story;

/** Three local clouds at a time: each stands still while its sockets are waited for. */
export function playAll(): Promise<Uses> {
  const full = STORIES.filter(isFull).map((story) => () => playFull(story));
  const drains = STORIES.filter((story): story is Story => !isFull(story)).map((story) => () => playDrain(story));
  const half = Math.ceil(full.length / 2);
  const rows = [full.slice(0, half), [...full.slice(half), ...drains], [playPoolMoments, playMoments]];
  return playRows(rows);
}
