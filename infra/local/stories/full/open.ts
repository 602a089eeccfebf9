/** Opens a fresh local cloud of the full profile on a virtual clock. */
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import { virtualClock } from "../../clock.ts";
import { startLocalCloud } from "../../local-cloud.ts";
import { createTimeline, type Line } from "../../timeline.ts";
import { REPLICAS, WATCH_FILTER } from "./manifests.ts";
import { type FullStage, setFullStage } from "./stage.ts";
import { type FullStory, isAtRest } from "./story.ts";

const START = new Date("2026-11-20T08:00:00Z");
const SETTING_SECONDS = 900;

export interface FullScene {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly stage: FullStage;
  readonly close: () => Promise<void>;
}

export interface FullSceneOptions {
  /** Of a pool that runs when the scene opens; absent: there is none. */
  readonly pool?: FullStory["pool"];
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  /** CustomResourceDefinitions of upstream instead of the permissive ones that the local cloud brings. */
  readonly crds?: readonly KubernetesObject[] | undefined;
}

export async function openFullScene({ pool, show, crds }: FullSceneOptions): Promise<FullScene> {
  const clock = virtualClock(START);
  let open = false;
  const timeline = createTimeline(clock, (line) => {
    if (open) show?.(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const settings = { LIFEGUARD_WATCH_FILTER: WATCH_FILTER };
  const cloud = await startLocalCloud({ clock, onProblem, settings });
  let close = () => cloud.stop();
  try {
    const stage = await setFullStage(cloud, { clock, timeline, ...(crds && { crds }) });
    close = () => stage.strike();
    if (pool) await bringUp({ stage, clock }, pool);
    open = true;
    return { clock, stage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function bringUp(
  { stage, clock }: Pick<FullScene, "stage" | "clock">,
  pool: NonNullable<FullStory["pool"]>,
): Promise<void> {
  await stage.applyPool(pool);
  if (await clock.run({ maxSeconds: SETTING_SECONDS, done: () => isAtRest(stage, REPLICAS) })) return;
  const said = JSON.stringify([stage.machinePool()?.status, stage.awsMachinePool()?.status]);
  throw new Error(`the pool does not run after ${SETTING_SECONDS} virtual seconds: ${said}`);
}
