/** Finds machines that wait for our acknowledgement although nobody told us: events get lost, Resource Graph knows them all. */
import type { LeavingInstance } from "../../api/trigger.ts";
import { wholeSeconds } from "../event-time.ts";
import type { MaintenanceApi } from "./maintenance-api.ts";
import { type EventPolicies, leavingBy } from "./notice.ts";

export interface Search {
  readonly api: MaintenanceApi;
  readonly policies: EventPolicies;
  readonly now: Date;
}

/** One query, however many groups. */
export async function findHeld(groupNames: readonly string[], search: Search): Promise<readonly LeavingInstance[]> {
  if (groupNames.length === 0) return [];
  const events = await search.api.scheduledEvents();
  return events
    .filter(({ groupName }) => groupName !== undefined && groupNames.includes(groupName))
    .flatMap((event) => leavingBy(event, wholeSeconds(search.now), search.policies))
    .filter(({ hold }) => hold !== undefined);
}
