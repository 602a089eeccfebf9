/** The CRDs of the upstream projects, where a copy of them lies beside this repository, and what their schemas say of a field. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { load } from "js-yaml";

const FOLDER = new URL("../../../shared/crds/", import.meta.url);

export const hasUpstreamCrds = existsSync(FOLDER);
/** For `test(..., { skip })`. */
export const SKIP = hasUpstreamCrds ? false : "the upstream CRDs are not beside this repository";

export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
}

export interface Crd {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

export function upstreamCrdsOf(...plurals: readonly string[]): readonly Crd[] {
  const files = readdirSync(FOLDER).filter((file) => plurals.some((plural) => file.endsWith(`_${plural}.yaml`)));
  return files.map((file) => load(readFileSync(new URL(file, FOLDER), "utf8")) as Crd);
}

export function schemaOf(plural: string, version: string): Schema {
  const [crd] = upstreamCrdsOf(plural);
  const found = crd?.spec.versions.find(({ name, served }) => name === version && served);
  if (!found) throw new Error(`no CRD serves ${plural} ${version}`);
  return found.schema.openAPIV3Schema;
}

/** Where a value would be refused or pruned, one sentence each. `metadata` is the API's own. */
export function misfits(schema: Schema | undefined, value: unknown, path = ""): readonly string[] {
  if (!schema) return [`${path}: no such field`];
  if (Array.isArray(value)) {
    if (schema.type !== "array") return [`${path}: is ${schema.type}, not array`];
    return value.flatMap((item, index) => misfits(schema.items, item, `${path}[${index}]`));
  }
  if (typeof value === "object" && value !== null) return objectMisfits(schema, value, path);
  return scalarMisfits(schema, value, path);
}

function objectMisfits(schema: Schema, value: object, path: string): readonly string[] {
  if (schema.type !== "object") return [`${path}: is ${schema.type}, not object`];
  const missing = (schema.required ?? [])
    .filter((field) => !(field in value))
    .map((field) => `${path}.${field}: required`);
  const inside = Object.entries(value).flatMap(([field, one]) => {
    const named = schema.properties?.[field];
    const others = schema.additionalProperties;
    const inner = named ?? (typeof others === "object" ? others : undefined);
    return others === true && !named ? [] : misfits(inner, one, `${path}.${field}`);
  });
  return [...missing, ...inside];
}

function scalarMisfits(schema: Schema, value: unknown, path: string): readonly string[] {
  const type = typeof value === "number" ? (Number.isInteger(value) ? "integer" : "number") : typeof value;
  if (schema.type !== type) return [`${path}: is ${schema.type}, not ${type}`];
  if (schema.enum && !schema.enum.includes(value))
    return [`${path}: ${JSON.stringify(value)} is not one of its values`];
  if (typeof value !== "string") return [];
  const isLong = schema.maxLength !== undefined && value.length > schema.maxLength;
  const isShort = schema.minLength !== undefined && value.length < schema.minLength;
  const isOdd = schema.pattern !== undefined && !new RegExp(schema.pattern).test(value);
  return isLong || isShort || isOdd ? [`${path}: ${JSON.stringify(value)} has another form`] : [];
}
