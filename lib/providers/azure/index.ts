/** Azure behind the provider contract: scale sets filled for AzureMachinePools, their machines held by scheduled events. */
import { ProviderError } from "../errors.ts";
import type { TerminationProvider } from "../provider.ts";
import { announcedBy } from "./announced-by-node.ts";
import { splitGroupName } from "./group-name.ts";
import { findHeld } from "./held-machines.ts";
import { locate } from "./locate.ts";
import type { MachineApi } from "./machine-api.ts";
import { endsMachine, heldState, machineState } from "./machine-state.ts";
import type { MaintenanceApi } from "./maintenance-api.ts";
import type { EventPolicies } from "./notice.ts";
import { owningClusters } from "./pool/tags.ts";
import { azurePoolKind } from "./pool-kind.ts";
import { type AzureMachineId, parseProviderId } from "./provider-id.ts";
import { release, termsOf } from "./scheduled-event-hold.ts";
import { terminate } from "./terminate-machine.ts";

export interface AzureApis {
  readonly machines: MachineApi;
  readonly maintenance: MaintenanceApi;
}

export interface AzureSettings {
  readonly subscriptionId: string;
  readonly policies: EventPolicies;
  readonly now: () => Date;
}

export function azureProvider({ machines, maintenance }: AzureApis, settings: AzureSettings): TerminationProvider {
  const { subscriptionId, policies, now } = settings;
  return {
    pools: azurePoolKind,
    locate: (instanceId, groupName) => locate({ api: machines, subscriptionId }, instanceId.toLowerCase(), groupName),
    groupOwner: async (groupName) => {
      const named = splitGroupName(groupName);
      const set = named && (await machines.scaleSet({ ...named, subscriptionId }));
      if (!set) throw notFound(`there is no scale set ${groupName} in this subscription`);
      return { clusterNames: owningClusters(set.tags) };
    },
    observeInstance: async (providerID, hold, { noticeTime, released = false } = {}) => {
      const id = requireMachineId(providerID);
      const found = await machines.machine(id);
      const machine = machineState(found);
      const event = hold?.azureScheduledEvent;
      if (!found) return machine;
      if (event) {
        const events = await maintenance.scheduledEvents(event.eventId);
        const seen = events.find(({ eventId }) => eventId === event.eventId);
        return heldState(machine, { event, seen, noticeTime, released, now: now() });
      }
      if (machine.state !== "leaving") return machine;
      const waits = (await maintenance.scheduledEvents()).some((one) => endsMachine(one, id));
      return waits ? { ...machine, state: "held" } : machine;
    },
    terms: termsOf,
    announcedBy: (node, at) => announcedBy(node, policies, at),
    nodeNameOf: async (providerID) => (await machines.machine(requireMachineId(providerID)))?.computerName,
    release: async (providerID, { azureScheduledEvent: event }) =>
      event ? release(maintenance, { event, id: requireMachineId(providerID), now: now() }) : "not-held",
    terminate: (providerID, { decrement }) => terminate(machines, requireMachineId(providerID), decrement),
    findHeld: (groupNames, at) => findHeld(groupNames, { api: maintenance, policies, now: at }),
  };
}

function requireMachineId(providerID: string): AzureMachineId {
  const id = parseProviderId(providerID);
  if (id) return id;
  const advice = "delete the InstanceTermination: it was not made from an Azure virtual machine";
  throw new ProviderError("invalid", "providerID", advice, `${providerID} names no Azure virtual machine`);
}

const notFound = (message: string) => new ProviderError("not-found", "Microsoft.Compute/read", "", message);
