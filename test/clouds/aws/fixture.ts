/** Reads a recorded event; the file names its source beside it. */
import { readFileSync } from "node:fs";

export type JsonObject = { readonly [name: string]: Json };
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export function fixture(name: string): JsonObject {
  const text = readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8");
  const { event } = JSON.parse(text) as { readonly source: string; readonly event: JsonObject };
  return event;
}

/** A copy with something else at a path such as "detail.instance-id"; undefined takes it away. */
export function changed(event: JsonObject, path: string, value: Json | undefined): JsonObject {
  const [first = "", ...rest] = path.split(".");
  const { [first]: old, ...others } = event;
  const inner = rest.length === 0 ? value : changed((old ?? {}) as JsonObject, rest.join("."), value);
  return inner === undefined ? others : { ...others, [first]: inner };
}
