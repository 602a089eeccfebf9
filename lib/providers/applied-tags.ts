/** Tags that a person adds to a pool: which of them an earlier pass put on, by upstream's annotation, and which are wrong now. */
import type { KubernetesObject } from "../api/kubernetes/meta.ts";

export type Tags = Readonly<Record<string, string>>;

/** What the annotation says; nothing when it is absent or no JSON object of texts. */
export function readAppliedTags({ metadata }: KubernetesObject, annotation: string): Tags {
  try {
    const said: unknown = JSON.parse(metadata.annotations?.[annotation] ?? "{}");
    if (typeof said !== "object" || said === null) return {};
    return Object.fromEntries(
      Object.entries(said).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}

export const tagsAsJson = (tags: Tags): string =>
  JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Missing or different ones. */
export const wrongTags = (wished: Tags, live: Tags): Tags =>
  Object.fromEntries(Object.entries(wished).filter(([key, value]) => live[key] !== value));
