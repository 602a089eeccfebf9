/** How many looks a pool needs: events and the ends of drains bring them, and hints that meet become one. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { openFullScene } from "../../../infra/local/stories/full/open.ts";
import { poolScale } from "../../../infra/local/stories/full/pool-scale.ts";
import { poolUpgrade } from "../../../infra/local/stories/full/pool-upgrade.ts";
import { startSeeing } from "../../../infra/local/stories/full/seen.ts";

const line = z.looseObject({ did: z.string(), message: z.string() });

/** Seen: 165 and 70; with a chain of looks behind every hint they were 241 and 80, and grew with the time a drain took. */
const most = [
  { story: poolUpgrade, passes: 200 },
  { story: poolScale, passes: 90 },
] as const;

for (const { story, passes } of most)
  test(`${story.name} needs no more than ${passes} looks at pools`, async (context) => {
    const { stage, clock, close } = await openFullScene(story.pool ? { pool: story.pool } : {});
    try {
      const count = startSeeing(stage);
      const told = new Map<string, number>();
      stage.cloud.host.onInvocation(({ function: name, logs }) => {
        for (const one of name === "pool-continued" ? logs : []) {
          const { data } = line.safeParse(one);
          if (data) told.set(data.message, (told.get(data.message) ?? 0) + 1);
        }
      });
      for (const { title, begin, isDone, maxSeconds } of story.acts) {
        await begin(stage);
        ok(await clock.run({ maxSeconds, done: () => isDone(stage, count) }), `it does not end: ${title}`);
      }
      const sum = [...told.values()].reduce((all, some) => all + some, 0);
      context.diagnostic(
        `${story.name}: ${sum} looks; ${[...told].map(([did, times]) => `${times} ${did}`).join(", ")}`,
      );
      ok(sum > 0 && sum <= passes, `${sum} looks`);
    } finally {
      await close();
    }
  });
