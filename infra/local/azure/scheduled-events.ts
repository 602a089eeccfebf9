/** Scheduled events: announced, waiting for their time or an acknowledgement, started, completed; published where the set says so. */

import { createVersions } from "../versions.ts";
import { ArmError } from "./errors.ts";
import type { Instance } from "./fleet.ts";
import type { Place } from "./place.ts";
import { resourceId } from "./resource-id.ts";

export type ScheduledEventType = "Freeze" | "Reboot" | "Redeploy" | "Preempt" | "Terminate";

export interface ScheduledEvent {
  /** A GUID in capitals. */
  readonly id: string;
  readonly type: ScheduledEventType;
  readonly status: "Scheduled" | "Started" | "Completed" | "Canceled";
  readonly notBefore: Date;
  readonly source: "User" | "Platform";
  readonly description: string;
  readonly group: string;
  readonly scaleSet: string;
  /** Names of virtual machines. */
  readonly resources: readonly string[];
  readonly published: boolean;
  readonly acknowledged: boolean;
}

export interface Plan {
  readonly type: ScheduledEventType;
  readonly instances: readonly [Instance, ...Instance[]];
  readonly afterSeconds: number;
  readonly description: string;
  readonly published: boolean;
  /** Events of one operation start together: each waits for the acknowledgement of all. */
  readonly operation?: string;
  /** Told once, when the time has come or all agreed. */
  readonly start: () => void;
}

interface Kept {
  readonly id: string;
  readonly plan: Plan;
  cancelTimer: () => void;
}

export type ScheduledEvents = ReturnType<typeof createScheduledEvents>;

export const EVENT_EMITTED = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted";
/** How long Resource Graph shows what is over. */
const REMEMBERED_SECONDS = 600;
const API_VERSION = "2023-10-01-preview";

/** The maintenance resource, as Event Grid and Resource Graph show it. */
export function eventResource(subscriptionId: string, location: string, event: ScheduledEvent) {
  const owner = resourceId(subscriptionId, event.group, `Microsoft.Compute/virtualMachineScaleSets/${event.scaleSet}`);
  return {
    id: `${owner}/providers/microsoft.maintenance/scheduledevents/${event.id}`,
    name: event.id,
    type: "microsoft.maintenance/scheduledevents",
    location,
    properties: {
      EventId: event.id,
      EventType: event.type,
      EventStatus: event.status,
      // As in the instance metadata: empty once it has begun.
      NotBefore: event.status === "Scheduled" ? event.notBefore.toISOString().replace(/\.\d+Z$/, "Z") : "",
      Resources: event.resources,
      ResourceType: "VirtualMachine",
      Description: event.description,
      EventSource: event.source,
      DurationInSeconds: -1,
    },
  };
}

export function createScheduledEvents({ clock, ids, grid, subscriptionId, location }: Place) {
  const kept = new Map<string, Kept>();
  const listeners = new Set<(event: ScheduledEvent) => void>();
  const versions = createVersions<ScheduledEvent>(clock);
  const eventOf = ({ id }: Kept): ScheduledEvent => {
    const event = versions.get(id);
    if (event) return event;
    throw new Error(`the scheduled event ${id} was never written`);
  };
  const change = (one: Kept, part: Partial<ScheduledEvent>) => versions.put(one.id, { ...eventOf(one), ...part });

  const publish = (one: Kept) => {
    const event = eventOf(one);
    if (!event.published) return;
    const resourceInfo = eventResource(subscriptionId, location, event);
    grid.emit({
      subject: resourceInfo.id,
      eventType: EVENT_EMITTED,
      data: {
        resourceInfo,
        operationalInfo: { resourceEventTime: clock.now().toISOString() },
        apiVersion: API_VERSION,
      },
    });
  };
  const told = (one: Kept) => {
    publish(one);
    for (const listener of listeners) listener(eventOf(one));
  };
  const turn = (one: Kept, status: ScheduledEvent["status"]) => {
    change(one, { status });
    told(one);
    if (status === "Completed" || status === "Canceled") clock.after(REMEMBERED_SECONDS, () => versions.remove(one.id));
  };
  const start = (one: Kept) => {
    if (eventOf(one).status !== "Scheduled") return;
    one.cancelTimer();
    turn(one, "Started");
    one.plan.start();
  };
  const together = ({ plan: { operation } }: Kept) =>
    [...kept.values()].filter(
      (one) => operation && one.plan.operation === operation && eventOf(one).status === "Scheduled",
    );
  const agree = (one: Kept) => {
    change(one, { acknowledged: true });
    const waiting = together(one);
    if (waiting.length === 0) return start(one);
    if (waiting.every((other) => eventOf(other).acknowledged)) for (const other of waiting) start(other);
  };
  const known = (id: string): Kept => {
    const found = kept.get(id.toUpperCase());
    if (found) return found;
    throw new ArmError("ResourceNotFound", `The scheduled event '${id}' was not found.`, 404);
  };

  return {
    /** @returns the event's id */
    schedule: (plan: Plan): string => {
      const [first] = plan.instances;
      const event: ScheduledEvent = {
        id: ids.uuid().toUpperCase(),
        type: plan.type,
        status: "Scheduled",
        notBefore: new Date(clock.now().getTime() + plan.afterSeconds * 1000),
        source: plan.type === "Terminate" ? "User" : "Platform",
        description: plan.description,
        group: first.group,
        scaleSet: first.scaleSet,
        resources: plan.instances.map(({ name }) => name),
        published: plan.published,
        acknowledged: false,
      };
      const one: Kept = { id: event.id, plan, cancelTimer: () => {} };
      kept.set(event.id, one);
      versions.put(event.id, event);
      one.cancelTimer = clock.after(plan.afterSeconds, () => start(one));
      told(one);
      return event.id;
    },
    /**
     * Lets it begin early.
     * @throws ArmError not found; or when it has begun already, ended, or was canceled
     */
    acknowledge: (id: string) => {
      const one = known(id);
      const { status } = eventOf(one);
      if (status === "Scheduled") return agree(one);
      throw new ArmError(
        "InvalidScheduledEventState",
        `The scheduled event '${id}' is in state ${status}: only a Scheduled one can be acknowledged.`,
        409,
      );
    },
    complete: (id: string): void => turn(known(id), "Completed"),
    /** The platform thought better of it. */
    cancel: (id: string): void => {
      const one = known(id);
      one.cancelTimer();
      turn(one, "Canceled");
    },
    /** Oldest first; whoever looks at the instance metadata sees those that are Scheduled or Started. */
    all: versions.all,
    /** What was true so many seconds ago. */
    seen: versions.seen,
    /** Told of each new status, published or not; the answer ends it. */
    onTurn: (listener: (event: ScheduledEvent) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get: (id: string): ScheduledEvent => eventOf(known(id)),
    /** A fault of Event Grid's making: the same event once more. */
    republish: (id: string): void => publish(known(id)),
  };
}
