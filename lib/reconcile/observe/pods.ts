/** The pods of a Node with the filters' verdicts; rules and DaemonSets are read only when a pod's fate hangs on them. */
import { type Cluster, clusters } from "../../api/core/cluster.ts";
import { type MachineDrainRule, machineDrainRules } from "../../api/core/machine-drain-rule.ts";
import type { KubernetesObject } from "../../api/kubernetes/meta.ts";
import { daemonSets, namespaces, type Pod, pods } from "../../api/kubernetes/pod.ts";
import type { InstanceTermination } from "../../api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { matchesSelector } from "../../kubernetes/label-selector.ts";
import { asksForCluster, asksForNamespaces, type Labels, rulesForMachine } from "../decide/drain-rules.ts";
import type { NodeView, PodView } from "../decide/drain-view.ts";
import { machineLabels, type Owner } from "../decide/owner.ts";
import { daemonSetOf, type FilterContext, isFinished, toleratesTermination } from "../decide/pod-filters.ts";
import { mustLeave } from "../decide/pod-groups.ts";
import { isForced, podView } from "../decide/pod-view.ts";
import { ignoreNotFound } from "../trouble.ts";
import { readAll } from "./read-all.ts";

/** Pods whose end nobody reports any more (seconds past deletionTimestamp), by the Node's Ready condition. */
const SKIP_TERMINATING_SECONDS = { True: 0, Unknown: 1, False: 60 } as const;

export interface PodSearch {
  readonly management: KubernetesClient;
  readonly workload: KubernetesClient;
  readonly termination: InstanceTermination;
  readonly node: NodeView;
  readonly nowSeconds: number;
  /** Read at most once per pass. */
  readonly owner: () => Promise<Owner>;
}

/** @throws KubernetesError; DrainRuleError from a rule that cannot be followed */
export async function observePods(search: PodSearch): Promise<readonly PodView[]> {
  const { workload, node, nowSeconds, termination } = search;
  const found = await readAll(workload.list<Pod>(pods, { fieldSelector: `spec.nodeName=${node.name}` }));
  const plain: FilterContext = {
    nowSeconds,
    skipTerminatingAfterSeconds: SKIP_TERMINATING_SECONDS[node.ready],
    rules: [],
    matches: matchesSelector,
  };
  const judge = (filters: FilterContext) =>
    found.map((pod) => podView(pod, { filters, forced: isForced(termination.spec), nodeReady: node.ready }));
  const first = judge(plain);
  // A rule may keep a pod that would leave, and only a rule makes one leave that tolerates our taint.
  const isForRules = (pod: PodView) =>
    mustLeave(pod) || (!pod.finished && pod.verdict.because === "ToleratesTermination");
  if (first.some(isForRules)) return judge(await withRules(search, plain));
  const orphans = found.filter((pod) => !isFinished(pod) && daemonSetOf(pod) && !toleratesTermination(pod));
  if (orphans.length === 0) return first;
  const known = await daemonSetNames(workload);
  const isOrphan = orphans.some((pod) => !known.has(daemonSetOf(pod) ?? ""));
  return isOrphan ? judge(await withRules(search, { ...plain, daemonSets: known })) : first;
}

async function withRules(search: PodSearch, plain: FilterContext): Promise<FilterContext> {
  const { management, workload, termination } = search;
  const namespace = termination.metadata.namespace ?? "";
  const all = await readAll(management.list<MachineDrainRule>(machineDrainRules, { namespace }));
  if (all.length === 0) return plain;
  const cluster = asksForCluster(all) ? await clusterLabels(management, termination) : {};
  const rules = rulesForMachine(all, { machine: machineLabels(await search.owner()), cluster }, matchesSelector);
  return { ...plain, rules, ...(asksForNamespaces(rules) && { namespaces: await namespaceLabels(workload) }) };
}

async function clusterLabels(management: KubernetesClient, { metadata, spec }: InstanceTermination): Promise<Labels> {
  const at = { namespace: metadata.namespace ?? "", name: spec.clusterName };
  const cluster = await management.get<Cluster>(clusters, at).catch(ignoreNotFound);
  return cluster?.metadata.labels ?? {};
}

async function namespaceLabels(workload: KubernetesClient): Promise<ReadonlyMap<string, Labels>> {
  const all = await readAll(workload.list<KubernetesObject>(namespaces));
  return new Map(all.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]));
}

async function daemonSetNames(workload: KubernetesClient): Promise<ReadonlySet<string>> {
  const all = await readAll(workload.list<KubernetesObject>(daemonSets));
  return new Set(all.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`));
}
