/** Which parsers each deployed function uses; the first that knows an event reads it. */
import type { Ec2Api } from "../ec2-api.ts";
import { capacityBlockExpiry } from "./capacity-block-expiry.ts";
import { parseCapacityReservationInterruption } from "./capacity-reservation-interruption.ts";
import { parseGroupActivity } from "./group-activity.ts";
import { parseGroupChange } from "./group-change.ts";
import { parseGroupNotification } from "./group-notification.ts";
import { parseInstanceStateChange } from "./instance-state-change.ts";
import { parseLaunchHook } from "./launch-hook.ts";
import type { Reader } from "./parser.ts";
import { parseRebalanceRecommendation } from "./rebalance-recommendation.ts";
import { parseScheduledChange } from "./scheduled-change.ts";
import { parseSpotInterruption } from "./spot-interruption.ts";
import { parseTerminateHook } from "./terminate-hook.ts";

export const firstThatKnows =
  (...readers: readonly Reader[]): Reader =>
  async (event, reading) => {
    for (const read of readers) {
      const trigger = await read(event, reading);
      if (trigger) return trigger;
    }
    return undefined;
  };

export const readHookEvent: Reader = firstThatKnows(
  parseTerminateHook,
  parseLaunchHook,
  parseGroupNotification,
  parseGroupActivity,
);
/** A terminate hook that arrives where launches are expected is another function's: unknown here. */
export const readLaunchEvent: Reader = firstThatKnows(parseLaunchHook, parseGroupNotification, parseGroupActivity);
export const readReclaim: Reader = firstThatKnows(parseSpotInterruption, parseCapacityReservationInterruption);
export const readRebalance: Reader = parseRebalanceRecommendation;
export const readGroupChange: Reader = parseGroupChange;
export const readStateChange: Reader = parseInstanceStateChange;
export const readScheduledChange: Reader = parseScheduledChange;
export const readCapacityExpiry = (ec2: Ec2Api): Reader =>
  capacityBlockExpiry((reservationId) => ec2.instancesOfReservation(reservationId));
