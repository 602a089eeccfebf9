/** Whether a pass over an infrastructure pool may go on to the cloud, and what must come before: rules in upstream's order. */
import { DELETE_FOR_MOVE_ANNOTATION, WATCH_FILTER_LABEL } from "../../api/core/labels.ts";
import type { GroupAction } from "./group-action.ts";
import type { PoolSeen } from "./group-view.ts";
import { pausedIn } from "./owner.ts";

type Rule = (seen: PoolSeen) => GroupAction | undefined;

const ignore = (because: string): GroupAction => ({ do: "ignore", because });
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

/** Core makes itself the owner; until then nobody knows for whom the group would be. */
const withoutOwner: Rule = ({ machinePool, cluster }) => {
  if (!machinePool) return { do: "wait", because: "NoMachinePool" };
  return cluster ? undefined : { do: "wait", because: "NoCluster" };
};

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

const waitFor = (reason: string, message: string): GroupAction => ({
  do: "wait",
  because: reason,
  said: { reason, message },
});

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
