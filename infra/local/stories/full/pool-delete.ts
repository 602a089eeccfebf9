/** The MachinePool is deleted: everything is drained, and nothing of it is left anywhere. */
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { judgeBy, leftMany, nothingLeft } from "./promises.ts";
import { POOL_AT } from "./stage.ts";
import type { FullStory } from "./story.ts";

export const poolDelete: FullStory = {
  name: "pool-delete",
  title: "The MachinePool is deleted",
  pool: {},
  acts: [
    {
      title: "kubectl delete machinepool",
      begin: async ({ cloud, management }) => {
        // Its pods have nowhere else to go, so whoever deletes the pool lifts their budget first.
        await cloud.workload.client.patch(
          { apiVersion: "policy/v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget" },
          { namespace: "default", name: "web" },
          { type: "merge", body: { spec: { minAvailable: 0 } } },
        );
        await management.delete(machinePools, POOL_AT);
      },
      isDone: ({ machinePool, awsMachinePool, machines }) =>
        !machinePool() && !awsMachinePool() && machines().length === 0,
      maxSeconds: 900,
    },
  ],
  promises: judgeBy(leftMany(3), nothingLeft),
};
