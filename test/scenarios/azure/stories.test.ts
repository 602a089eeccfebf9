/** The stories of pools on Azure, and of both clouds in one management cluster, as fast as they go: every promise is kept. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { AZURE_STORIES } from "../../../infra/local/stories/azure/index.ts";
import { playAzureStory } from "../../../infra/local/stories/azure/play.ts";
import { BOTH, playBoth } from "../../../infra/local/stories/both/play.ts";
import type { Line } from "../../../infra/local/timeline.ts";
import type { Verdict } from "../../../infra/local/verdict.ts";

interface Played {
  readonly name: string;
  readonly title: string;
  readonly play: (show: (line: Line) => void) => Promise<Verdict>;
}

const stories: readonly Played[] = [
  ...AZURE_STORIES.map((story) => ({
    ...story,
    play: (show: (line: Line) => void) => playAzureStory(story, { speed: 0, show }),
  })),
  { ...BOTH, play: (show) => playBoth({ speed: 0, show }) },
];

for (const { name, title, play } of stories) {
  test(`${name}: ${title}`, async (context) => {
    const lines: string[] = [];
    const { promises, kept } = await play(({ at, who, name: what, what: said }) =>
      lines.push(`${at.toISOString().slice(11, 19)} ${who} ${what} ${said}`),
    );
    // The timeline says what happened in which order.
    if (!kept) for (const line of lines) context.diagnostic(line);
    deepStrictEqual(
      promises.filter((promise) => !promise.kept),
      [],
    );
    ok(promises.length > 8);
  });
}
