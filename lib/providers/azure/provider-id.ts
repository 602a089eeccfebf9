/** providerIDs of virtual machines, as Azure's cloud provider writes them on Nodes and CAPZ into pools: `azure://` and the ARM id. */

/** In a scale set with Uniform orchestration a machine has a number, in one with Flexible orchestration a name of its own. */
export type AzureMachineId =
  | {
      readonly mode: "Uniform";
      readonly subscriptionId: string;
      /** Lower-cased: Azure spells it as it likes. */
      readonly resourceGroup: string;
      readonly scaleSet: string;
      /** Decimal, e.g. "4". */
      readonly number: string;
    }
  | {
      readonly mode: "Flexible";
      readonly subscriptionId: string;
      readonly resourceGroup: string;
      readonly name: string;
    };

const COMPUTE = "/providers/Microsoft.Compute";
const GROUP = "/subscriptions/([^/]+)/resourceGroups/([^/]+)";
const SCALE_SET = new RegExp(`^${GROUP}${COMPUTE}/virtualMachineScaleSets/([^/]+)$`, "i");
const UNIFORM = new RegExp(`^${GROUP}${COMPUTE}/virtualMachineScaleSets/([^/]+)/virtualMachines/([^/]+)$`, "i");
const FLEXIBLE = new RegExp(`^${GROUP}${COMPUTE}/virtualMachines/([^/]+)$`, "i");
const SCHEME = "azure://";

export interface ScaleSetId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** undefined for every other ARM id. The case of the fixed parts does not matter. */
export function parseScaleSetId(armId: string): ScaleSetId | undefined {
  const [, subscriptionId, resourceGroup, name] = SCALE_SET.exec(armId) ?? [];
  return subscriptionId && resourceGroup && name
    ? { subscriptionId, resourceGroup: resourceGroup.toLowerCase(), name }
    : undefined;
}

/** undefined for every other ARM id. */
export function parseMachineId(armId: string): AzureMachineId | undefined {
  const [, subscriptionId, group, scaleSet, number] = UNIFORM.exec(armId) ?? [];
  if (subscriptionId && group && scaleSet && number) {
    return { mode: "Uniform", subscriptionId, resourceGroup: group.toLowerCase(), scaleSet, number };
  }
  const [, subscription, resourceGroup, name] = FLEXIBLE.exec(armId) ?? [];
  if (!subscription || !resourceGroup || !name) return undefined;
  return { mode: "Flexible", subscriptionId: subscription, resourceGroup: resourceGroup.toLowerCase(), name };
}

/** undefined for a string of another form. */
export const parseProviderId = (providerID: string): AzureMachineId | undefined =>
  providerID.startsWith(SCHEME) ? parseMachineId(providerID.slice(SCHEME.length)) : undefined;

const groupId = ({ subscriptionId, resourceGroup }: Pick<ScaleSetId, "subscriptionId" | "resourceGroup">) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup.toLowerCase()}${COMPUTE}`;

/** One spelling for each scale set. */
export const scaleSetId = (id: ScaleSetId): string => `${groupId(id)}/virtualMachineScaleSets/${id.name}`;

/** One spelling for each machine. */
export const machineId = (id: AzureMachineId): string =>
  id.mode === "Uniform"
    ? `${groupId(id)}/virtualMachineScaleSets/${id.scaleSet}/virtualMachines/${id.number}`
    : `${groupId(id)}/virtualMachines/${id.name}`;

export const providerIdOf = (id: AzureMachineId): string => `${SCHEME}${machineId(id)}`;
export const scaleSetProviderId = (id: ScaleSetId): string => `${SCHEME}${scaleSetId(id)}`;

/** The machine's name as scheduled events have it: `<scale set>_<number>`, or the virtual machine's own. */
export const machineNameOf = (id: AzureMachineId): string =>
  id.mode === "Uniform" ? `${id.scaleSet}_${id.number}` : id.name;

/** As {@link machineNameOf}, in small letters, since Azure's names know no case; undefined for a providerID of another form. */
export function instanceIdOf(providerID: string): string | undefined {
  const id = parseProviderId(providerID);
  return id && machineNameOf(id).toLowerCase();
}

/** Whether something of a resource group names a machine of it, in small letters. */
export const isAbout = (
  { resourceId, machines }: { readonly resourceId: string; readonly machines: readonly string[] },
  id: AzureMachineId,
): boolean =>
  machines.includes(machineNameOf(id).toLowerCase()) && resourceId.includes(`/resourceGroups/${id.resourceGroup}/`);
