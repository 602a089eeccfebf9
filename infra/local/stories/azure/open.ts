/** Opens a fresh local cloud of pools on Azure, on a virtual clock. */
import { virtualClock } from "../../clock.ts";
import { startLocalAzure } from "../../local-azure.ts";
import { createTimeline, type Line } from "../../timeline.ts";
import { REPLICAS, WATCH_FILTER } from "../full/manifests.ts";
import type { PoolStage } from "../full/pool-stage.ts";
import { isAtRest } from "../full/story.ts";
import { RESOURCE_GROUP } from "./manifests.ts";
import { type AzureStage, type AzureStageOptions, setAzureStage } from "./stage.ts";

export const START = new Date("2026-11-20T08:00:00Z");
const SETTING_SECONDS = 900;
/** As an engineer of pools knows Azure: a minute to boot, some seconds for every operation. */
export const TIMING = { bootSeconds: 20, deleteSeconds: 10, updateSeconds: 3 };

/** Of the shell that deploys. */
export const AZURE_SETTINGS = { LIFEGUARD_WATCH_FILTER: WATCH_FILTER, LIFEGUARD_SCHEDULED_EVENTS: "true" };

export interface AzureScene {
  readonly clock: ReturnType<typeof virtualClock>;
  readonly stage: AzureStage;
  readonly close: () => Promise<void>;
}

export interface AzureSceneOptions {
  /** Of a pool that runs when the scene opens; absent: there is none. */
  readonly pool?: object | undefined;
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  /** Of the shell that deploys, beside {@link AZURE_SETTINGS}. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly crds?: AzureStageOptions["crds"];
}

export async function openAzureScene({ pool, show, settings, crds }: AzureSceneOptions): Promise<AzureScene> {
  const clock = virtualClock(START);
  let open = false;
  const timeline = createTimeline(clock, (line) => {
    if (open) show?.(line);
  });
  const onProblem = (message: string) => timeline.say("story", "simulation", message);
  const cloud = await startLocalAzure({
    clock,
    onProblem,
    settings: { ...AZURE_SETTINGS, ...settings },
    timing: TIMING,
    resourceGroups: [RESOURCE_GROUP],
  });
  let close = () => cloud.stop();
  try {
    const stage = await setAzureStage(cloud, { clock, timeline, ...(crds && { crds }) });
    close = () => stage.strike();
    if (pool) await bringUp(stage, clock, pool);
    open = true;
    return { clock, stage, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export async function bringUp(stage: PoolStage, clock: AzureScene["clock"], pool: object): Promise<void> {
  await stage.applyPool(pool);
  if (await clock.run({ maxSeconds: SETTING_SECONDS, done: () => isAtRest(stage, REPLICAS) })) return;
  const said = JSON.stringify([stage.machinePool()?.status, stage.infrastructurePool()?.status]);
  throw new Error(`the pool does not run after ${SETTING_SECONDS} virtual seconds: ${said}`);
}
