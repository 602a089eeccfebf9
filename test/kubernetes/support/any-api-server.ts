/** The API server that a test is given: a real one by KUBE_API_URL and KUBE_API_TOKEN, else the embedded one. */
import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { realClock } from "../../../infra/local/clock.ts";
import { startKubernetes } from "../../../infra/local/kubernetes/start.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import { connect } from "../../../lib/kubernetes/connection.ts";
import { KubernetesError } from "../../../lib/kubernetes/errors.ts";

export interface AnyApiServer {
  /** An administrator's. */
  readonly kubeconfig: string;
  readonly client: KubernetesClient;
  close(): Promise<void>;
}

export async function anyApiServer(): Promise<AnyApiServer> {
  const { KUBE_API_URL: url, KUBE_API_TOKEN: token } = process.env;
  if (!url) {
    const local = await startKubernetes({ clock: realClock(), name: "test", authority: await createAuthority() });
    return { ...clientWith(local.kubeconfig("admin")), close: () => local.close() };
  }
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "real", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "real", user: { token } }],
    contexts: [{ name: "real", context: { cluster: "real", user: "real" } }],
    "current-context": "real",
  });
  return { ...clientWith(kubeconfig), close: async () => {} };
}

const clientWith = (kubeconfig: string) => ({
  kubeconfig,
  client: connect(async () => kubeconfig, { name: "the test's API server", origin: "a test" }).client(undefined),
});

/** Documents of a YAML file of this repository, `path` from its root. */
export const yamlFile = (path: string): unknown =>
  load(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"));

const definitions: Resource = {
  apiVersion: "apiextensions.k8s.io/v1",
  plural: "customresourcedefinitions",
  kind: "CustomResourceDefinition",
};
/** A real server takes a moment to serve a new kind; asking is how one waits for it. */
const TRIES = 5_000;

/** Installs a CRD file and waits until its kind is served. */
export async function installDefinition(client: KubernetesClient, path: string, served: Resource): Promise<void> {
  await client.create(definitions, yamlFile(path) as KubernetesObject).catch((error: unknown) => {
    if (!(error instanceof KubernetesError) || error.kind !== "already-exists") throw error;
  });
  for (let tries = 0; ; tries++) {
    try {
      for await (const _page of client.list(served, { limit: 1 })) return;
    } catch (error) {
      if (!(error instanceof KubernetesError) || tries > TRIES) throw error;
    }
  }
}
