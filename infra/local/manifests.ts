/** The project's own manifests as a user would apply them: read from the shipped files, created object by object. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import type { KubernetesObject } from "../../lib/api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { KubernetesError } from "../../lib/kubernetes/errors.ts";

/** The project's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export const readManifests = (...files: readonly string[]): object[] =>
  files.flatMap((file) => loadAll(readFileSync(join(ROOT, "infra/kubernetes", file), "utf8")) as object[]);

interface Definition extends KubernetesObject {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}
const isDefinition = (object: KubernetesObject): object is Definition => object.kind === "CustomResourceDefinition";
const TRIES = 5_000;

/** A real server takes a moment to serve a new kind; asking is how one waits for it. */
async function untilServed(client: KubernetesClient, { spec: { group, names, versions } }: Definition): Promise<void> {
  const served = versions.find((version) => version.served);
  const resource = { apiVersion: `${group}/${served?.name}`, ...names };
  for (let tries = 0; ; tries++) {
    try {
      for await (const _page of client.list(resource, { limit: 1 })) return;
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.code !== 404 || tries > TRIES) throw error;
    }
  }
}

/** The plural is the kind in lower case with an s: true of every kind we ship and play with. */
export async function createAll(client: KubernetesClient, objects: readonly object[]): Promise<void> {
  for (const object of objects as readonly Required<KubernetesObject>[]) {
    const { apiVersion, kind } = object;
    await client.create({ apiVersion, kind, plural: `${kind.toLowerCase()}s` }, object);
    if (isDefinition(object)) await untilServed(client, object);
  }
}
