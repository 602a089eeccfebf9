/** The functions of ARM template expressions that we use, each as Azure documents it (Template functions). */
import { createHash } from "node:crypto";

const digest = (parts: readonly unknown[]) => createHash("sha256").update(parts.map(String).join("|")).digest("hex");
const text = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  throw new TypeError(`${JSON.stringify(value)} is no text`);
};
const isEmpty = (value: unknown): boolean =>
  value === "" ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === "object" && value !== null && Object.keys(value).length === 0);

const bool = (value: unknown): boolean => {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${JSON.stringify(value)} is no bool`);
};

/** "Microsoft.Web/sites/functions" with names [a, b] -> "Microsoft.Web/sites/a/functions/b". */
export function providerPath(type: string, names: readonly string[]): string {
  const [namespace = "", ...segments] = type.split("/");
  if (segments.length !== names.length)
    throw new Error(`${type} takes ${segments.length} names, not ${names.length}: ${names.join(", ")}`);
  return [namespace, ...segments.flatMap((segment, index) => [segment, names[index]])].join("/");
}

export const isType = (value: string): boolean => /^[A-Za-z.]+\/.+/.test(value);

/** Same text, same name; not Azure's own hash, which nobody may rely on. */
const uniqueString = (...parts: readonly unknown[]): string =>
  BigInt(`0x${digest(parts).slice(0, 20)}`)
    .toString(32)
    .padStart(13, "a")
    .slice(0, 13);

function guid(...parts: readonly unknown[]): string {
  const hex = digest(parts);
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

function createObject(...given: readonly unknown[]): unknown {
  const pairs = given.flatMap((key, index) => (index % 2 === 0 ? [[text(key), given[index + 1]] as const] : []));
  return Object.fromEntries(pairs);
}

/** Those that depend on nothing but what they are given. */
export const PURE: Readonly<Record<string, (...given: readonly unknown[]) => unknown>> = {
  and: (...given) => given.map(bool).every(Boolean),
  concat: (...given) => (Array.isArray(given[0]) ? given.flat() : given.map(text).join("")),
  createArray: (...given) => given,
  createObject,
  empty: isEmpty,
  equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  extensionResourceId: (scope, type, ...names) =>
    `${text(scope)}/providers/${providerPath(text(type), names.map(text))}`,
  greater: (a, b) => Number(a) > Number(b),
  guid,
  json: (value): unknown => JSON.parse(text(value)),
  last: (value) => (Array.isArray(value) ? value.at(-1) : text(value).at(-1)),
  not: (value) => !bool(value),
  split: (value, by) => text(value).split(text(by)),
  uniqueString,
};
