/** Structural schemas of CRDs: read once, refusing what we cannot honour; then default, prune and report unknown fields. */

import { isJson, type Json, jsonOf, listOf, textOf } from "./object.ts";
import { compileRules, type Rule } from "./schema-rules.ts";

export interface CompiledSchema {
  readonly type?: string;
  readonly properties: ReadonlyMap<string, CompiledSchema>;
  readonly items?: CompiledSchema;
  readonly additional?: CompiledSchema;
  readonly anyKeys: boolean;
  readonly preserve: boolean;
  readonly intOrString: boolean;
  readonly nullable: boolean;
  readonly fallback?: unknown;
  readonly pattern?: RegExp;
  /** Branches of anyOf / allOf: they only constrain. */
  readonly anyOf: readonly CompiledSchema[];
  readonly allOf: readonly CompiledSchema[];
  readonly mapKeys: readonly string[];
  /** No item twice. */
  readonly set: boolean;
  readonly rules: readonly Rule[];
  /** Some rule in here or below: otherwise the walk stops. */
  readonly ruled: boolean;
  /** required, enum, format, minimum ... as written. */
  readonly limits: Json;
}

const KNOWN = new Set(
  `type properties items additionalProperties required enum pattern minLength maxLength minimum maximum exclusiveMinimum
  exclusiveMaximum minItems maxItems minProperties maxProperties default format anyOf allOf description title example nullable
  x-kubernetes-int-or-string x-kubernetes-preserve-unknown-fields x-kubernetes-list-type x-kubernetes-list-map-keys
  x-kubernetes-map-type x-kubernetes-validations`.split(/\s+/),
);
const FORMATS = new Set(["int32", "int64", "float", "double", "date-time", "byte", "duration", "ipv4", "uri", "cidr"]);

function refuseUnknown(raw: Json, path: string) {
  const unknown = Object.keys(raw).find((key) => !KNOWN.has(key));
  if (unknown)
    throw new Error(`${path}.${unknown}: the embedded API does not know this schema keyword; teach it or leave it out`);
  if (raw.format !== undefined && !FORMATS.has(textOf(raw.format)))
    throw new Error(`${path}.format: the embedded API does not check the format ${JSON.stringify(raw.format)}`);
  if (!["map", "set", "atomic", undefined].includes(raw["x-kubernetes-list-type"] as string | undefined))
    throw new Error(`${path}.x-kubernetes-list-type: the embedded API knows map, set and atomic lists only`);
}

/** @throws Error that names the keyword when the schema asks for something that is not honoured here */
export function compileSchema(raw: Json, path: string): CompiledSchema {
  refuseUnknown(raw, path);
  const properties = new Map(
    Object.entries(jsonOf(raw.properties)).map(([key, value]) => [
      key,
      compileSchema(jsonOf(value), `${path}.properties[${key}]`),
    ]),
  );
  const branches = (key: string) =>
    listOf(raw[key]).map((branch, index) => compileSchema(branch, `${path}.${key}[${index}]`));
  const items = isJson(raw.items) ? compileSchema(raw.items, `${path}.items`) : undefined;
  const additional = isJson(raw.additionalProperties)
    ? compileSchema(raw.additionalProperties, `${path}.additionalProperties`)
    : undefined;
  const rules = compileRules(listOf(raw["x-kubernetes-validations"]), path);
  const ruled = rules.length > 0 || [...properties.values(), items, additional].some((child) => child?.ruled);
  return {
    ...(typeof raw.type === "string" && { type: raw.type }),
    properties,
    ...(items && { items }),
    ...(additional && { additional }),
    anyKeys: raw.additionalProperties === true,
    preserve: raw["x-kubernetes-preserve-unknown-fields"] === true,
    intOrString: raw["x-kubernetes-int-or-string"] === true,
    nullable: raw.nullable === true,
    ...("default" in raw && { fallback: raw.default }),
    ...(typeof raw.pattern === "string" && { pattern: new RegExp(raw.pattern, "u") }),
    anyOf: branches("anyOf"),
    allOf: branches("allOf"),
    mapKeys: raw["x-kubernetes-list-type"] === "map" ? ((raw["x-kubernetes-list-map-keys"] ?? []) as string[]) : [],
    set: raw["x-kubernetes-list-type"] === "set",
    rules,
    ruled,
    limits: raw,
  };
}

const ROOT = new Set(["apiVersion", "kind", "metadata"]);

function shapeField(schema: CompiledSchema, [key, child]: [string, unknown], path: string, unknown: string[]) {
  const known = schema.properties.get(key) ?? schema.additional;
  if (known) return child === null && !known.nullable ? undefined : shape(known, child, path, unknown);
  if (schema.preserve || schema.anyKeys) return child;
  unknown.push(path);
  return undefined;
}

function shapeObject(schema: CompiledSchema, value: Json, path: string, unknown: string[]): Json {
  const shaped: Json = {};
  for (const [key, child] of Object.entries(value)) {
    const root = !path && ROOT.has(key);
    const kept = root ? child : shapeField(schema, [key, child], path ? `${path}.${key}` : key, unknown);
    if (kept !== undefined) shaped[key] = kept;
  }
  addDefaults(schema, shaped, path, unknown);
  const keys = Object.keys(shaped);
  const same = keys.length === Object.keys(value).length && keys.every((key) => shaped[key] === value[key]);
  return same ? value : shaped;
}

function addDefaults(schema: CompiledSchema, shaped: Json, path: string, unknown: string[]) {
  for (const [key, property] of schema.properties) {
    if (property.fallback === undefined || Object.hasOwn(shaped, key)) continue;
    shaped[key] = shape(property, structuredClone(property.fallback), `${path}.${key}`, unknown);
  }
}

/**
 * Defaults missing keys, drops explicit nulls that are not allowed, prunes what the schema does not know.
 * @param unknown  gets the paths of pruned fields, e.g. "spec.x"
 * @returns        the same value when nothing had to change
 */
export function shape(schema: CompiledSchema, value: unknown, path: string, unknown: string[]): unknown {
  if (isJson(value)) return shapeObject(schema, value, path, unknown);
  const { items } = schema;
  if (!Array.isArray(value) || !items) return value;
  const shaped = value.map((item, index) => shape(items, item, `${path}[${index}]`, unknown));
  return shaped.some((item, index) => item !== value[index]) ? shaped : value;
}
