/** Shows a scale set as the contract has it: its size, and every instance that exists with its state. */
import type { GroupView, PoolInstance } from "../../pool-provider.ts";
import { machineNameOf, providerIdOf, scaleSetProviderId } from "../provider-id.ts";
import { busySeconds } from "./busy.ts";
import { isLatest } from "./latest.ts";
import { stateOf } from "./rollout.ts";
import { LARGEST_SET } from "./scale.ts";
import type { AzureSight, MachineFacts } from "./sight.ts";

/** @returns undefined when there is no set of ours */
export function groupView(sight: AzureSight): GroupView | undefined {
  const { scaleSet } = sight;
  if (!scaleSet) return undefined;
  const instances = sight.machines.map((one) => poolInstance(one, sight));
  const busy = busySeconds(sight);
  const isGoing = sight.operation?.type === "DELETE" && sight.operation.status === "running";
  return {
    id: scaleSetProviderId(scaleSet.id),
    desired: scaleSet.capacity,
    minimum: 0,
    maximum: LARGEST_SET,
    instances: instances.sort((a, b) => (a.providerID < b.providerID ? -1 : 1)),
    deleting: scaleSet.provisioningState === "Deleting" || isGoing,
    replacing: instances.some(({ upToDate }) => !upToDate),
    ...(busy !== undefined && { busySeconds: busy }),
  };
}

function poolInstance(machine: MachineFacts, sight: AzureSight): PoolInstance {
  const { id, timeCreated } = machine;
  return {
    providerID: providerIdOf(id),
    // As the kind reads it off the providerID.
    instanceId: machineNameOf(id).toLowerCase(),
    state: contractState(machine),
    upToDate: isLatest(machine, sight),
    healthy: stateOf(machine) !== "Failed",
    ...(timeCreated && { launchTime: timeCreated.toISOString() }),
  };
}

function contractState({ provisioningState }: MachineFacts): PoolInstance["state"] {
  if (provisioningState === "Creating") return "pending";
  if (provisioningState === "Deleting") return "leaving";
  return provisioningState === "Deleted" ? "gone" : "running";
}
