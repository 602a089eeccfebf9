/** What a virtual machine, and the scheduled event that holds it, mean for a drain. */
import type { AzureScheduledEvent } from "../../api/lifecycle/hold.ts";
import type { InstanceView } from "../provider.ts";
import type { MachineSeen } from "./machine-api.ts";
import { type AzureMachineId, isAbout } from "./provider-id.ts";
import type { ScheduledEvent } from "./scheduled-event.ts";

const isOf = (status: string, wanted: string): boolean => status.toLowerCase() === wanted;

/**
 * @returns the machine by itself, whatever may hold it. A deallocated one has lost its host: its Node goes, and kubelet
 *          registers anew should it be started again; but whoever takes it out has the shell to delete still
 */
export function machineState(machine: MachineSeen | undefined, removal = false): InstanceView {
  if (!machine) return { state: "gone", cloudState: "unknown to Azure" };
  const { provisioningState, powerState } = machine;
  const cloudState = [provisioningState, powerState].filter((word) => word !== "").join(", ") || "unknown";
  if (powerState === "deallocated" && !removal) return { state: "gone", cloudState, mayReturn: true };
  const leaves = isOf(provisioningState, "deleting") || powerState === "deallocating";
  return { state: leaves ? "leaving" : "running", cloudState };
}

/** An event that waits for an acknowledgement before it ends this machine; another group may have one of its name. */
export const endsMachine = ({ type, status, machines, resourceId }: ScheduledEvent, id: AzureMachineId): boolean =>
  type === "Terminate" && isOf(status, "scheduled") && isAbout({ machines, resourceId }, id);

/** Resource Graph is up to a minute behind: what is younger it may not show yet, or show as it was. */
const GRAPH_LAG_SECONDS = 60;
/** So long after the notice, what it does not show is over. */
const GRAPH_SURE_SECONDS = 2 * GRAPH_LAG_SECONDS;

export interface Announced {
  readonly event: AzureScheduledEvent;
  /** RFC 3339; absent: unknown. */
  readonly noticeTime?: string | undefined;
  readonly now: Date;
}

export interface Held extends Announced {
  /** What Resource Graph says of it; undefined: nothing, or not yet. */
  readonly seen: ScheduledEvent | undefined;
  /** Azure has accepted our acknowledgement just now: whatever Resource Graph shows still is older. */
  readonly released?: boolean;
}

/** What still waits long after a release is another event of the same machine. */
export const mayBeShownLate = (releaseTime: string | undefined, now: Date): boolean =>
  releaseTime !== undefined && now.getTime() < Date.parse(releaseTime) + GRAPH_SURE_SECONDS * 1000;

const isWithin = (seconds: number, { event, noticeTime, now }: Announced): boolean => {
  const newUntil = noticeTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(noticeTime) + seconds * 1000;
  return now.getTime() < Math.min(newUntil, Date.parse(event.notBefore));
};

/**
 * An event that was told of within the last minute: whatever Azure could be asked would be older than the notice. Where it
 * is about several machines, the release of another may have let this one go as well.
 */
export function heldSince(announced: Announced): InstanceView | undefined {
  const { event, noticeTime } = announced;
  const isOurs = event.machines.length === 1;
  if (!isOurs || noticeTime === undefined || !isWithin(GRAPH_LAG_SECONDS, announced)) return undefined;
  return { state: "held", cloudState: `scheduled event ${event.eventType} just announced` };
}

/** An event that still waits says that its machine is there, without asking for it. */
export function heldNow({ event, seen, now }: Held): InstanceView | undefined {
  const waits = seen !== undefined && isOf(seen.status, "scheduled") && now.getTime() < Date.parse(event.notBefore);
  return waits ? { state: "held", cloudState: `scheduled event ${event.eventType} scheduled` } : undefined;
}

/** Maintenance ends with the machine in service again, unless somebody deletes it besides. */
export function heldState(machine: InstanceView, held: Held): InstanceView {
  const view = eventState(machine, held);
  const isAway = view.state === "held" || view.state === "leaving";
  const isReturned = machine.state === "running" && held.event.eventType !== "Terminate";
  return isAway && isReturned ? { ...view, comesBack: true } : view;
}

/** The event's own status counts where it is known. One that nobody shows is believed as long as it may be too new. */
function eventState(machine: InstanceView, held: Held): InstanceView {
  const { event, seen, released = false } = held;
  const status = seen?.status.toLowerCase() ?? "unknown";
  const cloudState = `${machine.cloudState}; scheduled event ${event.eventType} ${status}`;
  // A shell without a host has nothing to lose, but whoever deletes it waits for our word all the same.
  if (machine.state === "gone") return status === "scheduled" && !released ? { state: "held", cloudState } : machine;
  const awaited = released ? "leaving" : "held";
  if (status === "scheduled") return { state: awaited, cloudState };
  if (status === "started") return { state: "leaving", cloudState };
  if (status === "unknown" && isWithin(GRAPH_SURE_SECONDS, held)) return { state: awaited, cloudState };
  return { state: machine.state, cloudState };
}
