/** Scheduled events outside their machines (preview of 2023-10-01): acknowledged by ARM, found by Resource Graph. */
import * as z from "zod";
import { ProviderError } from "../errors.ts";
import { asAzure } from "./errors.ts";
import type { RestClient } from "./rest.ts";
import { readScheduledEvent, type ScheduledEvent } from "./scheduled-event.ts";

/** Every call throws ProviderError. */
export interface MaintenanceApi {
  /** "not-held": there is no such event (any more), or it has begun. */
  acknowledge(event: { readonly resourceId: string; readonly eventId: string }): Promise<"accepted" | "not-held">;
  /** Of the subscription, whatever their status; up to a minute behind. */
  scheduledEvents(eventId?: string): Promise<readonly ScheduledEvent[]>;
}

const ACKNOWLEDGE = "Microsoft.Maintenance/scheduledevents/acknowledge/action";
const FIND = "Microsoft.ResourceGraph/resources/read";
const SCHEDULED_EVENTS = "maintenanceresources | where type =~ 'microsoft.maintenance/scheduledevents'";

const page = z.object({
  data: z.array(z.unknown()),
  $skipToken: z.string().min(1).optional(),
});

/** @param signal ends calls in flight with the invocation */
export function maintenanceApi(arm: RestClient, subscriptionId: string, signal?: AbortSignal): MaintenanceApi {
  return {
    acknowledge: async ({ resourceId, eventId }) => {
      const event = `${resourceId}/providers/Microsoft.Maintenance/scheduledevents/${encodeURIComponent(eventId)}`;
      const path = `${event}/acknowledge?api-version=2023-10-01-preview`;
      try {
        await asAzure(ACKNOWLEDGE, () => arm({ method: "POST", path, signal }));
        return "accepted";
      } catch (error) {
        const isOver = error instanceof ProviderError && (error.kind === "not-found" || error.kind === "conflict");
        if (isOver) return "not-held";
        throw error;
      }
    },
    scheduledEvents: async (eventId) => {
      const which = eventId === undefined ? "" : ` | where name =~ '${eventId.replaceAll(/[^\w.-]/g, "")}'`;
      const rows = await findAll(arm, { subscriptionId, query: SCHEDULED_EVENTS + which, signal });
      return rows.flatMap((row) => {
        const event = readScheduledEvent(row);
        return event === undefined || event === "other" ? [] : event;
      });
    },
  };
}

interface Search {
  readonly subscriptionId: string;
  readonly query: string;
  readonly signal: AbortSignal | undefined;
}

async function findAll(arm: RestClient, { subscriptionId, query, signal }: Search): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  let skipToken: string | undefined;
  do {
    const options = { resultFormat: "objectArray", ...(skipToken && { $skipToken: skipToken }) };
    const body = { subscriptions: [subscriptionId], query, options };
    const path = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01";
    const answer = page.safeParse(await asAzure(FIND, () => arm({ method: "POST", path, body, signal })));
    if (!answer.success) throw new ProviderError("unavailable", FIND, "", "Resource Graph answered with no table");
    rows.push(...answer.data.data);
    skipToken = answer.data.$skipToken;
  } while (skipToken);
  return rows;
}
