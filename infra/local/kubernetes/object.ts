/** Plain JSON as the embedded API stores it: stored objects are never changed, a write makes a new one. */

export type Json = Record<string, unknown>;

export interface Meta extends Json {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  finalizers?: string[];
}

export interface Stored extends Json {
  apiVersion: string;
  kind: string;
  metadata: Meta;
  spec?: Json;
  status?: Json;
}

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const jsonOf = (value: unknown): Json => (isJson(value) ? value : {});
export const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isJson) : []);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A copy that lacks some keys. */
export const without = <T extends Json>(object: T, ...keys: readonly string[]): T =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as T;

/** RFC 3339 in whole seconds, as metav1.Time prints. */
export const timestamp = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;

const SEGMENT =
  /\[\?\(@\.([^=\s)]+)\s*==\s*["']([^"']*)["']\)\]|\['((?:[^'\\]|\\.)*)'\]|\[(\d+|\*)\]|\.?((?:[^.[\\]|\\.)+)/g;

/**
 * The first value that a JSONPath of a CRD names (printer columns, scale paths).
 * @param path  fields, ['quoted'], [0] and [?(@.type=="Ready")]; what upstream's CRDs use, nothing more
 */
export function valueAt(root: unknown, path: string): unknown {
  let here = root;
  for (const [, field, wanted, quoted, index, plain] of path.matchAll(SEGMENT)) {
    if (field !== undefined) here = listOf(here).find((item) => valueAt(item, field) === wanted);
    else if (index !== undefined) here = Array.isArray(here) ? here[index === "*" ? 0 : Number(index)] : undefined;
    else here = jsonOf(here)[(quoted ?? plain ?? "").replaceAll(/\\(.)/g, "$1")];
  }
  return here;
}
