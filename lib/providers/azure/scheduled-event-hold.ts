/** What a scheduled event asks of us: nothing keeps it alive, and one acknowledgement lets all its machines go. */
import type { AzureScheduledEvent, Hold } from "../../api/lifecycle/hold.ts";
import type { HoldTerms } from "../provider.ts";
import { groupNameOfSet } from "./group-name.ts";
import type { MaintenanceApi } from "./maintenance-api.ts";
import { type AzureMachineId, isAbout, parseScaleSetId } from "./provider-id.ts";
import type { ScheduledEvent } from "./scheduled-event.ts";

export function termsOf({ azureScheduledEvent: event }: Hold): HoldTerms {
  if (!event) return { names: [] };
  const set = parseScaleSetId(event.resourceId);
  const owner = set ? groupNameOfSet(set) : event.resourceId;
  return {
    names: [`scheduled event ${event.eventType} ${event.eventId} of ${owner}`],
    ...(event.machines.length > 1 && { sharedBy: event.machines }),
  };
}

/** undefined: an event that nobody may approve early, or that has begun. */
export function holdOf(event: ScheduledEvent, notBefore: string): Hold | undefined {
  if (event.type === "Preempt" || event.status.toLowerCase() !== "scheduled") return undefined;
  return asHold(event, notBefore);
}

/** The event as a hold, whether it holds still or has begun. */
export function asHold({ eventId, resourceId, type: eventType, machines }: ScheduledEvent, notBefore: string): Hold {
  return { azureScheduledEvent: { eventId, resourceId, eventType, notBefore, machines } };
}

export interface Releasing {
  readonly event: AzureScheduledEvent;
  /** The machine that is ready; the event must be about it. */
  readonly id: AzureMachineId;
  readonly now: Date;
}

/** Once its time has come an event takes place by itself: there is nothing left to agree to. */
export async function release(api: MaintenanceApi, { event, id, now }: Releasing): Promise<"accepted" | "not-held"> {
  const isOver = now.getTime() >= Date.parse(event.notBefore);
  return isOver || !isAbout(event, id) ? "not-held" : api.acknowledge(event);
}
