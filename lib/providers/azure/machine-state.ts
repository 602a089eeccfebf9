/** What a virtual machine, and the scheduled event that holds it, mean for a drain. */
import type { AzureScheduledEvent } from "../../api/lifecycle/hold.ts";
import type { InstanceView } from "../provider.ts";
import type { MachineSeen } from "./machine-api.ts";
import { type AzureMachineId, isAbout } from "./provider-id.ts";
import type { ScheduledEvent } from "./scheduled-event.ts";

const isOf = (status: string, wanted: string): boolean => status.toLowerCase() === wanted;

/**
 * @returns the machine by itself, whatever may hold it. A deallocated one has lost its host: its Node goes, and kubelet
 *          registers anew should it be started again
 */
export function machineState(machine: MachineSeen | undefined): InstanceView {
  if (!machine) return { state: "gone", cloudState: "unknown to Azure" };
  const { provisioningState, powerState } = machine;
  const cloudState = [provisioningState, powerState].filter((word) => word !== "").join(", ") || "unknown";
  if (powerState === "deallocated") return { state: "gone", cloudState };
  const leaves = isOf(provisioningState, "deleting") || powerState === "deallocating";
  return { state: leaves ? "leaving" : "running", cloudState };
}

/** An event that waits for an acknowledgement before it ends this machine; another group may have one of its name. */
export const endsMachine = ({ type, status, machines, resourceId }: ScheduledEvent, id: AzureMachineId): boolean =>
  type === "Terminate" && isOf(status, "scheduled") && isAbout({ machines, resourceId }, id);

/** Resource Graph is up to a minute behind; twice as long after the notice what it does not show is over. */
const GRAPH_LAG_SECONDS = 120;

export interface Held {
  readonly event: AzureScheduledEvent;
  /** What Resource Graph says of it; undefined: nothing, or not yet. */
  readonly seen: ScheduledEvent | undefined;
  /** RFC 3339; absent: unknown. */
  readonly noticeTime?: string | undefined;
  /** Azure has accepted our acknowledgement: there is nothing left to agree to, whatever Resource Graph shows still. */
  readonly released?: boolean;
  readonly now: Date;
}

/** The event's own status counts where it is known. One that nobody shows is believed as long as it may be too new. */
export function heldState(machine: InstanceView, { event, seen, noticeTime, released = false, now }: Held): InstanceView {
  const status = seen?.status.toLowerCase() ?? "unknown";
  const cloudState = `${machine.cloudState}; scheduled event ${event.eventType} ${status}`;
  // A shell without a host has nothing to lose, but whoever deletes it waits for our word all the same.
  if (machine.state === "gone") return status === "scheduled" && !released ? { state: "held", cloudState } : machine;
  const awaited = released ? "leaving" : "held";
  if (status === "scheduled") return { state: awaited, cloudState };
  if (status === "started") return { state: "leaving", cloudState };
  const newUntil =
    noticeTime === undefined ? Number.POSITIVE_INFINITY : Date.parse(noticeTime) + GRAPH_LAG_SECONDS * 1000;
  const mayBeNew = now.getTime() < Math.min(newUntil, Date.parse(event.notBefore));
  if (status === "unknown" && mayBeNew) return { state: awaited, cloudState };
  return { state: machine.state, cloudState };
}
