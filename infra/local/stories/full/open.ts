/** Opens a fresh local cloud of the full profile on a virtual clock, or on real API servers and the real one. */
import type { KubernetesObject } from "../../../../lib/api/kubernetes/meta.ts";
import type { Chaos, ChaosSettings } from "../../chaos/chaos.ts";
import { liveClock, type StoryClock } from "../../clock.ts";
import { type RealServers, startLocalCloud } from "../../local-cloud.ts";
import type { Line } from "../../timeline.ts";
import { paceOf } from "../pace.ts";
import { surround } from "../surroundings.ts";
import { REPLICAS, WATCH_FILTER } from "./manifests.ts";
import { type FullStage, setFullStage } from "./stage.ts";
import { type FullStory, isAtRest } from "./story.ts";

const SETTING_SECONDS = 900;

export interface FullScene {
  readonly clock: StoryClock;
  readonly stage: FullStage;
  readonly chaos: Chaos | undefined;
  readonly close: () => Promise<void>;
}

export interface FullSceneOptions {
  /** Of a pool that runs when the scene opens; absent: there is none. */
  readonly pool?: FullStory["pool"];
  /** Hears of everything from the scene's opening on. */
  readonly show?: ((line: Line) => void) | undefined;
  /** CustomResourceDefinitions of upstream instead of the permissive ones that the local cloud brings. */
  readonly crds?: readonly KubernetesObject[] | undefined;
  /** Instead of the embedded API, with the real clock. */
  readonly real?: RealServers | undefined;
  /** Faults on the wires of the functions, and crashes. */
  readonly chaos?: ChaosSettings | undefined;
}

export async function openFullScene({ pool, show, crds, real, chaos: wild }: FullSceneOptions): Promise<FullScene> {
  const live = real && liveClock();
  const { clock, timeline, chaos, ofCloud, open } = surround({ show, chaos: wild, clock: live });
  const settings = { LIFEGUARD_WATCH_FILTER: WATCH_FILTER };
  const timing = paceOf(real !== undefined);
  const cloud = await startLocalCloud({ ...ofCloud, settings, timing, ...(real && { real }) });
  let close = () => cloud.stop();
  try {
    const stage = await setFullStage(cloud, { clock, timeline, ...(crds && { crds }) });
    close = () => stage.strike().finally(() => live?.stop());
    if (pool) await bringUp({ stage, clock }, pool);
    open();
    return { clock, stage, chaos, close };
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
