/** The CEL rules of a schema (x-kubernetes-validations), evaluated once the plain keywords are satisfied. */
import { isIP } from "node:net";
import { Environment } from "@marcbachmann/cel-js";
import type { Cause } from "./failure.ts";
import { isJson, type Json, listOf, textOf } from "./object.ts";
import type { CompiledSchema } from "./schema.ts";

export interface Rule {
  readonly usesOld: boolean;
  readonly holds: (self: unknown, oldSelf: unknown) => boolean;
  readonly message: string;
  readonly reason: string;
}

const isCidr = (text: string) => {
  const [address = "", bits = "", more] = text.split("/");
  const version = isIP(address);
  return version > 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
};

const environment = new Environment({ unlistedVariablesAreDyn: true })
  .registerFunction("isIP(dyn): bool", (text: unknown) => isIP(textOf(text)) > 0)
  .registerFunction("isCIDR(dyn): bool", (text: unknown) => isCidr(textOf(text)));

export function compileRules(rules: readonly Json[], path: string): Rule[] {
  return rules.map((raw) => {
    const strange = Object.keys(raw).find((key) => !["rule", "message", "reason"].includes(key));
    if (strange)
      throw new Error(`${path}.x-kubernetes-validations.${strange}: the embedded API does not know this keyword`);
    const rule = textOf(raw.rule);
    const run = environment.parse(rule);
    return {
      usesOld: /\boldSelf\b/.test(rule),
      holds: (self, oldSelf) => run({ self, oldSelf }) === true,
      message: textOf(raw.message) || `failed rule: ${rule.trim()}`,
      reason: textOf(raw.reason) || "FieldValueInvalid",
    };
  });
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
}

// What a list item was before can only be told in lists with keys (apiextensions: "correlatable").
function oldItem(schema: CompiledSchema, item: unknown, old: unknown) {
  if (schema.mapKeys.length === 0 || !isJson(item)) return undefined;
  return listOf(old).find((candidate) => schema.mapKeys.every((key) => candidate[key] === item[key]));
}

function below(schema: CompiledSchema, { value, old, path }: Place): [CompiledSchema, Place][] {
  const { items } = schema;
  if (Array.isArray(value) && items)
    return value.map((item, index) => [
      items,
      { value: item, old: oldItem(schema, item, old), path: `${path}[${index}]` },
    ]);
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([key, child]): [CompiledSchema, Place][] => {
    const known = schema.properties.get(key) ?? schema.additional;
    const before = isJson(old) ? old[key] : undefined;
    return known ? [[known, { value: child, old: before, path: path ? `${path}.${key}` : key }]] : [];
  });
}

/** Rules that name oldSelf run only where there is an old value. */
export function ruleCauses(schema: CompiledSchema, place: Place): Cause[] {
  if (!schema.ruled) return [];
  const own = schema.rules
    .filter((rule) => (!rule.usesOld || place.old !== undefined) && !rule.holds(place.value, place.old))
    .map((rule) => {
      const shown = typeof place.value === "object" ? "" : `${JSON.stringify(place.value)}: `;
      return { reason: rule.reason, message: `Invalid value: ${shown}${rule.message}`, field: place.path || "<nil>" };
    });
  return [...own, ...below(schema, place).flatMap(([child, at]) => ruleCauses(child, at))];
}
