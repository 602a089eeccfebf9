/** What cluster-autoscaler's Cluster API provider does: mark the Machine, taint its Node, and lower the scale; the marked one goes. */

import { DELETE_MACHINE_ANNOTATION } from "../../../../lib/api/core/labels.ts";
import { type Machine, machines } from "../../../../lib/api/core/machine.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { capacityKept, countersTrue, judgeBy, leftMany, type Rule } from "./promises.ts";
import { TO_BE_DELETED } from "./seen.ts";
import type { FullStage } from "./stage.ts";
import { type FullStory, isAtRest } from "./story.ts";

const TAINT = { key: TO_BE_DELETED, value: "1763625600", effect: "NoSchedule" };

/** Not the newest: by age it would be among the last to go. */
const oldest = (stage: FullStage) => {
  const [first] = [...stage.instances()].sort((a, b) => a.launchTime.getTime() - b.launchTime.getTime());
  if (!first) throw new Error("the pool has no instance");
  return first;
};

async function markMachine(stage: FullStage, instanceId: string): Promise<void> {
  const found = stage.machines().find(({ spec }: Machine) => spec.providerID?.endsWith(`/${instanceId}`));
  if (!found) throw new Error(`there is no Machine of ${instanceId}`);
  const { namespace = "", name } = found.metadata;
  const body = { metadata: { annotations: { [DELETE_MACHINE_ANNOTATION]: "true" } } };
  await stage.management.patch(machines, { namespace, name }, { type: "merge", body });
}

async function taintNode({ cloud, watched }: FullStage, name: string): Promise<void> {
  const taints = watched.items<Node>(nodes).find(({ metadata }) => metadata.name === name)?.spec?.taints ?? [];
  await cloud.workload.client.patch(nodes, { name }, { type: "merge", body: { spec: { taints: [...taints, TAINT] } } });
}

const markedWent: Rule = ({ ended, marked }) => ({
  promise: "the marked ones went, and nobody else",
  seen: `marked ${marked.join(", ")}; went ${ended.join(", ")}`,
  kept: marked.length === 2 && marked.length === ended.length && marked.every((id, index) => ended[index] === id),
});

export const autoscaler: FullStory = {
  name: "autoscaler",
  title: "cluster-autoscaler adds two Nodes, and takes two chosen ones away",
  pool: {},
  acts: [
    {
      title: "scaled up to 5 through /scale",
      begin: ({ scaleTo }) => scaleTo(5),
      isDone: (stage) => isAtRest(stage, 5),
      maxSeconds: 300,
    },
    {
      title: "the oldest instance's Machine is annotated, and the scale lowered to 4",
      begin: async (stage) => {
        await markMachine(stage, oldest(stage).id);
        await stage.scaleTo(4);
      },
      isDone: (stage) => isAtRest(stage, 4),
      maxSeconds: 300,
    },
    {
      title: "the oldest instance's Node is tainted, and the scale lowered to 3",
      begin: async (stage) => {
        await taintNode(stage, oldest(stage).privateDnsName);
        await stage.scaleTo(3);
      },
      isDone: (stage) => isAtRest(stage, 3),
      maxSeconds: 300,
    },
  ],
  promises: judgeBy(markedWent, countersTrue(3), capacityKept(3), leftMany(2)),
};
