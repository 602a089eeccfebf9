/** What a pass says on an AzureMachinePool: only fields that upstream has, sorted, and nothing that moves with the time. */

import {
  type AzureInstanceStatus,
  type AzureMachinePool,
  type AzureMachinePoolStatus,
  BLOCK_MOVE_ANNOTATION,
  LAST_APPLIED_TAGS_ANNOTATION,
  type LongRunningOperationState,
} from "../../../api/azure/azure-machine-pool.ts";
import { type Tags, tagsAsJson } from "../../applied-tags.ts";
import type { ProviderError } from "../../errors.ts";
import type { PoolStatement } from "../../pool-provider.ts";
import { machineNameOf, providerIdOf, scaleSetProviderId } from "../provider-id.ts";
import { conditionsOf, lasting } from "./conditions.ts";
import { isLatest } from "./latest.ts";
import { type StoredOperation, storedState, withOperation } from "./operations.ts";
import type { AzureSight, MachineFacts } from "./sight.ts";

export interface Spoken {
  readonly sight: AzureSight;
  readonly pool: AzureMachinePool;
  readonly failed: ProviderError | undefined;
  /** Of this pass; `nothing`: what it began was done at once. Absent: it began nothing. */
  readonly begun?: StoredOperation | "nothing" | undefined;
  /** The wish, when nobody is too many. */
  readonly reconciledReplicas?: number | undefined;
}

export function statementOf({ sight, pool, failed, begun, reconciledReplicas }: Spoken): PoolStatement {
  const { scaleSet, wish } = sight;
  const instances = sight.machines.map((one) => instanceOf(one, sight)).sort(byProviderId);
  const ids = instances.flatMap(({ providerID }) => providerID ?? []);
  const ready = ids.filter((id) => sight.members.get(id)?.ready).length;
  const state = stateSaid(sight, ready);
  const status: AzureMachinePoolStatus = {
    ...readiness(sight),
    replicas: ready,
    // Every instance has its Machine and AzureMachinePoolMachine, made by whoever looks after Nodes.
    infrastructureMachineKind: "AzureMachinePoolMachine",
    ...(state && { provisioningState: state }),
    ...(wish && { image: wish.image }),
    ...(reconciledReplicas !== undefined && { lastReconciledReplicas: reconciledReplicas }),
    instances,
    longRunningOperationStates: operationsSaid(sight, pool, begun),
  };
  return {
    spec: { ...(scaleSet && { providerID: scaleSetProviderId(scaleSet.id) }), providerIDList: ids },
    status: { ...status },
    conditions: conditionsOf({ sight, ready, failed: lasting(failed) }),
    annotations: {
      // Nothing of a pool is lost by a move in the middle: operations heal by looking.
      [BLOCK_MOVE_ANNOTATION]: undefined,
      ...(scaleSet && { [LAST_APPLIED_TAGS_ANNOTATION]: tagsAsJson(tagsToRemember(sight)) }),
    },
  };
}

const byProviderId = (a: AzureInstanceStatus, b: AzureInstanceStatus): number =>
  (a.providerID ?? "") < (b.providerID ?? "") ? -1 : 1;

function instanceOf(machine: MachineFacts, sight: AzureSight): AzureInstanceStatus {
  const { id, provisioningState } = machine;
  const latest = isLatest(machine, sight);
  return {
    providerID: providerIdOf(id),
    instanceID: id.mode === "Uniform" ? id.number : id.name,
    instanceName: machineNameOf(id),
    provisioningState,
    latestModelApplied: latest,
    ...(latest && sight.kubernetesVersion && { version: sight.kubernetesVersion }),
  };
}

/** Upstream's: a set that stands and has another number of Ready Nodes than is wished for is said to be updating. */
function stateSaid({ scaleSet, wish, externallyManaged }: AzureSight, ready: number): string | undefined {
  if (scaleSet?.provisioningState !== "Succeeded" || !wish || externallyManaged) return scaleSet?.provisioningState;
  return ready === (wish.replicas ?? scaleSet.capacity) ? "Succeeded" : "Updating";
}

/** Left as it was while Azure moves the set. */
function readiness({ scaleSet }: AzureSight): Pick<AzureMachinePoolStatus, "ready"> {
  if (scaleSet?.provisioningState === "Migrating") return {};
  return { ready: scaleSet?.provisioningState === "Succeeded" || scaleSet?.provisioningState === "Updating" };
}

function operationsSaid(
  { id, operation }: AzureSight,
  { status = {} }: AzureMachinePool,
  begun: Spoken["begun"],
): readonly LongRunningOperationState[] {
  const kept = begun === "nothing" ? undefined : (begun ?? operation);
  return withOperation(status, id.name, kept && storedState(kept, id.name, id.resourceGroup));
}

/** A tag that is wished no longer is forgotten only when it is gone. */
function tagsToRemember({ appliedTags, additionalTags, scaleSet }: AzureSight): Tags {
  const live = scaleSet?.tags ?? {};
  const left = Object.entries(appliedTags).filter(([key]) => !(key in additionalTags) && key in live);
  return { ...Object.fromEntries(left), ...additionalTags };
}
