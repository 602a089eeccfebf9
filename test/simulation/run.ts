/** One seed from its beginning to its rest: build, storm, heal, wait until all is quiet, and look twice more. */
import type { Strike } from "./chance.ts";
import { applyPool } from "./pools/objects.ts";
import type { Violation } from "./promises/court.ts";
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

/** Until a pool of ours has its instances and Nodes, when all goes well. */
const POOL_SECONDS = 120;
const SETTLE_SECONDS = 60;
const REST_SECONDS = 4 * 3600;
const PEOPLE_LOOK_SECONDS = 1800;
const TWO_SWEEPS_SECONDS = 125;
/** Far more than any run has needed. */
const MOST_STEPS = 300_000;
const QUIET_MILLISECONDS = 90_000;
const restartUids = seal();

/** Lets every pass run on until it waits for its next call: nothing in a run waits for more than promises, and a tick comes after all of them. */
const settled = () => new Promise<void>((resolve) => process.nextTick(resolve));

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

type Walk = (seconds: number, isDone?: () => boolean) => Promise<boolean>;

/** @returns lets the world go on for so long; true when it was cut short */
function walker({ scene: { time }, judge, functions }: Pick<Stage, "scene" | "judge" | "functions">): Walk {
  let steps = 0;
  /** The next thing and the passes that it wakes. */
  const goOn = async (limit: number): Promise<boolean> => {
    if (++steps > MOST_STEPS) judge.court.broken("P5", "a run is busy without an end", `${steps} steps`);
    const isBusy = functions.running.size > 0;
    if (!(await time.step(limit))) return false;
    if (isBusy || functions.running.size > 0) await settled();
    judge.look();
    return true;
  };
  return async (seconds, isDone = () => false) => {
    const limit = time.now() + seconds * 1000;
    for (;;) {
      if (judge.violation() || isDone()) return true;
      if (!(await goOn(limit))) return false;
    }
  };
}

async function play(stage: Stage): Promise<void> {
  const { scene, judge, functions } = stage;
  const { plan } = scene;
  const advance = walker({ scene, judge, functions });
  await buildWorld(scene);
  await advance(BOOT_SECONDS);
  functions.start();
  if (plan.pool) {
    await applyPool(scene, plan.pool);
    await advance(POOL_SECONDS);
  }
  scheduleHappenings(scene);
  await advance(plan.stormSeconds);
  if (judge.violation()) return;
  await heal(scene);
  await comeToRest(stage, advance);
}

/** Waits until all is quiet, and looks whether everything is as it should be. */
async function comeToRest({ scene, judge, functions, writes, lastWriteAt }: Stage, advance: Walk): Promise<void> {
  const { time, plan } = scene;
  // Looks at a pool may go on for long: there, quiet is a while without a write.
  const isIdle = () => (plan.pool ? time.now() - lastWriteAt() > QUIET_MILLISECONDS : functions.waiting() === 0);
  const isQuiet = () => functions.running.size === 0 && isIdle() && judge.unfinished().length === 0;
  /** The cloud has begun something meanwhile, which has to end; a pool is at rest when nothing at all is written for so long. */
  const hasBegunAnew = (before: number) =>
    judge.unfinished().length > 0 || (plan.pool !== undefined && writes() > before);
  for (let waited = 0; !judge.violation(); waited += PEOPLE_LOOK_SECONDS) {
    if (waited > REST_SECONDS)
      judge.court.broken("P4", "the run does not come to its rest", judge.unfinished().join("; ") || "writes go on");
    // What was late by hours may have come, and pods were made anew.
    if (waited > 0) await heal(scene);
    if (!(await advance(PEOPLE_LOOK_SECONDS, isQuiet))) continue;
    await advance(plan.upstreamLagSeconds + SETTLE_SECONDS);
    if (judge.unfinished().length > 0) continue;
    const before = writes();
    await advance(TWO_SWEEPS_SECONDS);
    if (hasBegunAnew(before)) continue;
    judge.atRest();
    if (writes() > before && plan.finishedTtlSeconds > REST_SECONDS)
      judge.court.broken("P5", "something is written although all is quiet", `${writes() - before} writes`);
    return;
  }
}
