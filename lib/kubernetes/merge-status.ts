/** Writes a status only when it says something new: an equal status is not written. */
import { isDeepStrictEqual } from "node:util";
import type { KubernetesObject, Resource } from "../api/kubernetes/meta.ts";
import type { KubernetesClient } from "./client.ts";

/**
 * Brings `object.status` to `next` by a merge patch of what differs; fields absent (or undefined) in `next` are removed.
 * The patch carries the resourceVersion of `object`, so a status that somebody else wrote meanwhile is not overwritten.
 * @returns what is stored now; `object` itself, without a call, when nothing differs
 * @throws  KubernetesError "conflict": read again and decide again
 */
export async function writeStatus<S extends object, T extends KubernetesObject & { readonly status?: S }>(
  client: KubernetesClient,
  resource: Resource,
  object: T,
  next: S,
): Promise<T> {
  const status = statusPatch(object.status ?? {}, next);
  if (status === undefined) return object;
  const { namespace, name, resourceVersion } = object.metadata;
  const at = namespace === undefined ? { name } : { namespace, name };
  return client.patch<T>(resource, at, { type: "merge", body: { metadata: { resourceVersion }, status } }, "status");
}

/** RFC 7386 patch from one plain JSON object to another; undefined when they are equal. */
export function statusPatch(before: object, next: object): object | undefined {
  const from = plain(before);
  const to = plain(next);
  const removed = Object.keys(from).filter((field) => to[field] === undefined);
  const changed = Object.entries(to).flatMap(([field, value]) => {
    const patch = valuePatch(from[field], value);
    return patch === undefined ? [] : [[field, patch] as const];
  });
  if (removed.length + changed.length === 0) return undefined;
  return Object.fromEntries([...removed.map((field) => [field, null] as const), ...changed]);
}

const valuePatch = (before: unknown, next: unknown): unknown => {
  if (isRecord(before) && isRecord(next)) return statusPatch(before, next);
  return isDeepStrictEqual(before, next) ? undefined : next;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** As it would travel: undefined fields dropped, dates as strings. */
const plain = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value));
