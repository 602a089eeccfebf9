/** Writes what a pass has to say on an infrastructure pool: its spec once and its status once, each only when it differs. */
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import type { Resource } from "../../api/kubernetes/meta.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { statusPatch, writeStatus } from "../../kubernetes/merge-status.ts";
import type { PoolSaid } from "../decide/group-status.ts";

export interface Place {
  readonly management: KubernetesClient;
  readonly resource: Resource;
}

/**
 * Fields that nothing is said about stay.
 * @returns whether anything was written
 * @throws  KubernetesError "conflict": somebody wrote meanwhile, come again
 */
export async function writePoolStatement(
  { management, resource }: Place,
  pool: InfrastructurePool,
  said: PoolSaid,
): Promise<boolean> {
  const body = specBody(pool, said);
  const { namespace = "", name } = pool.metadata;
  const stored = body
    ? await management.patch<InfrastructurePool>(resource, { namespace, name }, { type: "merge", body })
    : pool;
  const written = await writeStatus<object, InfrastructurePool>(management, resource, stored, said.status);
  return written !== pool;
}

function specBody({ metadata, spec }: InfrastructurePool, said: PoolSaid): object | undefined {
  const specPatch = statusPatch(only(spec, said.spec), said.spec);
  const annotations = statusPatch(only(metadata.annotations ?? {}, said.annotations), said.annotations);
  if (!specPatch && !annotations) return undefined;
  return {
    metadata: { resourceVersion: metadata.resourceVersion, ...(annotations && { annotations }) },
    ...(specPatch && { spec: specPatch }),
  };
}

/** The members of `whole` that `wanted` speaks about. */
const only = (whole: object, wanted: object): object =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => key in wanted));
