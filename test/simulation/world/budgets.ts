/** The disruption controller: right in its arithmetic, and sometimes slow. */
import { type DisruptionBudget, disruptionBudgets, isLeaving, isReady } from "../../../infra/local/cluster/kinds.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { matchesSelector } from "../../../lib/kubernetes/label-selector.ts";
import type { Scene } from "../scene.ts";

export const budgetFor = (app: string, maxUnavailable: number, name = app): DisruptionBudget => ({
  apiVersion: disruptionBudgets.apiVersion,
  kind: disruptionBudgets.kind,
  metadata: { name, namespace: "default" },
  spec: { maxUnavailable, selector: { matchLabels: { app } } },
});

export async function keepBudgets({ workload, plan }: Scene): Promise<void> {
  for (const budget of workload.all<DisruptionBudget>(disruptionBudgets)) {
    const matching = workload
      .all<Pod>(pods)
      .filter(({ metadata }) => matchesSelector(budget.spec.selector, metadata.labels));
    const healthy = matching.filter((pod) => isReady(pod) && !isLeaving(pod)).length;
    const apps = plan.apps.filter(({ name }) => name === budget.spec.selector?.matchLabels?.app);
    const expectedPods = apps.reduce((sum, { replicas }) => sum + replicas, 0);
    const desiredHealthy = Math.max(0, expectedPods - Number(budget.spec.maxUnavailable ?? 0));
    const status = {
      expectedPods,
      desiredHealthy,
      currentHealthy: healthy,
      disruptionsAllowed: Math.max(0, healthy - desiredHealthy),
      observedGeneration: budget.metadata.generation ?? 0,
      disruptedPods: null,
    };
    await workload.merge("disruption controller", disruptionBudgets, budget, {
      body: { status },
      subresource: "status",
    });
  }
}
