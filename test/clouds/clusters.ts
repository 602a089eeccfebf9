/** A management and a workload API for function tests of any cloud, and what functions say, read back. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load as fromYaml } from "js-yaml";
import type { Clock } from "../../infra/local/clock.ts";
import { startKubernetes } from "../../infra/local/kubernetes/start.ts";
import { upstreamCrds } from "../../infra/local/stories/crds.ts";
import type { Authority } from "../../infra/local/tls.ts";
import { type InstanceTermination, instanceTerminations } from "../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import { connect } from "../../lib/kubernetes/connection.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OUR_CRD = `${ROOT}infra/kubernetes/crds/lifecycle.cluster.x-k8s.io_instanceterminations.yaml`;

export type Line = Readonly<Record<string, unknown>>;

export interface Side {
  readonly api: Awaited<ReturnType<typeof startKubernetes>>;
  readonly client: KubernetesClient;
}

export interface ClusterWish {
  readonly clock: Clock;
  readonly authority: Authority;
  /** Every caller has its role and no more. */
  readonly withRoles?: boolean;
}

export async function startClusters({ clock, authority, withRoles = false }: ClusterWish) {
  const side = async (name: string): Promise<Side> => {
    const api = await startKubernetes({ clock, authority, name, ...(withRoles && { authorize: "rbac" as const }) });
    const origin = "the harness";
    return { api, client: connect(async () => api.kubeconfig("admin"), { name, origin }).client(undefined) };
  };
  const management = await side("management");
  const workload = await side("workload");
  for (const crd of [...upstreamCrds, fromYaml(readFileSync(OUR_CRD, "utf8")) as object]) {
    await createAny(management.client, "customresourcedefinitions", crd);
  }
  return {
    management,
    workload,
    terminations: async (): Promise<readonly InstanceTermination[]> => {
      const found: InstanceTermination[] = [];
      for await (const page of management.client.list<InstanceTermination>(instanceTerminations)) found.push(...page);
      return found;
    },
    close: async () => {
      await management.api.close();
      await workload.api.close();
    },
  };
}

export async function createAny(client: KubernetesClient, plural: string, body: object): Promise<void> {
  const object = body as { readonly apiVersion: string; readonly kind: string; readonly metadata: { name: string } };
  await client.create({ apiVersion: object.apiVersion, kind: object.kind, plural }, object);
}

export const linesOf = (output: string): Line[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Line => JSON.parse(line));

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Outcomes as "did: because", and failures as "failed: kind". */
export const outcomesOf = (lines: readonly Line[]): readonly string[] =>
  lines
    .filter((line) => !("_aws" in line) && ("did" in line || "kind" in line))
    .map((line) => ("did" in line ? `${text(line.did)}: ${text(line.because)}` : `failed: ${text(line.kind)}`));
