/** Asks Azure as little as it takes to know in which state a machine is, and whether an event holds it. */
import type { AzureScheduledEvent } from "../../api/lifecycle/hold.ts";
import type { Asked, InstanceView } from "../provider.ts";
import type { MachineApi } from "./machine-api.ts";
import { endsMachine, heldNow, heldSince, heldState, machineState, mayBeShownLate } from "./machine-state.ts";
import type { MaintenanceApi } from "./maintenance-api.ts";
import type { AzureMachineId } from "./provider-id.ts";

export interface AzureApis {
  readonly machines: MachineApi;
  readonly maintenance: MaintenanceApi;
}

interface Question {
  readonly id: AzureMachineId;
  readonly event: AzureScheduledEvent;
  readonly asked: Asked;
  readonly now: Date;
}

/**
 * Before the release the event counts: no call within a minute of its notice, later one while it waits. Afterwards, and past
 * its time, the machine counts: one call once it is gone.
 */
export async function observeHeld(apis: AzureApis, { id, event, asked, now }: Question): Promise<InstanceView> {
  const { noticeTime, releaseTime } = asked;
  const announced = { event, noticeTime, now };
  const machine = { id, removal: asked.removal };
  if (asked.released) {
    const released = mayBeShownLate(releaseTime, now);
    return besides(apis, machine, async (seen) =>
      heldState(seen, { ...announced, seen: await find(apis, event), released }),
    );
  }
  const known = heldSince(announced);
  if (known) return known;
  const held = { ...announced, seen: await find(apis, event) };
  return heldNow(held) ?? besides(apis, machine, async (seen) => heldState(seen, held));
}

/** A machine that is deleted waits for its event although nobody told of it. */
export const observeUnheld = (apis: AzureApis, id: AzureMachineId, { removal }: Asked): Promise<InstanceView> =>
  besides(apis, { id, removal }, async (machine) => {
    if (machine.state !== "leaving") return machine;
    const waits = (await apis.maintenance.scheduledEvents()).some((one) => endsMachine(one, id));
    return waits ? { ...machine, state: "held" } : machine;
  });

/** Of a machine that is not there nothing else is asked. */
async function besides(
  { machines }: AzureApis,
  { id, removal }: { readonly id: AzureMachineId; readonly removal: boolean | undefined },
  judge: (machine: InstanceView) => Promise<InstanceView>,
): Promise<InstanceView> {
  const found = await machines.machine(id);
  const machine = machineState(found, removal);
  return found ? judge(machine) : machine;
}

async function find({ maintenance }: AzureApis, { eventId }: AzureScheduledEvent) {
  const found = await maintenance.scheduledEvents(eventId);
  return found.find((one) => one.eventId === eventId);
}
