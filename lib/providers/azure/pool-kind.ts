/** AzureMachinePool as a kind of infrastructure pool: its names, its holds, and what its instances look like as AzureMachinePoolMachines. */
import { type AzureMachinePool, azureMachinePools } from "../../api/azure/azure-machine-pool.ts";
import { azureMachinePoolMachines } from "../../api/azure/azure-machine-pool-machine.ts";
import type { PoolKind } from "../provider.ts";
import { groupNameOf, poolNameOf } from "./group-name.ts";
import { azureMachineOf, outdatedMachines } from "./machine.ts";
import { instanceIdOf } from "./provider-id.ts";

export const azurePoolKind: PoolKind = {
  resource: azureMachinePools,
  poolNameOf,
  groupNameOf: (pool) => groupNameOf(pool as AzureMachinePool),
  instanceIdOf,
  // A scheduled event says all of itself.
  completeHold: (hold) => hold,
  infrastructureMachineKind: azureMachinePoolMachines.kind,
  infrastructureMachine: (pool, providerID) => azureMachineOf(pool as AzureMachinePool, providerID),
  outdated: (pool) => outdatedMachines(pool as AzureMachinePool),
};
