/** What the local Azure knows of our scale set. */
import { POOL } from "../../scene.ts";
import type { Shown } from "../simulated-cloud.ts";
import type { AzureWorld } from "./world.ts";

export function azureShown({ cloud }: AzureWorld): Shown {
  const set = cloud.scaleSets().find(({ name }) => name === POOL);
  const isChanging = cloud
    .operations()
    .some(({ status, resource }) => status === "InProgress" && resource.toLowerCase().includes(`/${POOL}`));
  const isFailed = set?.outcome === "Failed";
  return {
    ...(set && { group: { desired: set.sku.capacity, tagKeys: Object.keys(set.tags) } }),
    hooks: [],
    isChanging: isChanging || isFailed,
    leftovers: [],
  };
}
