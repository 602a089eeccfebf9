/** Which MachinePools an object leads to: by the names and labels that Cluster API gives them. */
import { clusters } from "../../api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, POOL_NAME_LABEL } from "../../api/core/labels.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import type { Key } from "../../api/key.ts";
import type { KubernetesObject, Resource } from "../../api/kubernetes/meta.ts";
import { secrets } from "../../api/kubernetes/secret.ts";
import { BOOTSTRAP_KINDS, EVERY_NAME, POOL_HINT } from "../../api/pool-hint.ts";
import { poolNameLabel } from "./pool-label.ts";

/**
 * @param labelled  the object itself, where its labels decide; undefined when it is gone: then any pool may have had it
 * @returns         whether a change of `key` is a reason to look at `pool`; both are of one namespace
 */
export function isRelated(key: Key, pool: MachinePool, labelled: KubernetesObject | undefined): boolean {
  if (key.name === EVERY_NAME) return true;
  const { spec, metadata } = pool;
  const { bootstrap } = spec.template.spec;
  if (key.kind === POOL_HINT) return metadata.name === key.name;
  if (key.kind === clusters.kind) return spec.clusterName === key.name;
  // The kubeconfig of its cluster counts as much as its bootstrap data.
  if (key.kind === secrets.kind)
    return bootstrap?.dataSecretName === key.name || key.name === `${spec.clusterName}-kubeconfig`;
  if (BOOTSTRAP_KINDS.some(({ kind }) => kind === key.kind))
    return bootstrap?.configRef?.kind === key.kind && bootstrap.configRef.name === key.name;
  return isMember(labelled, pool);
}

function isMember(labelled: KubernetesObject | undefined, { metadata, spec }: MachinePool): boolean {
  if (!labelled) return true;
  const { labels = {} } = labelled.metadata;
  return labels[CLUSTER_NAME_LABEL] === spec.clusterName && labels[POOL_NAME_LABEL] === poolNameLabel(metadata.name);
}

/**
 * A MachinePool and the infrastructure behind it.
 * @param kinds of infrastructure that are reconciled here; a pool of another one is somebody else's
 */
export function keysOfPool({ metadata, spec }: MachinePool, kinds: readonly Resource[]): readonly Key[] {
  const { kind, name } = spec.template.spec.infrastructureRef;
  if (!kinds.some((served) => served.kind === kind)) return [];
  const { namespace = "" } = metadata;
  return [
    { kind: machinePools.kind, namespace, name: metadata.name },
    { kind, namespace, name },
  ];
}
