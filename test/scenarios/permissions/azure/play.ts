/** Plays every story on Azure and the further moments once, as fast as it goes, and hands back what our functions asked for in it. */
import { AZURE_STORIES } from "../../../../infra/local/stories/azure/index.ts";
import { openAzureScene } from "../../../../infra/local/stories/azure/open.ts";
import type { AzureStory } from "../../../../infra/local/stories/azure/play.ts";
import { playRows, type Uses, usesOfActs } from "../uses.ts";
import { playDrainMoments } from "./drain-moments.ts";
import { playPoolMoments } from "./pool-moments.ts";
import { startRecording } from "./record.ts";

const playStory = async (story: AzureStory): Promise<Uses> =>
  usesOfActs(story, await openAzureScene({ pool: story.pool }), startRecording);

export function playAll(): Promise<Uses> {
  const plays = AZURE_STORIES.map((story) => () => playStory(story));
  const half = Math.ceil(plays.length / 2);
  return playRows([plays.slice(0, half), plays.slice(half), [playDrainMoments, playPoolMoments]]);
}
