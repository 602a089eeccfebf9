/** The stories of the full profile, as fast as they go: every promise is kept, with the rights that the functions have. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { FULL_STORIES } from "../../../infra/local/stories/full/index.ts";
import { playFullStory } from "../../../infra/local/stories/full/play.ts";
import { ACTIONS, OPERATION_TO_ACTION } from "../../packaging/permissions.ts";

/** By the reviewed table of permissions. */
const isRefused = (call: string): boolean => {
  const [who = "", what = ""] = call.split(" ");
  const action = OPERATION_TO_ACTION[what];
  return action === undefined || !ACTIONS[who.replace("lifeguard:", "")]?.includes(action);
};

for (const story of FULL_STORIES) {
  test(`${story.name}: ${story.title}`, async (context) => {
    const lines: string[] = [];
    const { promises, kept, observed } = await playFullStory(story, {
      speed: 0,
      show: ({ at, who, name, what }) => lines.push(`${at.toISOString().slice(11, 19)} ${who} ${name} ${what}`),
    });
    // The timeline says what happened in which order.
    if (!kept) for (const line of lines) context.diagnostic(line);
    deepStrictEqual(
      promises.filter((promise) => !promise.kept),
      [],
    );
    ok(promises.length > story.acts.length);
    deepStrictEqual(observed.cloudCalls.filter(isRefused), []);
    ok(observed.cloudCalls.some((call) => call === "lifeguard:pool-continued DescribeAutoScalingGroups"));
  });
}
