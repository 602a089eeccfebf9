/** The stories of the full profile, in the order in which a pool lives. */
import { autoscaler } from "./autoscaler.ts";
import { poolCreate } from "./pool-create.ts";
import { poolDelete } from "./pool-delete.ts";
import { poolRefused } from "./pool-refused.ts";
import { poolScale } from "./pool-scale.ts";
import { poolUpgrade } from "./pool-upgrade.ts";
import type { FullStory } from "./story.ts";
import { tokenRotation } from "./token-rotation.ts";

export const FULL_STORIES: readonly FullStory[] = [
  poolCreate,
  poolScale,
  poolUpgrade,
  tokenRotation,
  poolRefused,
  autoscaler,
  poolDelete,
];
