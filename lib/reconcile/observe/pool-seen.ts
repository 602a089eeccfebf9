/** Reads what stands around an infrastructure pool: its MachinePool, its Cluster and its bootstrap data. */
import { type Cluster, clusters } from "../../api/core/cluster.ts";
import type { InfrastructurePool } from "../../api/core/infrastructure-pool.ts";
import { type MachinePool, machinePools } from "../../api/core/machine-pool.ts";
import { type Secret, secrets } from "../../api/kubernetes/secret.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import type { BootstrapData, PoolProvider } from "../../providers/pool-provider.ts";
import { isOurs, ownerReferenceOf } from "../decide/group-gate.ts";
import type { BootstrapSeen, PoolSeen } from "../decide/group-view.ts";
import type { World } from "../step.ts";
import { ignoreNotFound } from "../trouble.ts";

export interface PoolObserved {
  readonly seen: PoolSeen;
  /** Set when `seen.bootstrap` is found. */
  readonly bootstrap?: BootstrapData;
}

/** Three calls at the most; none for a pool that is not ours. */
export async function observePool(
  world: World,
  { finalizer }: PoolProvider,
  pool: InfrastructurePool,
): Promise<PoolObserved> {
  const { management } = world.clusters;
  const first = { pool, finalizer, watchFilter: world.settings.watchFilter };
  const machinePool = isOurs(first) ? await ownerOf(management, pool) : undefined;
  if (!machinePool) return { seen: first };
  const namespace = pool.metadata.namespace ?? "";
  const at = { namespace, name: machinePool.spec.clusterName };
  const wantsData = pool.metadata.deletionTimestamp === undefined;
  const [cluster, data] = await Promise.all([
    management.get<Cluster>(clusters, at).catch(ignoreNotFound),
    wantsData ? readBootstrap(management, namespace, machinePool) : undefined,
  ]);
  const seen = { ...first, machinePool, ...(cluster && { cluster }), ...(data && { bootstrap: data.seen }) };
  return { seen, ...(data?.found && { bootstrap: data.found }) };
}

async function ownerOf(management: KubernetesClient, pool: InfrastructurePool): Promise<MachinePool | undefined> {
  const owner = ownerReferenceOf(pool);
  if (!owner) return undefined;
  const at = { namespace: pool.metadata.namespace ?? "", name: owner.name };
  const found = await management.get<MachinePool>(machinePools, at).catch(ignoreNotFound);
  return found && { ...found, kind: machinePools.kind };
}

interface DataSeen {
  readonly seen: BootstrapSeen;
  readonly found?: BootstrapData;
}

/** The Secret has the data under `value`, and `format` where it is not cloud-config (cluster-api book, bootstrap contract). */
async function readBootstrap(
  management: KubernetesClient,
  namespace: string,
  { spec }: MachinePool,
): Promise<DataSeen> {
  const secretName = spec.template.spec.bootstrap?.dataSecretName;
  if (secretName === undefined) return { seen: "not-named" };
  if (secretName === "") return { seen: "not-wanted" };
  const secret = await management.get<Secret>(secrets, { namespace, name: secretName }).catch(ignoreNotFound);
  const value = secret?.data?.value;
  if (!value) return { seen: "missing" };
  const told = Buffer.from(secret.data?.format ?? "", "base64").toString("utf8");
  const format = told === "ignition" ? "ignition" : "cloud-config";
  return { seen: "found", found: { secretName, format, value: Buffer.from(value, "base64") } };
}
