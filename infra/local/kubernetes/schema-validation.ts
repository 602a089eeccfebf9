/** Checks a value against a compiled schema in the words of the real server (apiextensions-apiserver validation). */
import { isIP } from "node:net";
import type { Cause } from "./failure.ts";
import { isJson, type Json } from "./object.ts";
import type { CompiledSchema } from "./schema.ts";
import { ruleCauses } from "./schema-rules.ts";

const TYPE = "FieldValueTypeInvalid";
const INVALID = "FieldValueInvalid";

const DURATION =
  /^\d+(\.\d+)?\s*(ns|us|µs|ms|s|m|h|d|w|nano|micro|milli|second|minute|hour|day|week)[a-z]*(\d+(\.\d+)?[a-zµ]+)*$/;
const FORMATS: Record<string, (text: string) => boolean> = {
  "date-time": (text) =>
    /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text)),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
  duration: (text) => DURATION.test(text),
  ipv4: (text) => isIP(text) === 4,
  uri: (text) => /^([a-z][a-z0-9+.-]*:\/?\/?[^\s]+|\/.*)$/i.test(text),
  cidr: (text) => isIP(text.split("/")[0] ?? "") > 0 && /\/\d{1,3}$/.test(text),
};
const RANGES: Record<string, number> = { int32: 2 ** 31, int64: 2 ** 63 };

const typeName = (value: unknown) => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
};
const wrongType = (path: string, wanted: string, shown: string): Cause => ({
  reason: TYPE,
  message: `Invalid value: ${JSON.stringify(shown)}: ${path} in body must be of type ${wanted}: ${JSON.stringify(shown)}`,
  field: path,
});
const outside = (path: string, value: unknown, rule: string): Cause => ({
  reason: INVALID,
  message: `Invalid value: ${JSON.stringify(value)}: ${path} in body should ${rule}`,
  field: path,
});

function typeCauses(schema: CompiledSchema, value: unknown, path: string): Cause[] {
  const actual = typeName(value);
  if (schema.intOrString && actual !== "integer" && actual !== "string")
    return [wrongType(path, "integer,string", actual)];
  const wanted = schema.type;
  if (!wanted || wanted === actual || (wanted === "number" && actual === "integer")) return [];
  if (value === null && schema.nullable) return [];
  return [wrongType(path, wanted, actual)];
}

function textCauses({ limits, pattern }: CompiledSchema, value: string, path: string): Cause[] {
  const causes: Cause[] = [];
  const length = Array.from(value).length;
  if (typeof limits.maxLength === "number" && length > limits.maxLength)
    causes.push({
      reason: "FieldValueTooLong",
      message: `Too long: may not be more than ${limits.maxLength} bytes`,
      field: path,
    });
  if (typeof limits.minLength === "number" && length < limits.minLength)
    causes.push(outside(path, value, `be at least ${limits.minLength} chars long`));
  if (pattern && !pattern.test(value))
    causes.push(outside(path, value, `match '${pattern.source.replaceAll("\\/", "/")}'`));
  const format = typeof limits.format === "string" ? FORMATS[limits.format] : undefined;
  if (format && !format(value)) causes.push(wrongType(path, String(limits.format), value));
  return causes;
}

function numberCauses({ limits, type }: CompiledSchema, value: number, path: string): Cause[] {
  const causes: Cause[] = [];
  const range = type === "integer" ? RANGES[String(limits.format)] : undefined;
  if (range !== undefined && (value >= range || value < -range))
    causes.push({
      reason: INVALID,
      message: `Invalid value: "": Checked value must be of type integer with format ${String(limits.format)} in ${path}`,
      field: "<nil>",
    });
  if (typeof limits.maximum === "number" && value > limits.maximum)
    causes.push(outside(path, value, `be less than or equal to ${limits.maximum}`));
  if (typeof limits.minimum === "number" && value < limits.minimum)
    causes.push(outside(path, value, `be greater than or equal to ${limits.minimum}`));
  return causes;
}

function sizeCauses(limits: Json, size: number, path: string, what: "Items" | "Properties"): Cause[] {
  const most = limits[`max${what}`];
  const least = limits[`min${what}`];
  const causes: Cause[] = [];
  if (typeof most === "number" && size > most)
    causes.push({
      reason: "FieldValueTooMany",
      message: `Too many: ${size}: must have at most ${most} items`,
      field: path,
    });
  if (typeof least === "number" && size < least)
    causes.push(outside(path, size, `have at least ${least} ${what.toLowerCase()}`));
  return causes;
}

