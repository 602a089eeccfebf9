/** The identity of a scale set's machines, and the role that Azure is asked to give to the one it makes itself. */
import type { VirtualMachineScaleSetIdentity } from "@azure/arm-compute";
import type { AzureMachinePoolSpec } from "../../../api/azure/azure-machine-pool.ts";
import type { IdentitySeen, IdentityWish, RoleAssignmentWish } from "./sight.ts";

const USER_ASSIGNED =
  /^(?:azure:\/\/)?\/?(subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+)$/i;

/** The ARM id; undefined for a text of another form. */
export function parseUserAssignedIdentity(providerID: string): string | undefined {
  const path = USER_ASSIGNED.exec(providerID)?.[1];
  return path && `/${path}`;
}

export function identityWish({ identity = "None", userAssignedIdentities = [] }: AzureMachinePoolSpec): IdentityWish {
  const ids = userAssignedIdentities.flatMap(({ providerID }) => parseUserAssignedIdentity(providerID) ?? []);
  return { type: identity, userAssigned: identity === "UserAssigned" ? normal(ids) : [] };
}

const normal = (ids: readonly string[]): readonly string[] => ids.map((id) => id.toLowerCase()).sort();

/** As Azure has it. */
export function identitySeen(identity: VirtualMachineScaleSetIdentity | undefined): IdentitySeen {
  const { type = "None", userAssignedIdentities = {} } = identity ?? {};
  return { system: type.startsWith("SystemAssigned"), userAssigned: normal(Object.keys(userAssignedIdentities)) };
}

/** More than is wished for is no difference: Azure Policy gives identities to machines, and would give them again. */
export function hasIdentity({ system, userAssigned }: IdentitySeen, wish: IdentityWish): boolean {
  if (wish.type === "SystemAssigned") return system;
  return wish.userAssigned.every((id) => userAssigned.includes(id));
}

/** undefined: none is sent. */
export function identityInput({
  identity = "None",
  userAssignedIdentities = [],
}: AzureMachinePoolSpec): VirtualMachineScaleSetIdentity | undefined {
  if (identity === "SystemAssigned") return { type: "SystemAssigned" };
  if (identity !== "UserAssigned") return undefined;
  const ids = userAssignedIdentities.flatMap(({ providerID }) => parseUserAssignedIdentity(providerID) ?? []);
  return { type: "UserAssigned", userAssignedIdentities: Object.fromEntries(ids.map((id) => [id, {}])) };
}

/** By the GUID at its end: a definition's id begins with any scope. */
export function mayAssign({ definitionId }: RoleAssignmentWish, allowed: readonly string[] | "any"): boolean {
  const guid = definitionId.split("/").at(-1)?.toLowerCase() ?? "";
  return allowed === "any" || allowed.includes(guid);
}

/** Contributor, of the subscription: what upstream's webhook fills in (CAPZ internal/webhooks, azuremachinepool_default.go). */
const CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c";

/**
 * @param fallbackName  a UUID that stays the same for this pool
 * @returns             undefined where no role is asked for
 */
export function roleAssignmentWish(
  { identity, systemAssignedIdentityRole: role, roleAssignmentName }: AzureMachinePoolSpec,
  subscriptionId: string,
  fallbackName: string,
): RoleAssignmentWish | undefined {
  if (identity !== "SystemAssigned") return undefined;
  const scope = role?.scope || `/subscriptions/${subscriptionId}/`;
  const definition = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${CONTRIBUTOR}`;
  return {
    name: role?.name || roleAssignmentName || fallbackName,
    scope,
    definitionId: role?.definitionID || definition,
  };
}
