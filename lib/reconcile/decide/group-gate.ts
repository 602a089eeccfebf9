/** Whether a pass over an infrastructure pool may go on to the cloud, and what must come before: rules in upstream's order. */
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { DELETE_FOR_MOVE_ANNOTATION, WATCH_FILTER_LABEL } from "../../api/core/labels.ts";
import { machinePools } from "../../api/core/machine-pool.ts";
import type { OwnerReference } from "../../api/kubernetes/meta.ts";
import type { GroupAction } from "./group-action.ts";
import type { PoolSeen } from "./group-view.ts";
import { pausedIn } from "./owner.ts";

type Rule = (seen: PoolSeen) => GroupAction | undefined;

const ignore = (because: string): GroupAction => ({ do: "ignore", because });
/** The group counts, any version: core may have written an older one. */
export function ownerReferenceOf({ metadata }: InfrastructurePool): OwnerReference | undefined {
  const group = machinePools.apiVersion.split("/")[0];
  return metadata.ownerReferences?.find(
    ({ kind, apiVersion }) => kind === machinePools.kind && apiVersion.split("/")[0] === group,
  );
}

const isDeleting = ({ pool }: PoolSeen): boolean => pool.metadata.deletionTimestamp !== undefined;
const hasFinalizer = ({ pool, finalizer }: PoolSeen): boolean => pool.metadata.finalizers?.includes(finalizer) ?? false;

export const isOurs = ({ pool, watchFilter }: Pick<PoolSeen, "pool" | "watchFilter">): boolean =>
  Boolean(watchFilter) && pool.metadata.labels?.[WATCH_FILTER_LABEL] === watchFilter;

const notOurs: Rule = (seen) => (isOurs(seen) ? undefined : ignore("NotOurs"));

/** It lives in another management cluster now: its cloud must not be touched from here. */
const moved: Rule = ({ pool }) =>
  pool.metadata.annotations?.[DELETE_FOR_MOVE_ANNOTATION] === undefined ? undefined : ignore("MovedAway");

const paused: Rule = ({ pool, machinePool, cluster }) =>
  pausedIn(machinePool, [pool]) !== undefined || cluster?.spec?.paused === true ? ignore("Paused") : undefined;

const nothingLeft: Rule = (seen) => (isDeleting(seen) && !hasFinalizer(seen) ? ignore("BeingDeleted") : undefined);

/**
 * Core makes itself the owner; until then nobody knows for whom the group would be. Upstream waits without a word for an
 * owner that is gone, too: without it nobody knows whose Nodes to drain, and without the Cluster whose account to enter.
 */
const withoutOwner: Rule = (seen) => {
  const { pool, machinePool, cluster } = seen;
  if (!machinePool) {
    const owner = ownerReferenceOf(pool);
    if (!owner && !isDeleting(seen)) return { do: "wait", because: "NoMachinePool" };
    const whose = `MachinePool ${owner?.name ?? pool.metadata.name}, which owned this pool,`;
    return {
      ...waitFor("MachinePoolGone", `${whose} is not there: ${waysOut(seen)}`, "Warning"),
      because: "NoMachinePool",
    };
  }
  if (cluster) return undefined;
  const message = `there is no Cluster ${machinePool.spec.clusterName}: ${waysOut(seen)}`;
  return { ...waitFor("ClusterGone", message, "Warning"), because: "NoCluster" };
};

const waysOut = (seen: PoolSeen): string =>
  isDeleting(seen) && hasFinalizer(seen)
    ? `create it again, so that the instances are drained and the group goes; or delete them in the cloud by hand and then take the finalizer ${seen.finalizer} away`
    : "create it, or delete this pool";

const withoutFinalizer: Rule = (seen) =>
  isDeleting(seen) || hasFinalizer(seen) ? undefined : { do: "add-finalizer", because: "FirstPass" };

const withoutInfrastructure: Rule = (seen) => {
  if (isDeleting(seen) || seen.cluster?.status?.initialization?.infrastructureProvisioned === true) return undefined;
  const message = `Cluster ${seen.cluster?.metadata.name ?? ""} has no infrastructure yet`;
  return waitFor("WaitingForClusterInfrastructure", message);
};

const withoutBootstrap: Rule = (seen) => {
  const { bootstrap, machinePool } = seen;
  if (isDeleting(seen) || bootstrap === "found" || bootstrap === "not-wanted") return undefined;
  const { dataSecretName = "" } = machinePool?.spec.template.spec.bootstrap ?? {};
  const message =
    bootstrap === "missing"
      ? `the Secret ${dataSecretName} with the bootstrap data under the key "value" is not there`
      : `MachinePool ${machinePool?.metadata.name ?? ""} names no Secret with bootstrap data yet`;
  return waitFor("WaitingForBootstrapData", message);
};

const waitFor = (reason: string, message: string, severity: "Info" | "Warning" = "Info") =>
  ({ do: "wait", because: reason, said: { severity, reason, message } }) as const;

const RULES: readonly Rule[] = [
  notOurs,
  moved,
  nothingLeft,
  paused,
  withoutOwner,
  withoutFinalizer,
  withoutInfrastructure,
  withoutBootstrap,
];

/** @returns undefined: go on */
export function groupGate(seen: PoolSeen): GroupAction | undefined {
  for (const rule of RULES) {
    const action = rule(seen);
    if (action) return action;
  }
  return undefined;
}