// What makes an item of a map or set list unique.
function identityOf({ mapKeys, set }: CompiledSchema, item: unknown): string | undefined {
  if (set) return JSON.stringify(item);
  if (mapKeys.length === 0 || !isJson(item)) return undefined;
  const keys = mapKeys.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]);
  return JSON.stringify(Object.fromEntries(keys));
}

function arrayCauses(schema: CompiledSchema, value: readonly unknown[], path: string): Cause[] {
  const { items } = schema;
  const seen = new Set<string>();
  const doubled = value.flatMap((item, index): Cause[] => {
    const key = identityOf(schema, item);
    if (key === undefined) return [];
    const known = seen.has(key);
    seen.add(key);
    if (!known) return [];
    return [{ reason: "FieldValueDuplicate", message: `Duplicate value: ${key}`, field: `${path}[${index}]` }];
  });
  return [
    ...sizeCauses(schema.limits, value.length, path, "Items"),
    ...(items ? value.flatMap((item, index) => schemaCauses(items, item, `${path}[${index}]`)) : []),
    ...doubled,
  ];
}

function objectCauses(schema: CompiledSchema, value: Json, path: string): Cause[] {
  const at = (key: string) => (path ? `${path}.${key}` : key);
  const required = Array.isArray(schema.limits.required) ? (schema.limits.required as string[]) : [];
  const missing = required
    .filter((key) => !Object.hasOwn(value, key))
    .map((key): Cause => ({ reason: "FieldValueRequired", message: "Required value", field: at(key) }));
  const below = Object.entries(value).flatMap(([key, child]) => {
    const known = schema.properties.get(key) ?? schema.additional;
    return known ? schemaCauses(known, child, at(key)) : [];
  });
  return [...sizeCauses(schema.limits, Object.keys(value).length, path, "Properties"), ...missing, ...below];
}

function branchCauses(schema: CompiledSchema, value: unknown, path: string): Cause[] {
  const all = schema.allOf.flatMap((branch) => schemaCauses(branch, value, path));
  if (schema.anyOf.length === 0 || schema.anyOf.some((branch) => schemaCauses(branch, value, path).length === 0))
    return all;
  const none = {
    reason: INVALID,
    message: `Invalid value: "": "${path}" must validate at least one schema (anyOf)`,
    field: "<nil>",
  };
  return [none, ...all];
}

function schemaCauses(schema: CompiledSchema, value: unknown, path: string): Cause[] {
  const wrong = typeCauses(schema, value, path);
  if (wrong.length > 0 || value === null) return wrong;
  const causes = branchCauses(schema, value, path);
  const allowed = schema.limits.enum;
  if (Array.isArray(allowed) && !allowed.includes(value)) {
    const said = allowed.map((item) => JSON.stringify(item)).join(", ");
    causes.push({
      reason: "FieldValueNotSupported",
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${said}`,
      field: path,
    });
  }
  if (typeof value === "string") causes.push(...textCauses(schema, value, path));
  else if (typeof value === "number") causes.push(...numberCauses(schema, value, path));
  else if (Array.isArray(value)) causes.push(...arrayCauses(schema, value, path));
  else if (isJson(value)) causes.push(...objectCauses(schema, value, path));
  return causes;
}

const UNCHECKED: Cause = {
  reason: INVALID,
  message:
    "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
  field: "<nil>",
};

// apiextensions-apiserver pkg/registry/customresource/strategy.go: after these, rules could stumble over the value.
const BLOCKING = new Set([
  "FieldValueNotSupported",
  "FieldValueRequired",
  "FieldValueTooLong",
  "FieldValueTooMany",
  TYPE,
]);

/** Keywords first; CEL rules only where no cause stands in their way, as upstream orders it. */
export function validate(schema: CompiledSchema, value: unknown, old: unknown): Cause[] {
  const causes = schemaCauses(schema, value, "");
  if (!schema.ruled) return causes;
  if (causes.some(({ reason = "" }) => BLOCKING.has(reason))) return [...causes, UNCHECKED];
  return [...causes, ...ruleCauses(schema, { value, old, path: "" })];
}

/** A write to /status is checked below status: upstream's messages begin there, its fields do not. */
export function validateStatus(schema: CompiledSchema, status: unknown): Cause[] {
  const known = schema.properties.get("status");
  const causes = known && status !== undefined ? schemaCauses(known, status, "") : [];
  const placed = causes.map((cause) =>
    cause.field === "<nil>" ? cause : { ...cause, field: `status.${cause.field}` },
  );
  const blocked = schema.ruled && causes.some(({ reason = "" }) => BLOCKING.has(reason));
  return blocked ? [...placed, UNCHECKED] : placed;
}
