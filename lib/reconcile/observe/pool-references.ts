/** Reads what a MachinePool refers to: its infrastructure pool, and its bootstrap config in the version of the contract. */
import type { BootstrapConfig } from "../../api/core/bootstrap-config.ts";
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import type { ContractReference, MachinePool } from "../../api/core/machine-pool.ts";
import {
  type CustomResourceDefinition,
  customResourceDefinitions,
} from "../../api/kubernetes/custom-resource-definition.ts";
import type { KubernetesObject, Resource } from "../../api/kubernetes/meta.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import { contractVersion, pluralOf } from "../decide/contract-version.ts";
import type { Trouble } from "../decide/drain-view.ts";
import { controllerReference, otherController } from "../decide/pool-names.ts";
import type { RefSight } from "../decide/pool-view.ts";
import type { World } from "../step.ts";
import { isNotFound, troubleOf } from "../trouble.ts";

/** A person must change something first. */
const LATER_SECONDS = 60;

/** One call. */
export const readInfrastructure = (
  { clusters }: World,
  machinePool: MachinePool,
  resource: Resource,
): Promise<RefSight<InfrastructurePool>> =>
  sightOf(machinePool, resource, () =>
    clusters.management.get<InfrastructurePool>(resource, {
      namespace: machinePool.metadata.namespace ?? "",
      name: machinePool.spec.template.spec.infrastructureRef.name,
    }),
  );

/** One call; two when the version of the kind is not known yet in this sandbox. */
export async function readBootstrap(world: World, machinePool: MachinePool): Promise<RefSight<BootstrapConfig>> {
  const ref = machinePool.spec.template.spec.bootstrap?.configRef;
  if (!ref) return { seen: "none" };
  const resource = await resourceOf(world, ref);
  if ("reason" in resource) return { seen: "unread", trouble: resource };
  const at = { namespace: machinePool.metadata.namespace ?? "", name: ref.name };
  const sight = await sightOf(machinePool, resource, () =>
    world.clusters.management.get<BootstrapConfig>(resource, at),
  );
  // The kind may be served in another version by now: ask again next time.
  if (sight.seen === "unread") world.contractVersions?.delete(keyOf(ref));
  return sight;
}

const keyOf = ({ apiGroup, kind }: ContractReference): string => `${apiGroup}/${kind}`;

async function resourceOf(world: World, ref: ContractReference): Promise<Resource | Trouble> {
  const plural = pluralOf(ref.kind);
  const known = world.contractVersions?.get(keyOf(ref));
  if (known) return { apiVersion: known, plural, kind: ref.kind };
  const name = `${plural}.${ref.apiGroup}`;
  try {
    const { metadata } = await world.clusters.management.get<CustomResourceDefinition>(customResourceDefinitions, {
      name,
    });
    const version = contractVersion(metadata.labels);
    if (version === undefined) return noContract(`the CRD ${name} has no label cluster.x-k8s.io/v1beta2 or /v1beta1`);
    const apiVersion = `${ref.apiGroup}/${version}`;
    world.contractVersions?.set(keyOf(ref), apiVersion);
    return { apiVersion, plural, kind: ref.kind };
  } catch (error) {
    if (isNotFound(error)) return noContract(`there is no CRD ${name}`);
    return troubleOf(error) ?? rethrow(error);
  }
}

const noContract = (fact: string): Trouble => ({
  reason: "ContractUnknown",
  message: `${fact}: install its provider with clusterctl, or correct configRef`,
  againSeconds: LATER_SECONDS,
});

function rethrow(error: unknown): never {
  throw error;
}

/** A missing object, a passing failure and an object of somebody else are sights; only faults of our own are thrown. */
async function sightOf<T extends KubernetesObject>(
  machinePool: MachinePool,
  resource: Resource,
  read: () => Promise<T>,
): Promise<RefSight<T>> {
  try {
    const object = await read();
    const other = otherController(object, controllerReference(machinePool));
    return other ? { seen: "unread", trouble: foreign(resource, object, other) } : { seen: "found", object, resource };
  } catch (error) {
    if (isNotFound(error)) return { seen: "missing" };
    const trouble = troubleOf(error) ?? unserved(error, resource);
    if (trouble) return { seen: "unread", trouble };
    throw error;
  }
}

const foreign = (
  { kind }: Resource,
  { metadata }: KubernetesObject,
  other: { readonly kind: string; readonly name: string },
): Trouble => ({
  reason: "ForeignController",
  message: `${kind} ${metadata.name} is controlled by ${other.kind} ${other.name}: refer to another one`,
  againSeconds: LATER_SECONDS,
});

/** The path is not served: the CRD is missing, or serves another version. */
const unserved = (error: unknown, { apiVersion, plural }: Resource): Trouble | undefined =>
  error instanceof KubernetesError && error.kind === "invalid"
    ? { reason: "KindNotServed", message: `${plural}.${apiVersion}: ${error.message}`, againSeconds: LATER_SECONDS }
    : undefined;
