/** The stories of pools on Azure, in the order in which a pool lives. */
import { deletedWithNotice, deletedWithoutNotice, spotEviction } from "./foreign.ts";
import type { AzureStory } from "./play.ts";
import { create, flexible, remove, scale, upgrade } from "./pools.ts";

export const AZURE_STORIES: readonly AzureStory[] = [
  create,
  scale,
  upgrade,
  flexible,
  spotEviction,
  deletedWithNotice,
  deletedWithoutNotice,
  remove,
];
