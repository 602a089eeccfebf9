/** One seed from its beginning to its rest: build, storm, heal, wait until all is quiet, and look twice more. */
import type { Strike } from "./chance.ts";
import type { Violation } from "./promises/court.ts";
import { atRest, unfinished } from "./promises/rest-promises.ts";
import { seal } from "./sealed.ts";
import { BOOT_SECONDS, type Stage, setUp } from "./stage.ts";
import { createTally, type Tally } from "./tally.ts";
import { scheduleHappenings } from "./world/happenings.ts";
import { heal } from "./world/healing.ts";
import { buildWorld } from "./world/world.ts";

export interface RunOptions {
  /** When shrinking: nothing else strikes. */
  readonly only?: ReadonlySet<string>;
  /** Gets the lines of the story as they happen. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly seed: number;
  readonly violation?: Violation;
  readonly strikes: readonly Strike[];
  readonly tally: Tally;
}

const SETTLE_SECONDS = 60;
const REST_SECONDS = 4 * 3600;
const PEOPLE_LOOK_SECONDS = 1800;
const TWO_SWEEPS_SECONDS = 125;
const restartUids = seal();

/** Lets every pass run on until it waits for its next call. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

export async function runSeed(seed: number, options: RunOptions = {}): Promise<RunResult> {
  restartUids();
  const strikes: Strike[] = [];
  const tally = createTally();
  const stage = await setUp(seed, { ...options, strikes, tally });
  const broken = (promise: string, what: string, detail: string) => stage.judge.court.broken(promise, what, detail);
  try {
    await play(stage);
  } catch (error) {
    broken("P3", "a step of the world failed", error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const violation = stage.judge.violation();
  return { seed, strikes, tally, ...(violation && { violation }) };
}

async function play({ scene, judge, functions, writes }: Stage): Promise<void> {
  const { time, plan } = scene;
  const advance = async (seconds: number, isDone: () => boolean = () => false): Promise<boolean> => {
    const limit = time.now() + seconds * 1000;
    for (;;) {
      if (judge.violation() || isDone()) return true;
      const isBusy = functions.running.size > 0;
      if (!(await time.step(limit))) return false;
      if (isBusy || functions.running.size > 0) await settled();
      judge.look();
    }
  };
  await buildWorld(scene);
  await advance(BOOT_SECONDS);
  functions.start(scene.cloud);
  scheduleHappenings(scene);
  await advance(plan.stormSeconds);
  if (judge.violation()) return;
  await heal(scene);
  const isQuiet = () =>
    functions.running.size === 0 && functions.waiting() === 0 && unfinished(judge.court).length === 0;
  for (let waited = 0; !judge.violation(); waited += PEOPLE_LOOK_SECONDS) {
    if (waited > REST_SECONDS)
      judge.court.broken("P4", "the run does not come to its rest", unfinished(judge.court).join("; "));
    // What was late by hours may have come, and pods were made anew.
    if (waited > 0) await heal(scene);
    if (!(await advance(PEOPLE_LOOK_SECONDS, isQuiet))) continue;
    await advance(plan.upstreamLagSeconds + SETTLE_SECONDS);
    const before = writes();
    await advance(TWO_SWEEPS_SECONDS);
    // The cloud has begun something new meanwhile: that has to end first.
    if (unfinished(judge.court).length > 0) continue;
    atRest(judge.court);
    if (writes() > before && plan.finishedTtlSeconds > REST_SECONDS)
      judge.court.broken("P5", "something is written although all is quiet", `${writes() - before} writes`);
    return;
  }
}
