/** The events of a run: which, when, and to whom, all planned by the seed before the first of them happens. */
import { azureHappenings } from "../clouds/azure/happenings.ts";
import { azurePoolHappenings } from "../clouds/azure/pool-happenings.ts";
import type { SimulatedCloud } from "../clouds/simulated-cloud.ts";
import { poolHappenings } from "../pools/aws-happenings.ts";
import type { Scene } from "../scene.ts";
import { cloudHappenings, type Happening } from "./cloud-happenings.ts";
import { outages } from "./outages.ts";
import { ownCordon } from "./own-cordon.ts";
import { peoplesHappenings } from "./people.ts";

type Happenings = Readonly<Record<string, Happening>>;

/** What may happen in a cloud's worlds. */
export interface Repertoire {
  readonly all: Happenings;
  readonly rare: readonly string[];
  /** What makes instances leave is more frequent than all that disturbs it. */
  readonly frequent: readonly string[];
  /** The same two for pools of ours. */
  readonly poolRare: readonly string[];
  readonly poolFrequent: readonly string[];
}

const OWN_CORDON = "own cordon, drain cancelled";

function repertoire(cloud: Happenings, pools: Happenings, frequent: readonly string[]): Repertoire {
  const rare = { ...cloud, ...peoplesHappenings, ...outages };
  return {
    all: { ...rare, ...pools, [OWN_CORDON]: ownCordon },
    rare: Object.keys(rare),
    frequent,
    poolRare: [...Object.keys(pools), ...Object.keys(rare)],
    poolFrequent: [...frequent, "replicas edited", "autoscaler scales in", "template edited", "machine deleted"],
  };
}

export const REPERTOIRES: Readonly<Record<SimulatedCloud["name"], Repertoire>> = {
  aws: repertoire(cloudHappenings, poolHappenings, ["scale in", "rolling refresh", "spot interruption"]),
  azure: repertoire(azureHappenings, azurePoolHappenings, ["scale in", "machine deleted by name", "spot eviction"]),
};

const MOST = 14;
const OWN_CORDON_SHARE = 0.1;

/** A pool of ours may not have its group yet, or have lost it. */
const nothingIfRefused =
  ({ cloud }: Scene) =>
  (error: unknown): undefined => {
    if (!cloud.refused(error)) throw error;
  };

export function scheduleHappenings(scene: Scene): void {
  const { chance, time, plan } = scene;
  const own = REPERTOIRES[scene.cloud.name];
  const [rare, frequent] = plan.pool ? [own.poolRare, own.poolFrequent] : [own.rare, own.frequent];
  const number = chance.whole("happenings", 2, MOST);
  const happen = (kind: string, name: string) => async () => {
    if (!chance.allow(kind, name)) return;
    const told = await own.all[kind]?.(scene, name).catch(nothingIfRefused(scene));
    if (told !== undefined) scene.tell(told);
  };
  for (let index = 1; index <= number; index++) {
    const name = `h${index}`;
    const isFrequent = index === 1 || chance.roll(`${name} frequent`) < 0.3;
    const list = isFrequent ? frequent : rare;
    const kind = list[chance.whole(`${name} kind`, 0, list.length - 1)] ?? "scale in";
    // Many things close together meet; the first comes early.
    const near = chance.roll(`${name} near`) < 0.6 ? Math.min(200, plan.stormSeconds) : plan.stormSeconds;
    time.after(1 + chance.roll(`${name} when`) * near, happen(kind, name));
  }
  if (chance.roll("own cordon") < OWN_CORDON_SHARE)
    time.after(chance.whole("own cordon when", 1, 300), happen(OWN_CORDON, "own"));
}
