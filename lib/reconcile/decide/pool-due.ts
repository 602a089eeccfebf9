/** Which pools a sweep wakes in this minute: told by their status alone, so that nothing needs to be remembered. */
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import type { MachinePool } from "../../api/core/machine-pool.ts";
import type { KubernetesObject } from "../../api/kubernetes/meta.ts";
import { fnv1a } from "./pool-label.ts";

/** A settled pool is looked at so often: clouds change behind our back. */
const SETTLED_MINUTES = 10;

/** Its turn by its name: the settled pools of a cluster spread over the minutes. */
export const isItsTurn = ({ metadata }: KubernetesObject, minute: number): boolean =>
  fnv1a(`${metadata.namespace ?? ""}/${metadata.name}`) % SETTLED_MINUTES === minute % SETTLED_MINUTES;

const isDeleting = ({ metadata }: KubernetesObject): boolean => metadata.deletionTimestamp !== undefined;

export function machinePoolIsDue(pool: MachinePool, minute: number): boolean {
  const { metadata, spec, status = {} } = pool;
  const isSettled =
    status.phase === "Running" &&
    status.observedGeneration === metadata.generation &&
    (spec.replicas === undefined || spec.replicas === status.replicas);
  return isDeleting(pool) || !isSettled || isItsTurn(pool, minute);
}

export function infrastructureIsDue(pool: InfrastructurePool, minute: number): boolean {
  const { status = {}, spec } = pool;
  const { conditions = [] } = status;
  const isSettled =
    status.ready === true &&
    status.replicas === (spec.providerIDList?.length ?? 0) &&
    conditions.every((one) => one.status === "True" || one.severity === "Info");
  return isDeleting(pool) || !isSettled || isItsTurn(pool, minute);
}
