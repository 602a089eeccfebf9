/** Names the first thing that differs from a pool's wish, size excluded; nothing while Azure works on the set. */

import type { AzureMachinePoolSpec } from "../../../api/azure/azure-machine-pool.ts";
import { wrongTags } from "../../applied-tags.ts";
import { isBusy } from "./busy.ts";
import type { AzureChange } from "./changes.ts";
import { isLatest, makesOthers, modelDifference } from "./latest.ts";
import { createParameters, updateParameters } from "./parameters.ts";
import { isWaitingAfterFailure, modelAsked, sizeAsked } from "./retries.ts";
import { strategyOf } from "./rollout.ts";
import type { AzureSight, PoolWish } from "./sight.ts";
import { CUSTOM_DATA_TAG, goneTags } from "./tags.ts";

/** PUTs of one pass. */
const MOST_PROTECTED = 20;

type Rule = (sight: AzureSight, spec: AzureMachinePoolSpec) => AzureChange | undefined;

const create: Rule = (sight, spec) => {
  const { wish, scaleSet, creation } = sight;
  if (!wish || scaleSet || !creation) return undefined;
  const asked = modelAsked(wish);
  if (isWaitingAfterFailure(sight, asked)) return undefined;
  const parameters = createParameters(wish, spec, creation);
  return { do: "CreateScaleSet", because: "NoScaleSet", input: { parameters, asked } };
};

const updateModel: Rule = (sight, spec) => {
  const { wish, scaleSet, creation, now } = sight;
  if (!wish || !scaleSet) return undefined;
  const because = modelDifference(scaleSet, wish) ?? expired(sight);
  const asked = modelAsked(wish);
  if (!because || isWaitingAfterFailure(sight, asked)) return undefined;
  // Another size must be known to exist before it is asked for.
  if (because === "ModelChanged" && !creation) return undefined;
  const capacity = capacityFor(sight, wish, spec);
  const parameters = updateParameters({ set: scaleSet, wish, spec, capacity, now });
  const etag = scaleSet.etag === undefined ? {} : { etag: scaleSet.etag };
  return { do: "UpdateScaleSet", because, input: { parameters, asked, ...etag } };
};

/** The first replacements come with the new model, in one operation. */
function capacityFor(
  { scaleSet, machines, externallyManaged }: AzureSight,
  wish: PoolWish,
  { strategy }: AzureMachinePoolSpec,
): number {
  const capacity = scaleSet?.capacity ?? 0;
  if (!scaleSet || externallyManaged || !makesOthers(scaleSet, wish)) return capacity;
  const { replicas = capacity } = wish;
  const surge = Math.min(strategyOf(strategy, replicas).maxSurge, machines.length);
  return surge > 0 ? Math.max(capacity, replicas + surge) : capacity;
}

/** Others add instances whenever they like: what those begin with must not be a token of yesterday. */
const expired = ({ externallyManaged, scaleSet, wish }: AzureSight): string | undefined =>
  externallyManaged && scaleSet?.tags[CUSTOM_DATA_TAG] !== wish?.customDataHash ? "CustomDataChanged" : undefined;

/** What Azure failed at stays failed until somebody asks again. */
const askAgain: Rule = (sight) => {
  const { scaleSet, operation, wish } = sight;
  if (!wish || scaleSet?.provisioningState !== "Failed") return undefined;
  // Whatever it was that failed: it has had its time.
  if (operation && isWaitingAfterFailure(sight, operation.asked)) return undefined;
  const { capacity, size } = scaleSet;
  const asked = sizeAsked(sight, capacity);
  return { do: "AskAgain", because: operation?.code ?? "Failed", input: { capacity, size, asked } };
};

const assignRole: Rule = ({ wish, scaleSet, roleAssigned }) => {
  const role = wish?.roleAssignment;
  const principalId = scaleSet?.principalId;
  if (!role || principalId === undefined) return undefined;
  if (roleAssigned === "other") return { do: "UnassignRole", because: "OtherPrincipal", input: { role } };
  return roleAssigned === "missing"
    ? { do: "AssignRole", because: "RoleMissing", input: { role, principalId } }
    : undefined;
};

const changeTags: Rule = ({ wish, scaleSet, appliedTags, additionalTags }) => {
  if (!wish || !scaleSet) return undefined;
  const tags = wrongTags(wish.tags, scaleSet.tags);
  if (Object.keys(tags).length > 0) return { do: "TagScaleSet", because: "Tags", input: { tags } };
  const gone = goneTags(appliedTags, { ...additionalTags, ...wish.tags }, scaleSet.tags);
  return Object.keys(gone).length > 0 ? { do: "UntagScaleSet", because: "Tags", input: { tags: gone } } : undefined;
};

/** Whoever lowers the number by hand shall not make Azure choose who goes; our own deletions are not hindered. */
const protect: Rule = (sight) => {
  const { scaleSet, machines } = sight;
  // What is about to be replaced, or to get company, is not held up by it.
  if (!scaleSet || machines.length !== scaleSet.capacity || !machines.every((one) => isLatest(one, sight)))
    return undefined;
  const numbers = machines.flatMap(({ id, provisioningState, protectedFromScaleIn }) =>
    id.mode === "Uniform" && provisioningState === "Succeeded" && protectedFromScaleIn === false ? [id.number] : [],
  );
  if (numbers.length === 0) return undefined;
  const { location } = scaleSet;
  const input = { numbers: numbers.sort().slice(0, MOST_PROTECTED), location };
  return { do: "ProtectInstances", because: "Unprotected", input };
};

const RULES: readonly Rule[] = [create, updateModel, askAgain, assignRole, changeTags, protect];

export function nextChange(sight: AzureSight, spec: AzureMachinePoolSpec): AzureChange | undefined {
  if (sight.foreign || sight.problem || isBusy(sight)) return undefined;
  for (const rule of RULES) {
    const change = rule(sight, spec);
    if (change) return change;
  }
  return undefined;
}

/** What is left to be taken away once no instance is left. A set that Azure works on may be deleted all the same. */
export function nextRemoval({ scaleSet, role, roleAssigned, operation }: AzureSight): AzureChange | undefined {
  if (scaleSet) {
    const isGoing =
      scaleSet.provisioningState === "Deleting" || (operation?.type === "DELETE" && operation.status === "running");
    return isGoing ? undefined : { do: "DeleteScaleSet", because: "PoolDeleted", input: {} };
  }
  const isLeft = role && (roleAssigned === "right" || roleAssigned === "other");
  return isLeft ? { do: "UnassignRole", because: "PoolDeleted", input: { role } } : undefined;
}
