/** Plays every story once, as fast as it goes, and hands back what our functions asked for in it. */
import { ok } from "node:assert/strict";
import { openFullScene } from "../../../infra/local/stories/full/open.ts";
import { startSeeing } from "../../../infra/local/stories/full/seen.ts";
import type { FullStory } from "../../../infra/local/stories/full/story.ts";
import { openScene, STORIES } from "../../../infra/local/stories/run.ts";
import { isOver, type Story } from "../../../infra/local/stories/story.ts";
import { startRecording, type Uses } from "./record.ts";

/** What is on its way when the last act is over comes to its end. */
const CALMING_SECONDS = 120;

async function playDrain(story: Story): Promise<Uses> {
  const { clock, stage, count, close } = await openScene({ stage: story.stage });
  try {
    const uses = startRecording(stage.cloud);
    await story.begin(stage);
    const over = await clock.run({ maxSeconds: story.maxSeconds, done: () => isOver(stage, count) });
    ok(over, `${story.name} does not end`);
    return uses();
  } finally {
    await close();
  }
}

async function playFull(story: FullStory): Promise<Uses> {
  const { clock, stage, close } = await openFullScene(story.pool ? { pool: story.pool } : {});
  try {
    const uses = startRecording(stage.cloud);
    const count = startSeeing(stage);
    for (const { title, begin, isDone, maxSeconds } of story.acts) {
      await begin(stage);
      ok(await clock.run({ maxSeconds, done: () => isDone(stage, count) }), `${story.name} does not end: ${title}`);
    }
    await clock.run({ maxSeconds: CALMING_SECONDS });
    return uses();
  } finally {
    await close();
  }
}

export const merge = (all: readonly Uses[]): Uses => ({
  kubernetes: all.flatMap(({ kubernetes }) => kubernetes),
  aws: all.flatMap(({ aws }) => aws),
});

export async function playAll(): Promise<Uses> {
  const all: Uses[] = [];
  for (const story of STORIES) all.push("acts" in story ? await playFull(story) : await playDrain(story));
  return merge(all);
}
