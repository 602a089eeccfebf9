/** The events of a run: which, when, and to whom, all planned by the seed before the first of them happens. */
import { AwsError } from "../../../infra/local/aws/errors.ts";
import { poolHappenings } from "../pools/happenings.ts";
import type { Scene } from "../scene.ts";
import { cloudHappenings, type Happening } from "./cloud-happenings.ts";
import { outages } from "./outages.ts";
import { ownCordon } from "./own-cordon.ts";
import { peoplesHappenings } from "./people.ts";

const RARE: Readonly<Record<string, Happening>> = { ...cloudHappenings, ...peoplesHappenings, ...outages };
const OWN_CORDON = "own cordon, drain cancelled";
export const HAPPENINGS: Readonly<Record<string, Happening>> = {
  ...RARE,
  ...poolHappenings,
  [OWN_CORDON]: ownCordon,
};

/** What makes instances leave is more frequent than all that disturbs it. */
const FREQUENT = ["scale in", "rolling refresh", "spot interruption"];
const POOL_FREQUENT = [...FREQUENT, "replicas edited", "autoscaler scales in", "template edited", "machine deleted"];
const MOST = 14;
const OWN_CORDON_SHARE = 0.1;

/** A pool of ours may not have its group yet, or have lost it. */
function nothingIfRefused(error: unknown): undefined {
  if (!(error instanceof AwsError)) throw error;
}

export function scheduleHappenings(scene: Scene): void {
  const { chance, time, plan } = scene;
  const rare = plan.pool ? [...Object.keys(poolHappenings), ...Object.keys(RARE)] : Object.keys(RARE);
  const frequent = plan.pool ? POOL_FREQUENT : FREQUENT;
  const number = chance.whole("happenings", 2, MOST);
  const happen = (kind: string, name: string) => async () => {
    if (!chance.allow(kind, name)) return;
    const told = await HAPPENINGS[kind]?.(scene, name).catch(nothingIfRefused);
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
