/** What to do with one pod: small filters in upstream's order; the first that decides ends the list. */
import { POD_DRAIN_LABEL } from "../../api/core/labels.ts";
import type { MachineDrainRule } from "../../api/core/machine-drain-rule.ts";
import { MIRROR_POD_ANNOTATION, type Pod, type Toleration } from "../../api/kubernetes/pod.ts";
import { TERMINATING_TAINT } from "../../api/lifecycle/instance-termination.ts";
import { type Labels, type Matches, ruleForPod } from "./drain-rules.ts";
import type { Verdict } from "./drain-view.ts";
import { secondsOf } from "./time.ts";

export interface FilterContext {
  readonly nowSeconds: number;
  /** Pods this many seconds past their deletionTimestamp are not waited for; absent: all are. */
  readonly skipTerminatingAfterSeconds?: number;
  /** namespace/name of every DaemonSet there is; absent: not asked, a pod's DaemonSet is taken to exist. */
  readonly daemonSets?: ReadonlySet<string>;
  /** Those that concern the Machine, by name. */
  readonly rules: readonly MachineDrainRule[];
  /** Labels by Namespace; absent: no rule asks for them. */
  readonly namespaces?: ReadonlyMap<string, Labels>;
  readonly matches: Matches;
}

type Said = { readonly verdict?: Omit<Verdict, "warnings">; readonly warning?: string };
type Filter = (pod: Pod, context: FilterContext) => Said;

const NOTHING: Said = {};
const skip = (because: string): Said => ({ verdict: { behavior: "Skip", order: 0, because } });
const waitCompleted = (because: string): Said => ({ verdict: { behavior: "WaitCompleted", order: 0, because } });

export const podName = ({ metadata }: Pod): string => `${metadata.namespace ?? ""}/${metadata.name}`;
export const isFinished = ({ status }: Pod): boolean => status?.phase === "Succeeded" || status?.phase === "Failed";
const controllerOf = ({ metadata }: Pod) => metadata.ownerReferences?.find(({ controller }) => controller === true);

/** namespace/name of the DaemonSet that controls the pod. */
export function daemonSetOf(pod: Pod): string | undefined {
  const controller = controllerOf(pod);
  return controller?.kind === "DaemonSet" ? `${pod.metadata.namespace ?? ""}/${controller.name}` : undefined;
}

const longTerminating: Filter = ({ metadata }, { nowSeconds, skipTerminatingAfterSeconds }) => {
  if (!skipTerminatingAfterSeconds || metadata.deletionTimestamp === undefined) return NOTHING;
  const past = Math.trunc(nowSeconds - secondsOf(metadata.deletionTimestamp));
  return past > skipTerminatingAfterSeconds ? skip("StuckTerminating") : NOTHING;
};

const daemonSet: Filter = (pod, { daemonSets }) => {
  const name = daemonSetOf(pod);
  if (name === undefined || isFinished(pod)) return NOTHING;
  if (daemonSets && !daemonSets.has(name)) return { warning: `its DaemonSet ${name} does not exist` };
  return skip("DaemonSet");
};

const mirror: Filter = ({ metadata }) =>
  metadata.annotations?.[MIRROR_POD_ANNOTATION] === undefined ? NOTHING : skip("StaticPod");

const localStorage: Filter = (pod) =>
  pod.spec?.volumes?.some(({ emptyDir }) => emptyDir !== undefined) && !isFinished(pod)
    ? { warning: "its local storage is lost" }
    : NOTHING;

const unreplicated: Filter = (pod) =>
  controllerOf(pod) || isFinished(pod) ? NOTHING : { warning: "no controller will replace it" };

const drainLabel: Filter = ({ metadata }) => {
  const value = metadata.labels?.[POD_DRAIN_LABEL]?.toLowerCase().replace("-", "");
  if (value === "skip") return skip("DrainLabel");
  return value === "waitcompleted" ? waitCompleted("DrainLabel") : NOTHING;
};

const machineDrainRule: Filter = (pod, { rules, namespaces, matches }) => {
  const { name, namespace = "", labels = {} } = pod.metadata;
  const facts = { name: `${namespace}/${name}`, labels, namespaceLabels: namespaces?.get(namespace) };
  const rule = ruleForPod(rules, facts, matches);
  if (rule === undefined) return NOTHING;
  const because = `MachineDrainRule ${rule.metadata.name}`;
  const { behavior, order = 0 } = rule.spec.drain;
  if (behavior === "Skip") return skip(because);
  if (behavior === "WaitCompleted") return waitCompleted(because);
  return { verdict: { behavior: "Drain", order, because } };
};

/**
 * A pod that tolerates our taint would come straight back to the Node; it stays, as it asks, unless a MachineDrainRule
 * names it. Upstream evicts such a pod for ever (cluster-api issue 6894).
 */
const toleration: Filter = (pod) => (toleratesTermination(pod) ? skip("ToleratesTermination") : NOTHING);

/** Whether a pod tolerates our taint, whoever made the Node unschedulable. */
export const toleratesTermination = ({ spec }: Pod): boolean => spec?.tolerations?.some(tolerates) ?? false;

const TAINT_VALUES: readonly string[] = ["cordoned", "found-cordoned"];

function tolerates({ key, operator, value, effect }: Toleration): boolean {
  if (effect && effect !== "NoSchedule") return false;
  if (operator === "Exists") return !key || key === TERMINATING_TAINT;
  return key === TERMINATING_TAINT && TAINT_VALUES.includes(value ?? "");
}

/** The order is upstream's (cluster-api core/reconcilers/machine/drain/filters.go); the last filter is ours. */
const FILTERS: readonly Filter[] = [
  longTerminating,
  daemonSet,
  mirror,
  localStorage,
  unreplicated,
  drainLabel,
  machineDrainRule,
  toleration,
];

/**
 * Runs a pod through the filters.
 * @returns Drain with order 0 when no filter decides
 * @throws  DrainRuleError from a rule that cannot be followed
 */
export function judgePod(pod: Pod, context: FilterContext): Verdict {
  const warnings: string[] = [];
  for (const filter of FILTERS) {
    const { verdict, warning } = filter(pod, context);
    if (warning) warnings.push(warning);
    if (verdict) return { ...verdict, warnings };
  }
  return { behavior: "Drain", order: 0, because: "Default", warnings };
}
