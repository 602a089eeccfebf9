/** Asks a scale set for a size; never to lose an instance, which only a drained removal may. */
import type { AzureMachinePoolSpec } from "../../../api/azure/azure-machine-pool.ts";
import { ProviderError } from "../../errors.ts";
import { applyChange, type Begun, resize, type Tools } from "./apply.ts";
import { modelDifference } from "./latest.ts";
import { updateParameters } from "./parameters.ts";
import { sizeAsked } from "./retries.ts";
import type { AzureSight } from "./sight.ts";
import { CUSTOM_DATA_TAG } from "./tags.ts";

/** A scale set holds so many. */
export const LARGEST_SET = 1000;

/**
 * New instances begin with what the pool's bootstrap data say now; where those are the same still, the model is not sent.
 * @throws ProviderError, "invalid" beyond what a scale set holds
 */
export async function scaleSet(
  sight: AzureSight,
  replicas: number,
  { tools, spec }: { readonly tools: Tools; readonly spec: AzureMachinePoolSpec },
): Promise<Begun | undefined> {
  const { scaleSet: set, machines, wish, id, now } = sight;
  if (!set) throw refusal(`there is no scale set ${id.name} to scale`, "wait until it is made");
  const capacity = replicas < set.capacity ? Math.max(replicas, Math.min(machines.length, set.capacity)) : replicas;
  if (capacity === set.capacity) return undefined;
  if (capacity < 0 || capacity > LARGEST_SET) {
    throw refusal(`${capacity} instances lie outside 0 to ${LARGEST_SET}`, "change the MachinePool's replicas");
  }
  const asked = sizeAsked(sight, capacity);
  const isStale = wish && set.tags[CUSTOM_DATA_TAG] !== wish.customDataHash;
  // A model that waits for a person, or for its time, does not come in by this door.
  if (!isStale || capacity < set.capacity || modelDifference(set, wish) !== undefined) {
    return (await resize({ capacity, size: set.size, asked }, tools)) ?? "nothing";
  }
  const parameters = updateParameters({ set, wish, spec, capacity, now });
  const etag = set.etag === undefined ? {} : { etag: set.etag };
  return applyChange({ do: "UpdateScaleSet", because: "ScaleOut", input: { parameters, asked, ...etag } }, tools);
}

const refusal = (said: string, advice: string) =>
  new ProviderError("invalid", "Microsoft.Compute/virtualMachineScaleSets/write", advice, said);
