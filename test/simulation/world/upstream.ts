/** Upstream's controllers as far as a drain meets them: providerIDList, nodeRefs, and Nodes of instances that left the list. */
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import type { InfrastructurePool } from "../../../lib/providers/provider.ts";
import { NAMESPACE, POOL, type Scene } from "../scene.ts";

const WHO = "upstream";

export async function keepPools({ cloud, management, workload }: Scene): Promise<void> {
  const { pools } = cloud.kinds;
  const infrastructure = management.find<InfrastructurePool>(pools, POOL, NAMESPACE);
  const pool = management.find<MachinePool>(machinePools, POOL, NAMESPACE);
  if (!infrastructure || !pool) return;
  const members = cloud.machines().filter(({ group, state }) => group === POOL && state === "running");
  const ids = members.map(({ providerID }) => providerID).sort();
  const before = infrastructure.spec.providerIDList ?? [];
  const left = before.filter((id) => !ids.includes(id));
  await management.merge(WHO, pools, infrastructure, { body: { spec: { providerIDList: ids } } });
  await management.merge(WHO, machinePools, pool, { body: { spec: { providerIDList: ids } } });
  const all = workload.all<Node>(nodes);
  // core deletes the Nodes of what is no longer in the list (machinepool_controller_noderef.go).
  for (const node of all.filter(({ spec }) => left.includes(spec?.providerID ?? "")))
    await workload.remove(WHO, nodes, node);
  const nodeRefs = ids.flatMap((id) => {
    const node = all.find(({ spec }) => spec?.providerID === id);
    return node ? [{ name: node.metadata.name, uid: node.metadata.uid }] : [];
  });
  await management.merge(WHO, machinePools, pool, { body: { status: { nodeRefs } }, subresource: "status" });
}
