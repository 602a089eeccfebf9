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
  readonly found: readonly Pod[];
  readonly nodeReady: NodeView["ready"];
  readonly nowSeconds: number;
  /** Read at most once per pass. */
  readonly owner: () => Promise<Owner>;
}

export const podsOn = (workload: KubernetesClient, nodeName: string): Promise<readonly Pod[]> =>
  readAll(workload.list<Pod>(pods, { fieldSelector: `spec.nodeName=${nodeName}` }));

const plainContext = ({ nowSeconds, nodeReady }: PodSearch): FilterContext => ({
  nowSeconds,
  skipTerminatingAfterSeconds: SKIP_TERMINATING_SECONDS[nodeReady],
  rules: [],
  matches: matchesSelector,
});

const judge = ({ found, termination, nodeReady }: PodSearch, filters: FilterContext): readonly PodView[] =>
  found.map((pod) => podView(pod, { filters, forced: isForced(termination.spec), nodeReady }));

/** A rule may keep a pod that would leave, and only a rule makes one leave that tolerates our taint. */
const isForRules = (pod: PodView): boolean =>
  mustLeave(pod) || (!pod.finished && pod.verdict.because === "ToleratesTermination");

/** @throws KubernetesError; DrainRuleError from a rule that cannot be followed */
export async function judgePods(search: PodSearch): Promise<readonly PodView[]> {
  const plain = plainContext(search);
  const first = judge(search, plain);
  const ruled = first.some(isForRules) ? await withRules(search, plain) : undefined;
  const judged = ruled ? judge(search, ruled) : first;
  if (judged.some(mustLeave)) return judged;
  const members = search.found.filter((pod) => !isFinished(pod) && daemonSetOf(pod) && !toleratesTermination(pod));
  if (members.length === 0) return judged;
  const known = await daemonSetNames(search.workload);
  const isOrphan = members.some((pod) => !known.has(daemonSetOf(pod) ?? ""));
  return isOrphan ? judge(search, { ...(ruled ?? (await withRules(search, plain))), daemonSets: known }) : judged;
}

/**
 * The verdicts when none of these pods has to leave, whatever state their Node is in.
 * @returns undefined: one has to, or a rule may say so
 */
export async function restingPods(search: Omit<PodSearch, "nodeReady">): Promise<readonly PodView[] | undefined> {
  // A Node that is Ready excuses no pod.
  const strict: PodSearch = { ...search, nodeReady: "True" };
  if (judge(strict, plainContext(strict)).some(isForRules)) return undefined;
  const judged = await judgePods(strict);
  return judged.some(mustLeave) ? undefined : judged;
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
