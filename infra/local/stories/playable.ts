/** Every story of every cloud, as the command line plays them. */
import type { Verdict } from "../verdict.ts";
import { AZURE_STORIES } from "./azure/index.ts";
import { playAzureStory } from "./azure/play.ts";
import { BOTH, playBoth } from "./both/play.ts";
import { type Playing, playStory, STORIES } from "./run.ts";

export const CLOUDS = ["aws", "azure"] as const;
export type CloudName = (typeof CLOUDS)[number];

export interface Playable {
  readonly name: string;
  /** Worth watching as it happens; others take a quarter of an hour, and are read afterwards. */
  readonly isShort: boolean;
  readonly play: (playing: Playing) => Promise<Verdict>;
}

const onAws: readonly Playable[] = STORIES.map((story) => ({
  name: story.name,
  isShort: !("acts" in story),
  play: (playing) => playStory(story, playing),
}));

const onAzure: readonly Playable[] = [
  ...AZURE_STORIES.map((story) => ({
    name: story.name,
    isShort: false,
    play: ({ speed, show, chaos }: Playing) => playAzureStory(story, { speed, show, chaos }),
  })),
  { name: BOTH.name, isShort: false, play: ({ speed, show, chaos }) => playBoth({ speed, show, chaos }) },
];

export const PLAYABLE: Readonly<Record<CloudName, readonly Playable[]>> = { aws: onAws, azure: onAzure };
