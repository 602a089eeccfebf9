/** What a MachinePool's own metadata and spec lack, as one merge patch: finalizer, label, owner, and what was handed over. */
import type { BootstrapConfig } from "../../api/core/bootstrap-config.ts";
import { clusters } from "../../api/core/cluster.ts";
import { CLUSTER_NAME_LABEL } from "../../api/core/labels.ts";
import { MACHINE_POOL_FINALIZER } from "../../api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../api/kubernetes/meta.ts";
import type { ObjectWrite } from "./object-write.ts";
import { hasBootstrapData, instanceList, isDeleting } from "./pool-facts.ts";
import { controllerReference, missingLabels, ownerReference, withOwner } from "./pool-names.ts";
import type { PoolView, RefSight } from "./pool-view.ts";

export interface PoolPatch {
  readonly body: object;
  /** More than the list that the infrastructure itself gave: its step waits for it. */
  readonly tellsInfrastructure: boolean;
}

/** @returns the body; bound to the version that was read, since a configRef may change meanwhile */
export function poolPatch(view: PoolView): PoolPatch | undefined {
  const { machinePool, cluster } = view;
  const { metadata } = machinePool;
  const before = metadata.finalizers ?? [];
  const lacksFinalizer = !isDeleting(view) && !before.includes(MACHINE_POOL_FINALIZER);
  const labels = missingLabels(metadata.labels, { [CLUSTER_NAME_LABEL]: machinePool.spec.clusterName });
  const owners = cluster && withOwner(metadata.ownerReferences, ownerReference(clusters, cluster));
  const spec = handOver(view);
  if (!lacksFinalizer && !labels && !owners && !spec) return undefined;
  const body = {
    metadata: {
      resourceVersion: metadata.resourceVersion,
      ...(lacksFinalizer && { finalizers: [...before, MACHINE_POOL_FINALIZER] }),
      ...(labels && { labels }),
      ...(owners && { ownerReferences: owners }),
    },
    ...(spec && { spec }),
  };
  const isListOnly = !lacksFinalizer && !labels && !owners && spec?.template === undefined;
  return { body, tellsInfrastructure: !isListOnly };
}

interface HandedOver {
  readonly providerIDList?: readonly string[];
  readonly template?: object;
}

function handOver(view: PoolView): HandedOver | undefined {
  const dataSecretName = newSecretName(view);
  const { ids } = instanceList(view.machinePool, view.infrastructure);
  const known = view.machinePool.spec.providerIDList ?? [];
  const isSame = known.length === ids.length && known.every((id, index) => id === ids[index]);
  if (isSame && dataSecretName === undefined) return undefined;
  return {
    ...(!isSame && { providerIDList: ids }),
    ...(dataSecretName !== undefined && { template: { spec: { bootstrap: { dataSecretName } } } }),
  };
}

/** The name changes when the config is ready, and not before: until then the old data stays in use. */
function newSecretName(view: PoolView): string | undefined {
  const { bootstrap, machinePool } = view;
  if (bootstrap.seen !== "found" || isGoing(bootstrap.object) || isDeleting(view) || !hasBootstrapData(view)) return;
  const name = bootstrap.object.status?.dataSecretName;
  return name === machinePool.spec.template.spec.bootstrap?.dataSecretName ? undefined : name;
}

const isGoing = ({ metadata }: KubernetesObject): boolean => metadata.deletionTimestamp !== undefined;

/** Makes the pool the controller of what it refers to, and labels it with the Cluster. */
export function adoption(
  { machinePool }: PoolView,
  sight: RefSight<KubernetesObject | BootstrapConfig>,
): ObjectWrite | undefined {
  if (sight.seen !== "found" || isGoing(sight.object)) return undefined;
  const { namespace = "", name, resourceVersion, ownerReferences, labels } = sight.object.metadata;
  const owners = withOwner(ownerReferences, controllerReference(machinePool));
  const missing = missingLabels(labels, { [CLUSTER_NAME_LABEL]: machinePool.spec.clusterName });
  if (!owners && !missing) return undefined;
  const body = {
    metadata: { resourceVersion, ...(owners && { ownerReferences: owners }), ...(missing && { labels: missing }) },
  };
  return { do: "patch", resource: sight.resource, at: { namespace, name }, body };
}

/** Both at once, as upstream does; the infrastructure's own step decides the order inside. */
export function referenceDeletions(view: PoolView): readonly ObjectWrite[] {
  return [view.infrastructure, view.bootstrap].flatMap((sight) => deletionOf(sight));
}

function deletionOf(sight: RefSight<KubernetesObject>): readonly ObjectWrite[] {
  if (sight.seen !== "found" || isGoing(sight.object)) return [];
  const { namespace = "", name, uid } = sight.object.metadata;
  const resource: Resource = sight.resource;
  return [{ do: "delete", resource, at: { namespace, name }, ...(uid && { uid }) }];
}
