/** Reads recorded events; each file names its source beside the event. */
import { readdirSync, readFileSync } from "node:fs";

export type JsonObject = { readonly [name: string]: Json };
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface Recording {
  readonly source: string;
  readonly event: JsonObject;
}

/** @param folder with one JSON file per event */
export const recordingsIn = (folder: URL) => ({
  names: readdirSync(folder).map((file) => file.replace(".json", "")),
  recording: (name: string): Recording =>
    JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8")) as Recording,
});

/** A copy with something else at a path such as "detail.instance-id"; undefined takes it away. */
export function changed(event: JsonObject, path: string, value: Json | undefined): JsonObject {
  const [first = "", ...rest] = path.split(".");
  const { [first]: old, ...others } = event;
  const inner = rest.length === 0 ? value : changed((old ?? {}) as JsonObject, rest.join("."), value);
  return inner === undefined ? others : { ...others, [first]: inner };
}

/** Every path to something, arrays not entered. */
export const pathsOf = (value: Json, prefix = ""): string[] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => [`${prefix}${name}`, ...pathsOf(inner, `${prefix}${name}.`)])
    : [];
