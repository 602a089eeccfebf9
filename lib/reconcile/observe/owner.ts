/** Reads the MachinePool of a termination, and its Machine where one is recorded. */

import { CLUSTER_NAME_LABEL, POOL_NAME_LABEL } from "../../api/core/labels.ts";
import { type Machine, machines } from "../../api/core/machine.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { Owner } from "../decide/owner.ts";
import { poolNameLabel } from "../decide/pool-label.ts";
import { ignoreNotFound } from "../trouble.ts";
import { readWanted } from "./read-all.ts";

/** One call, two with a Machine; what no longer exists is left out. */
export async function readOwner(management: KubernetesClient, { metadata, spec }: InstanceTermination): Promise<Owner> {
  const at = (name: string) => ({ namespace: metadata.namespace ?? "", name });
  const [pool, machine] = await Promise.all([
    management.get<MachinePool>(machinePools, at(spec.machinePoolName)).catch(ignoreNotFound),
    spec.machineName ? management.get<Machine>(machines, at(spec.machineName)).catch(ignoreNotFound) : undefined,
  ]);
  return { ...(pool && { pool }), ...(machine && { machine }) };
}

/** The Machine of an instance: one list, by the labels that upstream gives the Machines of a pool. */
export async function findMachine(
  management: KubernetesClient,
  pool: MachinePool,
  providerID: string,
): Promise<Machine | undefined> {
  const { namespace = "", name } = pool.metadata;
  const labelSelector = `${CLUSTER_NAME_LABEL}=${pool.spec.clusterName},${POOL_NAME_LABEL}=${poolNameLabel(name)}`;
  const pages = management.list<Machine>(machines, { namespace, labelSelector });
  const [machine] = await readWanted(pages, ({ spec }) => spec.providerID === providerID);
  return machine;
}
