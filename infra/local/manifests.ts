/** The project's own manifests as a user would apply them: read from the shipped files, created object by object. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import type { KubernetesObject } from "../../lib/api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";

/** The project's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const readManifests = (...files: readonly string[]): object[] =>
  files.flatMap((file) => loadAll(readFileSync(join(ROOT, "infra/kubernetes", file), "utf8")) as object[]);

/** The plural is the kind in lower case with an s: true of every kind we ship and play with. */
export async function createAll(client: KubernetesClient, objects: readonly object[]): Promise<void> {
  for (const object of objects as readonly Required<KubernetesObject>[]) {
    const { apiVersion, kind } = object;
    await client.create({ apiVersion, kind, plural: `${kind.toLowerCase()}s` }, object);
  }
}
