/** The MachinePool is deleted: everything is drained, and nothing of it is left anywhere. */
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { judgeBy, leftMany, nothingLeft } from "./promises.ts";
import type { PoolStory } from "./story.ts";

export const poolDelete: PoolStory = {
  name: "pool-delete",
  title: "The MachinePool is deleted",
  pool: {},
  acts: [
    {
      title: "kubectl delete machinepool",
      begin: async ({ cloud, management, poolAt }) => {
        // Its pods have nowhere else to go, so whoever deletes the pool lifts their budget first.
        await cloud.workload.client.patch(
          { apiVersion: "policy/v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
          { namespace: "default", name: "web" },
          { type: "merge", body: { spec: { minAvailable: 0 } } },
        );
        await management.delete(machinePools, poolAt);
      },
      isDone: ({ machinePool, infrastructurePool, machines }) =>
        !machinePool() && !infrastructurePool() && machines().length === 0,
      maxSeconds: 900,
    },
  ],
  promises: judgeBy(leftMany(3), nothingLeft),
};
