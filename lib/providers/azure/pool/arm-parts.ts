/** The role of a scale set's own identity, and the tags service: two small interfaces of Azure without an SDK here. */
import type { Tags } from "../../applied-tags.ts";
import { ProviderError } from "../../errors.ts";
import { asAzure } from "../errors.ts";
import { isRecord } from "../json.ts";
import { type ScaleSetId, scaleSetId } from "../provider-id.ts";
import type { RestClient } from "../rest.ts";
import type { RoleAssignmentWish } from "./sight.ts";

const ROLES = "Microsoft.Authorization/roleAssignments";
const ROLES_VERSION = "2022-04-01";
const TAGS_VERSION = "2021-04-01";

const rolePath = ({ scope, name }: RoleAssignmentWish): string =>
  `${scope.replace(/\/+$/, "")}/providers/${ROLES}/${name}?api-version=${ROLES_VERSION}`;

/** @throws ProviderError */
export async function readRole(
  rest: RestClient,
  role: RoleAssignmentWish,
  principalId: string | undefined,
  signal?: AbortSignal,
): Promise<"missing" | "right" | "other"> {
  try {
    const path = rolePath(role);
    const body = await asAzure(`${ROLES}/read`, () => rest({ method: "GET", path, signal }));
    return principalOf(body) === principalId ? "right" : "other";
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "not-found") return "missing";
    throw error;
  }
}

function principalOf(body: unknown): string | undefined {
  const properties = isRecord(body) && isRecord(body.properties) ? body.properties : {};
  return typeof properties.principalId === "string" ? properties.principalId : undefined;
}

/** "There is one already" is success: the next look tells whose. */
export async function assignRole(
  rest: RestClient,
  role: RoleAssignmentWish,
  principalId: string,
  signal?: AbortSignal,
): Promise<void> {
  const properties = { roleDefinitionId: role.definitionId, principalId, principalType: "ServicePrincipal" };
  const call = { method: "PUT", path: rolePath(role), body: { properties }, signal } as const;
  await asAzure(`${ROLES}/write`, () => rest(call)).catch((error: unknown) => {
    if (!(error instanceof ProviderError && error.kind === "conflict")) throw error;
  });
}

/** "Gone" is success. */
export async function unassignRole(rest: RestClient, role: RoleAssignmentWish, signal?: AbortSignal): Promise<void> {
  const call = { method: "DELETE", path: rolePath(role), signal } as const;
  await asAzure(`${ROLES}/delete`, () => rest(call)).catch((error: unknown) => {
    if (!(error instanceof ProviderError && error.kind === "not-found")) throw error;
  });
}

export interface TagChange {
  readonly operation: "Merge" | "Delete";
  readonly tags: Tags;
}

/** Tags of others are left alone. */
export async function changeTags(
  rest: RestClient,
  id: ScaleSetId,
  { operation, tags }: TagChange,
  signal?: AbortSignal,
): Promise<void> {
  const path = `${scaleSetId(id)}/providers/Microsoft.Resources/tags/default?api-version=${TAGS_VERSION}`;
  const body = { operation, properties: { tags } };
  await asAzure("Microsoft.Resources/tags/write", () => rest({ method: "PATCH", path, body, signal }));
}
