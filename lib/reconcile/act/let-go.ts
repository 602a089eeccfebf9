/** The object is being deleted: undo our part, say what is left to the cloud, take the finalizer off. */
import { machinePools } from "../../api/core/machine-pool.ts";
import { type Event, events } from "../../api/kubernetes/event.ts";
import type { Resource } from "../../api/kubernetes/meta.ts";
import {
  DRAIN_FINALIZER,
  type InstanceTermination,
  instanceTerminations,
} from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import { ignoreNotFound } from "../trouble.ts";

export interface Said {
  readonly reason: string;
  readonly message: string;
  readonly time: string;
}

/**
 * One Event on the object and one on its MachinePool. The name is derived from the object's uid, so that a repeated pass
 * finds the first.
 */
export async function announce(
  management: KubernetesClient,
  termination: InstanceTermination,
  said: Said,
): Promise<void> {
  const { metadata, spec } = termination;
  const pool = metadata.ownerReferences?.find(({ kind }) => kind === machinePools.kind);
  await Promise.all([
    say(
      management,
      eventFor(termination, { resource: instanceTerminations, name: metadata.name, uid: metadata.uid }, said),
    ),
    say(
      management,
      eventFor(termination, { resource: machinePools, name: spec.machinePoolName, uid: pool?.uid }, said),
    ),
  ]);
}

/** A message that cannot be delivered must not keep the object. */
async function say(management: KubernetesClient, event: Event): Promise<void> {
  try {
    await management.create(events, event);
  } catch (error) {
    const isSettled =
      error instanceof KubernetesError && ["already-exists", "forbidden", "not-found"].includes(error.kind);
    if (!isSettled) throw error;
  }
}

interface About {
  readonly resource: Resource;
  readonly name: string;
  readonly uid: string | undefined;
}

function eventFor({ metadata }: InstanceTermination, about: About, { reason, message, time }: Said): Event {
  const { resource, name, uid } = about;
  const namespace = metadata.namespace ?? "";
  return {
    apiVersion: events.apiVersion,
    kind: events.kind,
    metadata: { name: `${resource.plural}.${reason.toLowerCase()}.${metadata.uid ?? metadata.name}`, namespace },
    involvedObject: { apiVersion: resource.apiVersion, kind: resource.kind, namespace, name, ...(uid && { uid }) },
    type: "Warning",
    reason,
    message,
    source: { component: "lifeguard" },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

/** Other finalizers stay; bound to the version read. */
export async function dropFinalizer(management: KubernetesClient, { metadata }: InstanceTermination): Promise<void> {
  const finalizers = metadata.finalizers?.filter((finalizer) => finalizer !== DRAIN_FINALIZER) ?? [];
  const body = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } };
  const at = { namespace: metadata.namespace ?? "", name: metadata.name };
  await management.patch(instanceTerminations, at, { type: "merge", body }).catch(ignoreNotFound);
}
