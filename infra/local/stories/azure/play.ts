/** Plays one story of pools on Azure on a fresh local cloud with a virtual clock, and judges what was seen. */
import { type FullVerdict, playActs } from "../full/play.ts";
import type { PoolStory } from "../full/story.ts";
import { type AzureSceneOptions, openAzureScene } from "./open.ts";
import type { AzureStage } from "./stage.ts";

export type AzureStory = PoolStory<AzureStage>;

export interface AzurePlaying extends Pick<AzureSceneOptions, "show" | "chaos"> {
  /** Virtual seconds per real one; 0: as fast as it goes. */
  readonly speed: number;
}

export async function playAzureStory(story: AzureStory, { speed, ...options }: AzurePlaying): Promise<FullVerdict> {
  const scene = await openAzureScene({ ...options, pool: story.pool });
  try {
    return await playActs(story, scene, speed);
  } finally {
    await scene.close();
  }
}
