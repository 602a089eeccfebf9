/** The storm is over: servers answer, people mend what they broke and let go of what they held. */
import { type DisruptionBudget, disruptionBudgets } from "../../../infra/local/cluster/kinds.ts";
import { PAUSED_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { machineDrainRules } from "../../../lib/api/core/machine-drain-rule.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { healPool } from "../pools/healing.ts";
import { NAMESPACE, POOL, type Scene } from "../scene.ts";

const WHO = "a person";
const without = (annotation: string) => ({ body: { metadata: { annotations: { [annotation]: null } } } });

/** Can be done again. */
export async function heal(scene: Scene): Promise<void> {
  const { wire, chance, cloud, facts, management, time, workload } = scene;
  scene.tell("people mend what is broken: everything answers, budgets are opened, nothing is paused");
  chance.calm();
  wire.away.clear();
  cloud.heal();
  // What a pass was shown before it may act on for a while.
  time.after(facts.describeLagSeconds, () => {
    facts.describeLagSeconds = 0;
  });
  for (const kind of [cloud.kinds.pools, machinePools]) {
    const pool = management.find(kind, POOL, NAMESPACE);
    if (pool) await management.merge(WHO, kind, pool, without(PAUSED_ANNOTATION));
  }
  await healPool(scene);
  for (const rule of management.all(machineDrainRules)) await management.remove(WHO, machineDrainRules, rule);
  for (const record of management.all<InstanceTermination>(instanceTerminations))
    await management.merge(WHO, instanceTerminations, record, without(PAUSED_ANNOTATION));
  await letGoOfWhatStays(scene);
  const seen = new Set<string>();
  for (const budget of workload.all<DisruptionBudget>(disruptionBudgets)) {
    const app = budget.spec.selector?.matchLabels?.app ?? "";
    if (seen.has(app)) await workload.remove(WHO, disruptionBudgets, budget);
    else await workload.merge(WHO, disruptionBudgets, budget, { body: { spec: { maxUnavailable: 9 } } });
    seen.add(app);
  }
  for (const pod of workload.all<Pod>(pods)) {
    if (pod.metadata.annotations) await workload.merge(WHO, pods, pod, { body: { metadata: { annotations: null } } });
    const isJob = pod.metadata.labels?.app === "report";
    if (isJob)
      await workload.merge(WHO, pods, pod, { body: { status: { phase: "Succeeded" } }, subresource: "status" });
  }
}

/** A recommendation that nobody follows, and a cordon that somebody asked for, end only by a person's hand. */
async function letGoOfWhatStays({ management }: Scene): Promise<void> {
  for (const record of management.all<InstanceTermination>(instanceTerminations)) {
    const isWish = record.spec.drain?.mode === "CordonOnly" || record.spec.cause === "RebalanceRecommendation";
    const isOpen = record.status?.finishTime === undefined && record.metadata.deletionTimestamp === undefined;
    if (isOpen && isWish) await management.remove(WHO, instanceTerminations, record);
  }
}
