/** One Machine of a pool as it should be, and what is to be written when it is not. */
import type { InfrastructureMachine } from "../../api/core/infrastructure-pool.ts";
import { MACHINE_FINALIZER, type Machine, type MachineSpec, machines } from "../../api/core/machine.ts";
import { isConditionEqual, machineConditions } from "./machine-conditions.ts";
import type { ObjectWrite } from "./object-write.ts";
import { controllerReference, type Labels, memberLabels, missingLabels, withOwner } from "./pool-names.ts";
import type { PoolNode, PoolView } from "./pool-view.ts";
import { timeOf } from "./time.ts";

/** One instance with all that stands for it. */
export interface Member {
  readonly providerID: string;
  readonly node: PoolNode | undefined;
  readonly machine: Machine | undefined;
  readonly infrastructure: InfrastructureMachine | undefined;
}

const templateLabels = ({ machinePool }: PoolView): Labels => machinePool.spec.template.metadata?.labels ?? {};
const templateAnnotations = ({ machinePool }: PoolView): Labels =>
  machinePool.spec.template.metadata?.annotations ?? {};

/**
 * Upstream leaves the template's timeouts and gates out; they are what a person set them for, so they are copied.
 * @source cluster-api core/reconcilers/machinepool/machinepool_controller_phases.go (computeDesiredMachine)
 */
function specOf(view: PoolView, { providerID, node }: Member, infrastructureName: string): MachineSpec {
  const { clusterName, template } = view.machinePool.spec;
  const { minReadySeconds, readinessGates, deletion, infrastructureRef } = template.spec;
  const { apiGroup } = infrastructureRef;
  const kind = view.machines?.infrastructureResource.kind ?? "";
  return {
    clusterName,
    bootstrap: { dataSecretName: "" },
    infrastructureRef: { apiGroup, kind, name: infrastructureName },
    providerID,
    ...(node?.version && { version: node.version }),
    ...(minReadySeconds !== undefined && { minReadySeconds }),
    ...(readinessGates && { readinessGates }),
    ...(deletion && { deletion }),
  };
}

export function newMachine(view: PoolView, member: Member, name: string): ObjectWrite {
  const { machinePool, watchFilter } = view;
  const object: Machine = {
    apiVersion: machines.apiVersion,
    kind: machines.kind,
    metadata: {
      name,
      namespace: machinePool.metadata.namespace ?? "",
      labels: { ...templateLabels(view), ...memberLabels(machinePool, watchFilter) },
      annotations: templateAnnotations(view),
      finalizers: [MACHINE_FINALIZER],
      ownerReferences: [controllerReference(machinePool)],
    },
    spec: specOf(view, member, name),
  };
  return { do: "create", resource: machines, object };
}

/** Metadata and spec that drifted; labels and annotations of others stay. */
export function machinePatch(view: PoolView, member: Member & { readonly machine: Machine }): ObjectWrite | undefined {
  const { machine } = member;
  const { metadata } = machine;
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const labels = missingLabels(metadata.labels, {
    ...templateLabels(view),
    ...memberLabels(view.machinePool, view.watchFilter),
  });
  const annotations = missingLabels(metadata.annotations, templateAnnotations(view));
  const ownerReferences = withOwner(metadata.ownerReferences, controllerReference(view.machinePool));
  const before = metadata.finalizers ?? [];
  const finalizers = before.includes(MACHINE_FINALIZER) ? undefined : [...before, MACHINE_FINALIZER];
  const name = machine.spec.infrastructureRef?.name ?? member.infrastructure?.metadata.name ?? metadata.name;
  const spec = specPatch(machine.spec, specOf(view, member, name));
  if (!labels && !annotations && !ownerReferences && !finalizers && !spec) return undefined;
  const lists = { ...(ownerReferences && { ownerReferences }), ...(finalizers && { finalizers }) };
  const { namespace = "", resourceVersion } = metadata;
  return {
    do: "patch",
    resource: machines,
    at: { namespace, name: metadata.name },
    body: {
      metadata: { resourceVersion, ...lists, ...(labels && { labels }), ...(annotations && { annotations }) },
      ...(spec && { spec }),
    },
  };
}

/** Fields as JSON text: the API keeps no order of keys, and ours is fixed. */
const text = (value: unknown): string => JSON.stringify(value, (_, one: unknown) => sorted(one)) ?? "";
const sorted = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

export const isSame = (a: unknown, b: unknown): boolean => text(a) === text(b);

/** A version that is unknown now stays as it was; everything else follows the pool. */
function specPatch(before: MachineSpec, wanted: MachineSpec): object | undefined {
  const fields = Object.entries(wanted).filter(([field, value]) => !covers(before[field as keyof MachineSpec], value));
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}

/** Defaults that a webhook filled in beside our fields are no drift. */
export function covers(present: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return isSame(present, wanted);
  if (typeof present !== "object" || present === null) return Object.keys(wanted).length === 0;
  return Object.entries(wanted).every(([key, value]) => covers((present as Record<string, unknown>)[key], value));
}

/** Status that upstream's Machine controller would have written; equal status is no write. */
export function machineStatusPatch(
  view: PoolView,
  member: Member & { readonly machine: Machine },
): ObjectWrite | undefined {
  const { machine, node, infrastructure } = member;
  const before = machine.status ?? {};
  const said = machineConditions(view, member);
  const generation = machine.metadata.generation ?? 1;
  const conditions = said.map((one) => {
    const old = before.conditions?.find(({ type }) => type === one.type);
    const time = old?.status === one.status ? old.lastTransitionTime : timeOf(view.nowSeconds);
    return { ...one, observedGeneration: generation, lastTransitionTime: time };
  });
  const others = before.conditions?.filter(({ type }) => !said.some((one) => one.type === type)) ?? [];
  const isNews = conditions.some((one) => !isConditionEqual(before.conditions, one));
  const addresses = infrastructure?.status?.addresses;
  const wanted = {
    initialization: { infrastructureProvisioned: true, bootstrapDataSecretCreated: true },
    phase: phaseOf(member),
    observedGeneration: generation,
    ...(node && { nodeRef: { name: node.name } }),
    ...(node?.info && { nodeInfo: node.info }),
    ...(addresses && { addresses }),
  };
  const fields = Object.entries(wanted).filter(
    ([field, value]) => !covers(before[field as keyof typeof before], value),
  );
  if (fields.length === 0 && !isNews) return undefined;
  const all = [...others, ...conditions].sort((a, b) => (a.type < b.type ? -1 : 1));
  const { namespace = "", name, resourceVersion } = machine.metadata;
  const status = { ...Object.fromEntries(fields), ...(isNews && { conditions: all }) };
  const body = { metadata: { resourceVersion }, status };
  return { do: "patch", resource: machines, at: { namespace, name }, body, subresource: "status" };
}

function phaseOf({ machine, node }: Member): NonNullable<Machine["status"]>["phase"] {
  if (machine?.metadata.deletionTimestamp !== undefined) return "Deleting";
  return node ? "Running" : "Provisioned";
}
