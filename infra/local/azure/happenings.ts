/** What befalls instances without anybody's call: Spot evictions, host maintenance, dying hosts. */
import { ArmError } from "./errors.ts";
import type { Fleet, Instance } from "./fleet.ts";
import type { Place } from "./place.ts";
import { instanceResourceId } from "./resource-id.ts";
import { publishesEvents } from "./scale-set.ts";
import type { ScaleSets } from "./scale-sets.ts";
import type { ScheduledEvents, ScheduledEventType } from "./scheduled-events.ts";

const HEALTH = "Microsoft.ResourceNotifications.HealthResources";
const MAINTENANCE_SECONDS = 30;

export type Happenings = ReturnType<typeof createHappenings>;

export interface HappeningParts {
  readonly place: Place;
  readonly fleet: Fleet;
  readonly events: ScheduledEvents;
  readonly scaleSets: ScaleSets;
}

/** @source Azure Resource Notifications, Health Resources events */
function createHealth({ clock, grid, subscriptionId }: Place) {
  const tell = (one: Instance, kind: "AvailabilityStatusChanged" | "ResourceAnnotated", properties: object) => {
    const target = instanceResourceId(subscriptionId, one);
    const path = kind === "ResourceAnnotated" ? "resourceAnnotations/latest" : "availabilityStatuses/current";
    const [type = "", name] = path.split("/");
    const now = clock.now().toISOString();
    const id = `${target}/providers/Microsoft.ResourceHealth/${path}`;
    const targetResourceType = one.flexible
      ? "Microsoft.Compute/virtualMachines"
      : "Microsoft.Compute/virtualMachineScaleSets/virtualMachines";
    const about = { targetResourceId: target, targetResourceType, occurredTime: now };
    const resourceInfo = {
      id,
      name,
      type: `Microsoft.ResourceHealth/${type}`,
      properties: { ...about, ...properties },
    };
    const data = { resourceInfo, operationalInfo: { resourceEventTime: now }, apiVersion: "2023-12-01" };
    grid.emit({ subject: target, eventType: `${HEALTH}.${kind}`, data });
  };
  return {
    available: (one: Instance, is: boolean): void =>
      tell(one, "AvailabilityStatusChanged", {
        previousAvailabilityState: is ? "Unavailable" : "Available",
        availabilityState: is ? "Available" : "Unavailable",
      }),
    annotate: (one: Instance, annotationName: string, reason: string): void =>
      tell(one, "ResourceAnnotated", {
        annotationName,
        reason,
        summary: reason,
        context: "Platform Initiated",
        category: "Unplanned",
      }),
  };
}

export function createHappenings({ place, fleet, events, scaleSets }: HappeningParts) {
  const { clock, timing } = place;
  const health = createHealth(place);
  const published = (one: Instance): boolean => {
    const set = scaleSets.find({ group: one.group, name: one.scaleSet });
    return set !== undefined && publishesEvents(set);
  };
  const reclaim = (one: Instance, eventId: string) => {
    const now = fleet.current(one);
    if (!now || now.state === "Deleting") return events.complete(eventId);
    health.available(now, false);
    health.annotate(now, "VirtualMachinePreempted", "Spot eviction");
    if (now.evictionPolicy === "Deallocate") {
      fleet.deallocate(now);
      return events.complete(eventId);
    }
    scaleSets.lost(now);
    fleet.end(now, () => events.complete(eventId));
  };
  const known = (one: Instance): Instance => {
    const found = fleet.current(one);
    if (found) return found;
    throw new ArmError("NotFound", `The instance ${one.name} is gone.`, 404);
  };

  return {
    /** Half a minute's notice at best; then the instance is gone, or stopped and deallocated. @throws ArmError: no Spot instance */
    evictSpot: (given: Instance): void => {
      const one = known(given);
      if (!one.spot) throw new ArmError("OperationNotAllowed", `${one.name} is not a Spot virtual machine.`, 409);
      const id: string = events.schedule({
        type: "Preempt",
        instances: [one],
        afterSeconds: timing.evictionNoticeSeconds,
        description: "Azure needs the capacity back.",
        published: published(one),
        start: () => reclaim(one, id),
      });
    },
    /** The same instance returns afterwards. @returns the scheduled event's id */
    scheduleMaintenance: (
      given: Instance,
      type: Exclude<ScheduledEventType, "Preempt" | "Terminate">,
      afterSeconds: number,
    ): string => {
      const one = known(given);
      const start = () => {
        const now = fleet.current(one);
        // What was deallocated since then is on no host.
        if (now?.state !== "Succeeded" || now.power === "deallocated") return events.complete(id);
        if (type !== "Freeze") fleet.restart(one, MAINTENANCE_SECONDS);
        clock.after(MAINTENANCE_SECONDS, () => events.complete(id));
      };
      const id: string = events.schedule({
        type,
        instances: [one],
        afterSeconds,
        description: "Host server is undergoing maintenance.",
        published: published(one),
        start,
      });
      return id;
    },
    /** The host dies under it without a word before; the instance stays in its set, Failed. */
    crashHost: (given: Instance): void => {
      const one = known(given);
      fleet.update(one, { state: "Failed" });
      fleet.stop(one);
      health.available(one, false);
      health.annotate(one, "VirtualMachineHostCrashed", "The host has crashed");
    },
    /** The machine vanishes from its set without any notice. */
    vanish: (given: Instance): void => {
      const one = known(given);
      scaleSets.lost(one);
      fleet.end(one, () => {});
    },
  };
}
