/** Azure behind the provider contract: scale sets filled for AzureMachinePools, their machines held by scheduled events. */
import { ProviderError } from "../errors.ts";
import type { TerminationProvider } from "../provider.ts";
import { announcedBy } from "./announced-by-node.ts";
import { splitGroupName } from "./group-name.ts";
import { findHeld } from "./held-machines.ts";
import { locate } from "./locate.ts";
import type { EventPolicies } from "./notice.ts";
import { type AzureApis, observeHeld, observeUnheld } from "./observe-machine.ts";
import { owningClusters } from "./pool/tags.ts";
import { azurePoolKind } from "./pool-kind.ts";
import { type AzureMachineId, parseProviderId } from "./provider-id.ts";
import { release, termsOf } from "./scheduled-event-hold.ts";
import { terminate } from "./terminate-machine.ts";

export interface AzureSettings {
  readonly subscriptionId: string;
  readonly policies: EventPolicies;
  readonly now: () => Date;
}

export function azureProvider(apis: AzureApis, settings: AzureSettings): TerminationProvider {
  const { machines, maintenance } = apis;
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
    observeInstance: async (providerID, hold, asked = {}) => {
      const id = requireMachineId(providerID);
      const event = hold?.azureScheduledEvent;
      return event ? observeHeld(apis, { id, event, asked, now: now() }) : observeUnheld(apis, id, asked);
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
