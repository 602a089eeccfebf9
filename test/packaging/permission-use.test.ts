/** The reviewed permissions are enough: in every story on the local cloud no function calls AWS for more than its role allows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "../../infra/local/calls.ts";
import { DRAIN_STORIES, openScene } from "../../infra/local/stories/run.ts";
import { isOver } from "../../infra/local/stories/story.ts";
import { ACTIONS, OPERATION_TO_ACTION } from "./permissions.ts";

const OURS = "lifeguard:";

for (const story of DRAIN_STORIES)
  test(`${story.name}: every call to AWS is allowed`, async () => {
    const scene = await openScene({ stage: story.stage });
    const { clock, stage, count } = scene;
    try {
      await story.begin(stage);
      const done = () => isOver(stage, count);
      assert.ok(await clock.run({ maxSeconds: story.maxSeconds, done }), "the story does not end");
      const ours = stage.cloud.aws.calls.filter(({ who }) => who.startsWith(OURS));
      assert.ok(ours.length > 5, `only ${ours.length} calls of our functions`);
      assert.deepEqual(
        ours.filter(isRefused).map(({ who, what }) => `${who} ${what}`),
        [],
      );
    } finally {
      await scene.close();
    }
  });

const isRefused = ({ who, what }: Call): boolean => {
  const action = OPERATION_TO_ACTION[what];
  return action === undefined || !ACTIONS[who.slice(OURS.length)]?.includes(action);
};
