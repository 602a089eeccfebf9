/** AWSMachinePool as a kind of infrastructure pool: its names, its holds, and what its instances look like as AWSMachines. */

import { awsMachines } from "../../api/aws/aws-machine.ts";
import { type AwsMachinePool, awsMachinePools } from "../../api/aws/aws-machine-pool.ts";
import type { PoolKind } from "../provider.ts";
import { completeHold } from "./auto-scaling-hold.ts";
import { awsMachineOf, outdatedInstances } from "./machine.ts";
import { instanceIdOf } from "./provider-id.ts";

export const awsPoolKind: PoolKind = {
  resource: awsMachinePools,
  // CAPA names the group as its pool (exp/controllers/awsmachinepool_controller.go).
  poolNameOf: (groupName) => groupName,
  groupNameOf: (pool) => pool.metadata.name,
  instanceIdOf,
  // asg-group-changed, ec2-instance-state-changed and the terminate hook.
  changesAreTold: true,
  completeHold: (hold, pool) => completeHold(hold, pool as AwsMachinePool),
  infrastructureMachineKind: awsMachines.kind,
  infrastructureMachine: (pool, providerID) => awsMachineOf(pool as AwsMachinePool, providerID),
  outdated: (pool) => outdatedInstances(pool as AwsMachinePool),
};
