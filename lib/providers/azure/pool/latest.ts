/** Whether a scale set's model is the pool's, and which machines were made of an older one: nothing has to be remembered. */
import { hasIdentity } from "./identity-wish.ts";
import { imageKey } from "./images.ts";
import type { AzureSight, MachineFacts, PoolWish, ScaleSetFacts } from "./sight.ts";
import { MODEL_TAG, MODEL_TIME_TAG } from "./tags.ts";

const isImage = ({ image }: ScaleSetFacts, { imageReference }: PoolWish): boolean =>
  imageKey(image) === imageKey(imageReference);

const isSize = ({ size }: ScaleSetFacts, wish: PoolWish): boolean => size.toLowerCase() === wish.size.toLowerCase();

/** Azure cannot take zones away: none wished for is no difference, or it would be asked for ever. */
const isInZones = ({ zones }: ScaleSetFacts, wish: PoolWish): boolean =>
  wish.zones.length === 0 || zones.join() === wish.zones.join();

/**
 * The pool asks for other machines than before: those that are there shall go. A set that upstream made has no tag of ours:
 * there only what upstream itself compares counts, so that a pool taken over rolls nothing. What others did to the set is put
 * right and no reason to roll: were Azure ever to spell something in another way, that would be for ever.
 */
export function makesOthers(set: ScaleSetFacts, wish: PoolWish): boolean {
  const told = set.tags[MODEL_TAG];
  return told === undefined ? !isImage(set, wish) || !isSize(set, wish) : told !== wish.modelHash;
}

/** @returns why the model must be written; undefined: it is as wished */
export function modelDifference(set: ScaleSetFacts, wish: PoolWish): string | undefined {
  if (makesOthers(set, wish)) return "ModelChanged";
  if (set.tags[MODEL_TAG] === undefined) return "ModelTakenOver";
  if (!isImage(set, wish)) return "ImageChangedByOthers";
  if (!isSize(set, wish)) return "SizeChangedByOthers";
  if (!isInZones(set, wish)) return "ZonesChanged";
  return hasIdentity(set.identity, wish.identity) ? undefined : "IdentityChanged";
}

/** Of the model that the set has now. */
export function isOfModel({ image, timeCreated }: MachineFacts, set: ScaleSetFacts): boolean {
  if (imageKey(image) !== imageKey(set.image)) return false;
  const since = Date.parse(set.tags[MODEL_TIME_TAG] ?? "");
  return Number.isNaN(since) || timeCreated === undefined || timeCreated.getTime() >= since;
}

type Known = Pick<AzureSight, "scaleSet" | "wish">;

/** Made from what the pool asks for now. */
export const isLatest = (machine: MachineFacts, { scaleSet, wish }: Known): boolean =>
  scaleSet !== undefined && !(wish && makesOthers(scaleSet, wish)) && isOfModel(machine, scaleSet);

/** To be replaced now: only once the set makes what is wished for, or an old one would come for an old one. */
export const isReplaceable = (machine: MachineFacts, { scaleSet, wish }: Known): boolean =>
  scaleSet !== undefined &&
  wish !== undefined &&
  modelDifference(scaleSet, wish) === undefined &&
  !isOfModel(machine, scaleSet);
