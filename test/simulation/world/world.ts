/** The world at the start of a run, and its controllers, which look again a little after something changed. */

import { disruptionBudgets } from "../../../infra/local/cluster/kinds.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL } from "../../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, namespaces, pods } from "../../../lib/api/kubernetes/pod.ts";
import type { Plan } from "../plan.ts";
import { actOnPools } from "../pools/actors.ts";
import { CLUSTER, NAMESPACE, POOL, type Scene, TWINS } from "../scene.ts";
import { budgetFor, keepBudgets } from "./budgets.ts";
import { watchPods } from "./kubelets.ts";
import { type Machines, watchInstances } from "./machines.ts";
import { keepPools } from "./upstream.ts";
import { createVolumes, watchVolumes } from "./volumes.ts";
import { createWorkloads } from "./workloads.ts";

const WHO = "the beginning";

/** Runs `look` so many seconds after the first call since its last run. */
function afterChange(scene: Scene, seconds: number, look: () => Promise<void>): () => void {
  let isComing = false;
  return () => {
    if (isComing) return;
    isComing = true;
    scene.time.after(seconds, async () => {
      isComing = false;
      await look();
    });
  };
}

export async function buildWorld(scene: Scene): Promise<Machines> {
  const machines = watchInstances(scene);
  watchPods(scene, machines.isUp);
  if (scene.plan.volumes) watchVolumes(scene);
  const workloads = createWorkloads(scene);
  const { plan } = scene;
  const lookAtPods = afterChange(scene, plan.lagSeconds, workloads.tick);
  const lookAtBudgets = afterChange(scene, plan.budgetLagSeconds, () => keepBudgets(scene));
  const lookAtPools = afterChange(scene, plan.upstreamLagSeconds, () => keepPools(scene));
  scene.listeners.add(({ server, plural }) => {
    if (server !== "workload") return;
    if (plural === pods.plural || plural === nodes.plural) lookAtPods();
    if (plural === pods.plural || plural === disruptionBudgets.plural) lookAtBudgets();
    if (plural === nodes.plural && !plan.pool) lookAtPools();
  });
  if (!plan.pool) scene.cloud.onEvent(() => lookAtPools());
  await populate(scene);
  await scene.cloud.createGroups();
  if (plan.pool) actOnPools(scene);
  return machines;
}

async function populate(scene: Scene): Promise<void> {
  const { management, workload, plan, cloud } = scene;
  const meta = (name: string, more: object = {}) => ({ name, namespace: NAMESPACE, ...more });
  await management.create(WHO, namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
  const cluster = { ...clusters, metadata: meta(CLUSTER), spec: {} };
  await management.create(WHO, clusters, kindOf(cluster));
  for (const [name, clusterName] of [
    [POOL, CLUSTER],
    [TWINS, "other"],
  ] as const) {
    if (plan.pool && name === POOL) continue;
    const labels = { [CLUSTER_NAME_LABEL]: clusterName };
    const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: cloud.kinds.pools.kind, name };
    const template = { spec: { infrastructureRef, ...deletionOf(plan) } };
    const pool = { ...machinePools, metadata: meta(name, { labels }), spec: { clusterName, template } };
    await management.create(WHO, machinePools, kindOf(pool));
    const owner = management.find<MachinePool>(machinePools, name, NAMESPACE);
    const { apiVersion, kind } = machinePools;
    const ownerReferences = [{ apiVersion, kind, name, uid: owner?.metadata.uid ?? "", controller: true }];
    const infrastructure = {
      ...cloud.kinds.pools,
      metadata: meta(name, { labels, ownerReferences }),
      spec: cloud.upstreamSpec(name),
    };
    await management.create(WHO, cloud.kinds.pools, kindOf(infrastructure));
  }
  const agent = { ...daemonSets, metadata: { name: "agent", namespace: "default" }, spec: {} };
  await workload.create(WHO, daemonSets, kindOf(agent));
  for (const { name, maxUnavailable } of plan.apps)
    if (maxUnavailable !== undefined) await workload.create(WHO, disruptionBudgets, budgetFor(name, maxUnavailable));
  await createVolumes(scene);
}

/** How long a drain may take, where the plan says so. */
function deletionOf({ drainTimeoutSeconds, volumes }: Plan): { readonly deletion?: object } {
  const limits = {
    ...(drainTimeoutSeconds && { nodeDrainTimeoutSeconds: drainTimeoutSeconds }),
    ...(volumes?.timeoutSeconds && { nodeVolumeDetachTimeoutSeconds: volumes.timeoutSeconds }),
  };
  return Object.keys(limits).length > 0 ? { deletion: limits } : {};
}

/** A resource with its object: the plural is no field of it. */
function kindOf({ apiVersion, kind, ...rest }: { readonly plural: string } & KubernetesObject): KubernetesObject {
  const { plural, ...object } = rest;
  if (plural === "") throw new Error("a resource without a name");
  return { apiVersion: apiVersion ?? "", kind: kind ?? "", ...object };
}
