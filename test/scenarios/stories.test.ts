/** The stories of `npm run local`, as fast as they go: every promise is kept, and the judge can say no. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { DRAIN_STORIES, playStory } from "../../infra/local/stories/run.ts";
import { DRAINED } from "./scene.ts";

for (const story of DRAIN_STORIES) {
  test(`${story.name}: ${story.title}`, async () => {
    const { promises, kept } = await playStory(story, { speed: 0 });
    deepStrictEqual(
      promises.filter((promise) => !promise.kept),
      [],
    );
    ok(kept && promises.length > 4);
  });
}

const quiet = {
  killedPods: [],
  budgets: [{ name: "default/web", lowestHealthy: 4, wanted: 4 }],
  holds: [{ instanceId: "i-1", hook: "drain", end: "continued" as const }],
  evictions: 3,
  deletions: [],
  calls: { kubernetes: 1, cloud: 1, drain: 1 },
  invocations: 1,
  failedInvocations: 0,
  deadLetters: 0,
  instancesLeft: [],
  nodesLeft: [],
  terminations: [{ name: "workers-i-1", phase: "Released" }],
  seconds: 50,
};
const broken: { name: string; seen: object; promise: RegExp }[] = [
  { name: "a killed pod", seen: { killedPods: ["default/db-0"] }, promise: /lost its process/ },
  { name: "an undercut budget", seen: { budgets: [{ name: "web", lowestHealthy: 3, wanted: 4 }] }, promise: /budget/ },
  { name: "a deleted pod", seen: { deletions: [{ pod: "default/web-1", secondsLeft: 9 }] }, promise: /evicted/ },
  { name: "a hold that timed out", seen: { holds: [{ ...quiet.holds[0], end: "timed out" }] }, promise: /hold/ },
  { name: "a hold ended twice", seen: { holds: [quiet.holds[0], quiet.holds[0]] }, promise: /hold/ },
  { name: "no hold at all", seen: { holds: [] }, promise: /hold/ },
  { name: "a Node that stays", seen: { nodesLeft: ["node-1"] }, promise: /gone/ },
  {
    name: "a record that is not finished",
    seen: { terminations: [{ name: "w", phase: "Draining" }] },
    promise: /gone/,
  },
];
for (const { name, seen, promise } of broken) {
  test(`the judge sees ${name}`, () => {
    const said = DRAINED.map((rule) => rule({ ...quiet, ...seen })).filter(({ kept }) => !kept);
    strictEqual(said.length, 1);
    ok(promise.test(said[0]?.promise ?? ""), said[0]?.promise);
  });
}
test("the judge is content with a quiet drain", () => ok(DRAINED.every((rule) => rule(quiet).kept)));
