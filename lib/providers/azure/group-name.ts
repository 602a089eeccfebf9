/** What a scale set is called between us: `<resource group>/<name>` in small letters, since its name alone is unique in its group only. */

import type { AzureMachinePool } from "../../api/azure/azure-machine-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import { type AzureMachineId, parseScaleSetId, type ScaleSetId } from "./provider-id.ts";
import { isShortened, scaleSetName } from "./scale-set-name.ts";

const SCHEME = "azure://";

export const groupNameOfSet = ({ resourceGroup, name }: Pick<ScaleSetId, "resourceGroup" | "name">): string =>
  `${resourceGroup}/${name}`.toLowerCase();

export const groupNameOfMachine = (id: Extract<AzureMachineId, { mode: "Uniform" }>): string =>
  groupNameOfSet({ resourceGroup: id.resourceGroup, name: id.scaleSet });

/** undefined: no name of a scale set. */
export function splitGroupName(
  groupName: string,
): { readonly resourceGroup: string; readonly name: string } | undefined {
  const [resourceGroup, name, ...more] = groupName.split("/");
  return resourceGroup && name && more.length === 0 ? { resourceGroup, name } : undefined;
}

/** Of a shortened Windows name nobody can tell the pool. */
export function poolNameOf(groupName: string): string | undefined {
  const name = splitGroupName(groupName)?.name ?? groupName;
  return isShortened(name) ? undefined : name;
}

/** Until the scale set is known, upstream's defaults: the cluster's name is its resource group's. */
export function groupNameOf({ metadata, spec }: Pick<AzureMachinePool, "metadata" | "spec">): string {
  const known = spec.providerID?.startsWith(SCHEME) ? parseScaleSetId(spec.providerID.slice(SCHEME.length)) : undefined;
  if (known) return groupNameOfSet(known);
  const resourceGroup = metadata.labels?.[CLUSTER_NAME_LABEL] ?? "";
  return groupNameOfSet({ resourceGroup, name: scaleSetName({ metadata, spec }) });
}
