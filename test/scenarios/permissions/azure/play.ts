/** Plays every story on Azure and the further moments once, as fast as it goes, and hands back what our functions asked for in it. */
import { ok } from "node:assert/strict";
import { AZURE_STORIES } from "../../../../infra/local/stories/azure/index.ts";
import { openAzureScene } from "../../../../infra/local/stories/azure/open.ts";
import type { AzureStory } from "../../../../infra/local/stories/azure/play.ts";
import { startSeeing } from "../../../../infra/local/stories/full/seen.ts";
import { playRows, type Uses } from "../uses.ts";
import { playDrainMoments } from "./drain-moments.ts";
import { playPoolMoments } from "./pool-moments.ts";
import { startRecording } from "./record.ts";

async function playStory(story: AzureStory): Promise<Uses> {
  const { clock, stage, close } = await openAzureScene({ pool: story.pool });
  try {
    const uses = startRecording(stage.cloud);
    const count = startSeeing(stage);
    for (const { title, begin, isDone, maxSeconds } of story.acts) {
      await begin(stage);
      ok(await clock.run({ maxSeconds, done: () => isDone(stage, count) }), `${story.name} does not end: ${title}`);
    }
    return uses();
  } finally {
    await close();
  }
}

export function playAll(): Promise<Uses> {
  const plays = AZURE_STORIES.map((story) => () => playStory(story));
  const half = Math.ceil(plays.length / 2);
  return playRows([plays.slice(0, half), plays.slice(half), [playDrainMoments, playPoolMoments]]);
}
