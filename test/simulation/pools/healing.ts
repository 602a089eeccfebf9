/** The storm is over for a pool of ours: nothing is paused, and instances can be launched again. */
import { clusters } from "../../../lib/api/core/cluster.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { CLUSTER, NAMESPACE, type Scene } from "../scene.ts";
import { providerIdOf, registerNode } from "../world/machines.ts";
import { IMAGE } from "./objects.ts";

export async function healPool(scene: Scene): Promise<void> {
  const { management, cloud, plan } = scene;
  if (!plan.pool) return;
  await registerAnew(scene);
  cloud.images.restore(IMAGE);
  const cluster = management.find(clusters, CLUSTER, NAMESPACE);
  if (cluster) await management.merge("a person", clusters, cluster, { body: { spec: { paused: false } } });
}

/** Kubelets whose Node somebody deleted, or replaced by another of its name, are restarted. */
async function registerAnew(scene: Scene): Promise<void> {
  const { cloud, workload } = scene;
  const running = cloud
    .instances()
    .filter(({ member, state }) => member?.lifecycleState === "InService" && state === "running");
  for (const instance of running) {
    const node = workload.find<Node>(nodes, instance.privateDnsName);
    if (node?.spec?.providerID === providerIdOf(instance)) continue;
    if (node) await workload.remove("a person", nodes, node);
    await registerNode(scene, instance);
  }
}
