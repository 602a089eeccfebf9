/**
 * A stand-in for the upstream controllers of the drain profile, as far as a drain meets them: the infrastructure pool and
 * the MachinePool follow the group's instances, and Nodes of instances that left the list are deleted.
 * @source CAPA exp/controllers/awsmachinepool_controller.go; cluster-api core/reconcilers/machinepool (deleteRetiredNodes)
 */
import { isDeepStrictEqual } from "node:util";
import { type AwsMachinePool, awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import type { At, KubernetesClient } from "../../../lib/kubernetes/client.ts";
import { KubernetesError } from "../../../lib/kubernetes/errors.ts";
import type { Clock } from "../clock.ts";

export interface UpstreamWorld {
  readonly clock: Clock;
  readonly management: KubernetesClient;
  readonly workload: KubernetesClient;
  /** MachinePool, AWSMachinePool and group share one name. */
  readonly pool: At;
  /** What the group holds now, in the cloud's order. */
  readonly providerIDs: () => readonly string[];
}

const PASS_SECONDS = 10;
type Fields = Readonly<Record<string, unknown>>;
type Wanted = { readonly spec: Fields; readonly status: Fields };

/** Merge-patches spec or status when a field differs; `kept` is what is at the place now. */
async function keep(client: KubernetesClient, resource: Resource, kept: KubernetesObject, want: Wanted): Promise<void> {
  const { namespace, name } = kept.metadata;
  const at = namespace ? { namespace, name } : { name };
  for (const part of ["spec", "status"] as const) {
    const have: Fields = (kept as { readonly spec?: Fields; readonly status?: Fields })[part] ?? {};
    const fields = Object.entries(want[part]);
    if (fields.every(([field, value]) => isDeepStrictEqual(have[field], value))) continue;
    const body = { [part]: want[part] };
    await client.patch(resource, at, { type: "merge", body }, part === "status" ? "status" : undefined);
  }
}

async function listNodes(workload: KubernetesClient): Promise<readonly Node[]> {
  const found: Node[] = [];
  for await (const page of workload.list<Node>(nodes)) found.push(...page);
  return found;
}

const isReady = (node: Node) =>
  node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");

async function pass({ management, workload, pool, providerIDs }: UpstreamWorld): Promise<void> {
  const ids = providerIDs();
  const infrastructure = await management.get<AwsMachinePool>(awsMachinePools, pool);
  const status = { ready: true, replicas: ids.length };
  await keep(management, awsMachinePools, infrastructure, { spec: { providerIDList: ids }, status });

  const machinePool = await management.get<MachinePool>(machinePools, pool);
  const found = await listNodes(workload);
  const known = new Set(machinePool.status?.nodeRefs?.map(({ uid }) => uid));
  for (const { metadata, spec } of found) {
    const retired = known.has(metadata.uid) && spec?.providerID !== undefined && !ids.includes(spec.providerID);
    if (retired) await workload.delete(nodes, { name: metadata.name });
  }
  const matched = ids.flatMap((id) => found.find(({ spec }) => spec?.providerID === id) ?? []);
  const counted = {
    nodeRefs: matched.map(({ metadata }) => ({ name: metadata.name, uid: metadata.uid })),
    replicas: ids.length,
    readyReplicas: matched.filter(isReady).length,
    phase: "Running",
  };
  await keep(management, machinePools, machinePool, { spec: { providerIDList: ids }, status: counted });
}

/** @returns stops it */
export function startUpstream(world: UpstreamWorld, onProblem: (message: string) => void): () => void {
  let stopped = false;
  const tick = async () => {
    const release = world.clock.hold();
    try {
      await pass(world);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.kind !== "not-found" && error.kind !== "conflict") onProblem(`upstream: ${error.message}`);
    } finally {
      release();
      if (!stopped) world.clock.after(PASS_SECONDS, () => void tick());
    }
  };
  void tick();
  return () => {
    stopped = true;
  };
}
