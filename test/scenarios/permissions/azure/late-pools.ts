/** Two pools as upstream's drain profile has them, one of each mode: their machines run, and their lists are still empty. */
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { createAll } from "../../../../infra/local/manifests.ts";
import { NAMES, RESOURCE_GROUP } from "../../../../infra/local/stories/azure/manifests.ts";
import type { AzureScene } from "../../../../infra/local/stories/azure/open.ts";
import { of, refTo } from "../../../../infra/local/stories/full/manifests.ts";
import { type AzureMachinePool, azureMachinePools } from "../../../../lib/api/azure/azure-machine-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { type Mode, scaleSetWish } from "../../../clouds/azure/rig.ts";

const SIZE = 2;
const { namespace, cluster } = NAMES;

export interface LatePool {
  /** Some seconds from now; throws before. */
  readonly machines: () => readonly [Instance, Instance];
}

export async function addLatePool({ stage }: AzureScene, name: string, mode: Mode): Promise<LatePool> {
  const { management, compute, cloud } = stage;
  const { cloud: azure } = cloud.azure;
  const set = scaleSetWish(name, { mode, cluster, spot: true }, SIZE);
  await compute.virtualMachineScaleSets.createOrUpdate(RESOURCE_GROUP, name, set).submitted();
  const metadata = { name, namespace, labels: { [CLUSTER_NAME_LABEL]: cluster } };
  const infrastructureRef = refTo(azureMachinePools, name);
  const owner = await management.create<MachinePool>(machinePools, {
    ...of(machinePools),
    metadata,
    spec: { clusterName: cluster, template: { spec: { clusterName: cluster, infrastructureRef } } },
  });
  const ownerReferences = [{ ...of(machinePools), name, uid: owner.metadata.uid ?? "" }];
  const providerID = `azure:///subscriptions/${azure.subscriptionId}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
  await createAll(management, [
    {
      ...of(azureMachinePools),
      metadata: { ...metadata, ownerReferences },
      spec: { providerID, providerIDList: [], template: {} },
    },
  ]);
  const status = { infrastructureMachineKind: "AzureMachinePoolMachine" } satisfies AzureMachinePool["status"];
  await management.patch(azureMachinePools, { namespace, name }, { type: "merge", body: { status } }, "status");
  return {
    machines: () => {
      const [first, second] = azure.instances().filter(({ scaleSet }) => scaleSet === name);
      if (first && second) return [first, second];
      throw new Error(`${name} has not ${SIZE} machines yet`);
    },
  };
}
