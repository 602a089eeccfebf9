/** Opens a fresh local cloud of pools on Azure, on a virtual clock. */
import type { Chaos, ChaosSettings } from "../../chaos/chaos.ts";
import type { StoryClock } from "../../clock.ts";
import { startLocalAzure } from "../../local-azure.ts";
import type { Line } from "../../timeline.ts";
import { REPLICAS, WATCH_FILTER } from "../full/manifests.ts";
import type { PoolStage } from "../full/pool-stage.ts";
import { isAtRest } from "../full/story.ts";
import { surround } from "../surroundings.ts";
import { RESOURCE_GROUP } from "./manifests.ts";
import { type AzureStage, type AzureStageOptions, setAzureStage } from "./stage.ts";

const SETTING_SECONDS = 900;
/** As an engineer of pools knows Azure: a minute to boot, some seconds for every operation. */
export const TIMING = { bootSeconds: 20, deleteSeconds: 10, updateSeconds: 3 };

/** Of the shell that deploys. */
export const AZURE_SETTINGS = { LIFEGUARD_WATCH_FILTER: WATCH_FILTER, LIFEGUARD_SCHEDULED_EVENTS: "true" };

export interface AzureScene {
  readonly clock: StoryClock;
  readonly stage: AzureStage;
  readonly chaos: Chaos | undefined;
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
  /** Faults on the wires of the functions, and crashes. */
  readonly chaos?: ChaosSettings | undefined;
}

export async function openAzureScene(options: AzureSceneOptions): Promise<AzureScene> {
  const { pool, settings, crds } = options;
  const { clock, timeline, chaos, ofCloud, open } = surround(options);
  const cloud = await startLocalAzure({
    ...ofCloud,
    settings: { ...AZURE_SETTINGS, ...settings },
    timing: TIMING,
    resourceGroups: [RESOURCE_GROUP],
  });
  let close = () => cloud.stop();
  try {
    const stage = await setAzureStage(cloud, { clock, timeline, ...(crds && { crds }) });
    close = () => stage.strike();
    if (pool) await bringUp(stage, clock, pool);
    open();
    return { clock, stage, chaos, close };
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
