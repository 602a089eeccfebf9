/** The storm is over for a pool of ours: nothing is paused, and instances can be launched again. */
import { clusters } from "../../../lib/api/core/cluster.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { CLUSTER, NAMESPACE, type Scene } from "../scene.ts";
import { registerNode } from "../world/machines.ts";

export async function healPool(scene: Scene): Promise<void> {
  const { management, plan } = scene;
  if (!plan.pool) return;
  await registerAnew(scene);
  const cluster = management.find(clusters, CLUSTER, NAMESPACE);
  if (cluster) await management.merge("a person", clusters, cluster, { body: { spec: { paused: false } } });
}

/** Kubelets whose Node somebody deleted, or replaced by another of its name, are restarted. */
async function registerAnew(scene: Scene): Promise<void> {
  const { cloud, workload } = scene;
  const running = cloud.machines().filter(({ isInService, state }) => isInService && state === "running");
  for (const machine of running) {
    const node = workload.find<Node>(nodes, machine.nodeName);
    if (node?.spec?.providerID === machine.providerID) continue;
    if (node) await workload.remove("a person", nodes, node);
    await registerNode(scene, machine);
  }
}
