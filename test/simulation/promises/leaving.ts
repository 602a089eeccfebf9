/** Which pods must leave a Node, said once more and independently of the drain: a second opinion on the same rules. */

import { type MachineDrainRule, machineDrainRules } from "../../../lib/api/core/machine-drain-rule.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, type Pod, pods, type Toleration } from "../../../lib/api/kubernetes/pod.ts";
import { TERMINATING_TAINT } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Scene } from "../scene.ts";

export interface Opinion {
  readonly leaves: boolean;
  /** Lower goes first: the rule's order, and within it the critical ones last. */
  readonly tier: number;
  /** Not to be touched before the deadline comes near. */
  readonly waits: boolean;
}

const STAYS: Opinion = { leaves: false, tier: 0, waits: false };
const CRITICAL = ["system-cluster-critical", "system-node-critical"];
const TIERS_PER_ORDER = 2;
/** Behind a deletionTimestamp on a Node that does not report. */
const STUCK_MILLISECONDS = 1000;

function comesBack({ key, operator, effect }: Toleration): boolean {
  const isAnyEffect = effect === undefined || effect === "" || effect === "NoSchedule";
  return isAnyEffect && operator === "Exists" && (key === undefined || key === "" || key === TERMINATING_TAINT);
}

function ruleFor({ management }: Scene, pod: Pod): MachineDrainRule["spec"]["drain"] | undefined {
  const rules = management
    .all<MachineDrainRule>(machineDrainRules)
    .filter(({ spec }) => spec.drain.behavior !== "Nonsense");
  const sorted = [...rules].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const app = pod.metadata.labels?.app;
  return sorted.find(({ spec }) => spec.pods?.some(({ selector }) => selector?.matchLabels?.app === app))?.spec.drain;
}

function isStuck({ workload, time, plan }: Scene, { metadata, spec }: Pod): boolean {
  const node = workload.find<Node>(nodes, spec?.nodeName ?? "");
  // Who saw its Node last may not know yet that it has gone.
  const isUnknown =
    !node || node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "Unknown");
  const end = Date.parse(metadata.deletionTimestamp ?? "");
  return isUnknown === true && time.now() > end + STUCK_MILLISECONDS - 2000 * plan.skewSeconds;
}

/** Now; one that terminates still leaves until it is gone. */
export function opinionOf(scene: Scene, pod: Pod): Opinion {
  const { metadata, spec, status } = pod;
  if (status?.phase === "Succeeded" || status?.phase === "Failed" || isStuck(scene, pod)) return STAYS;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (owner?.kind === "DaemonSet" && scene.workload.find(daemonSets, owner.name, metadata.namespace)) return STAYS;
  const label = metadata.labels?.["cluster.x-k8s.io/drain"];
  if (label === "skip") return STAYS;
  const critical = CRITICAL.includes(spec?.priorityClassName ?? "") ? 1 : 0;
  if (label === "wait-completed") return { leaves: true, tier: critical, waits: true };
  const rule = ruleFor(scene, pod);
  if (rule?.behavior === "Skip" || (!rule && spec?.tolerations?.some(comesBack))) return STAYS;
  const isHeld = metadata.annotations?.["karpenter.sh/do-not-disrupt"] === "true";
  return {
    leaves: true,
    tier: (rule?.behavior === "Drain" ? (rule.order ?? 0) : 0) * TIERS_PER_ORDER + critical,
    waits: rule?.behavior === "WaitCompleted" || isHeld,
  };
}

export const podsOn = ({ workload }: Scene, nodeName: string): readonly Pod[] =>
  workload.all<Pod>(pods).filter(({ spec }) => spec?.nodeName === nodeName);
