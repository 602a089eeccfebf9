/** MachineDrainRules: which of them concern this Machine, and the first by name that concerns a pod. */
import type { MachineDrainRule } from "../../api/core/machine-drain-rule.ts";
import type { LabelSelector } from "../../api/kubernetes/meta.ts";

export type Labels = Readonly<Record<string, string>>;
/** Evaluates a label selector; throws when the API machinery could not read it. */
export type Matches = (selector: LabelSelector | undefined, labels: Labels) => boolean;

/** A rule that cannot be followed: the drain stops before any eviction until somebody mends it. */
export class DrainRuleError extends Error {
  override readonly name = "DrainRuleError";
}

const BEHAVIORS: readonly string[] = ["Drain", "Skip", "WaitCompleted"];

/**
 * The rules that concern one Machine, by name.
 * @param rules           every rule of the Machine's namespace
 * @param machineLabels   of the Machine; of the pool's template where there are no Machines
 * @param clusterLabels   of the Cluster; only looked at by clusterSelector
 * @throws DrainRuleError for a bad selector or behaviour in ANY rule, matching or not
 * @source cluster-api core/reconcilers/machine/drain/drain.go (getMatchingMachineDrainRules); the behaviour is checked there per pod
 */
export function rulesForMachine(
  rules: readonly MachineDrainRule[],
  labels: { readonly machine: Labels; readonly cluster: Labels },
  matches: Matches,
): readonly MachineDrainRule[] {
  for (const rule of rules) check(rule, matches);
  const concerns = ({ spec }: MachineDrainRule) =>
    !spec.machines?.length ||
    spec.machines.some(
      (entry) => matches(entry.selector, labels.machine) && matches(entry.clusterSelector, labels.cluster),
    );
  return rules.filter(concerns).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/**
 * The first rule, by name, that concerns a pod.
 * @param namespaceLabels undefined: the pod's Namespace does not exist
 * @throws DrainRuleError
 */
export function ruleForPod(
  rules: readonly MachineDrainRule[],
  pod: { readonly name: string; readonly labels: Labels; readonly namespaceLabels: Labels | undefined },
  matches: Matches,
): MachineDrainRule | undefined {
  return rules.find(({ spec }) => {
    if (!spec.pods?.length) return true;
    return spec.pods.some((entry) => {
      if (!matches(entry.selector, pod.labels)) return false;
      if (entry.namespaceSelector === undefined) return true;
      if (pod.namespaceLabels === undefined)
        throw new DrainRuleError(`Pod ${pod.name}: Pod Namespace does not exist; create it or remove the Pod`);
      return matches(entry.namespaceSelector, pod.namespaceLabels);
    });
  });
}

/** Whether labels of the Cluster or of Namespaces are needed to follow the rules: nothing is read for rules that do not ask. */
export const asksForCluster = (rules: readonly MachineDrainRule[]): boolean =>
  rules.some(({ spec }) => spec.machines?.some((entry) => entry.clusterSelector !== undefined));
export const asksForNamespaces = (rules: readonly MachineDrainRule[]): boolean =>
  rules.some(({ spec }) => spec.pods?.some((entry) => entry.namespaceSelector !== undefined));

function check({ metadata, spec }: MachineDrainRule, matches: Matches): void {
  const named = `MachineDrainRule ${metadata.namespace ?? ""}/${metadata.name}`;
  if (!BEHAVIORS.includes(spec.drain.behavior))
    throw new DrainRuleError(
      `${named}: unknown behavior ${JSON.stringify(spec.drain.behavior)}: use ${BEHAVIORS.join(", ")}`,
    );
  const selectors = [
    ...(spec.machines ?? []).flatMap((entry) => [entry.selector, entry.clusterSelector]),
    ...(spec.pods ?? []).flatMap((entry) => [entry.selector, entry.namespaceSelector]),
  ];
  for (const selector of selectors) {
    try {
      matches(selector, {});
    } catch (cause) {
      throw new DrainRuleError(`${named}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}
