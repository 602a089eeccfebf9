/** Nodes that are hard to drain, as data: what stands on them, and what evicting each pod comes to. */
import { type MachineDrainRule, machineDrainRules } from "../../../lib/api/core/machine-drain-rule.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import type { KubernetesErrorKind } from "../../../lib/kubernetes/errors.ts";
import { BECOMES_READY, COMPLETES_SECONDS, SHUTDOWN_SECONDS } from "./kinds.ts";
import type { MachineSpec } from "./machines.ts";
import { barePod, daemonSet, deployment, disruptionBudget } from "./manifests.ts";

export interface PodFate {
  /** Answer to one eviction. */
  readonly eviction: "granted" | KubernetesErrorKind;
  /** A minute later, on the same Node: nothing; another pod in its place; or the same pod. */
  readonly after: "gone" | "back" | "there";
}

export interface DrainScenario {
  readonly name: string;
  /** For the workload cluster; everything fits on one Node. */
  readonly objects: readonly KubernetesObject[];
  /** For the management cluster. */
  readonly rules?: readonly MachineDrainRule[];
  readonly machine?: Pick<MachineSpec, "staticPods" | "podCapacity">;
  /** The machine vanishes right after the evictions. */
  readonly isCutShort?: boolean;
  /** By the beginning of the pod's name. */
  readonly fates: Readonly<Record<string, PodFate>>;
}

const leaves: PodFate = { eviction: "granted", after: "gone" };
const returns: PodFate = { eviction: "granted", after: "back" };
const remains: PodFate = { eviction: "granted", after: "there" };
const isRefused: PodFate = { eviction: "too-many-requests", after: "there" };
const unready = { annotations: { [BECOMES_READY]: "false" } };
const labelled = (role: string) => ({ labels: { role } });

const drainRule = (role: string, behavior: string, order?: number): MachineDrainRule => ({
  apiVersion: machineDrainRules.apiVersion,
  kind: machineDrainRules.kind,
  metadata: { name: role, namespace: "default" },
  spec: {
    drain: { behavior, ...(order !== undefined && { order }) },
    pods: [{ selector: { matchLabels: { role } } }],
  },
});

export const drainScenarios: readonly DrainScenario[] = [
  { name: "a DaemonSet's pod comes back", objects: [daemonSet("agent")], fates: { "agent-": returns } },
  { name: "a mirror pod comes back", objects: [], machine: { staticPods: ["proxy"] }, fates: { "proxy-": returns } },
  { name: "a bare pod leaves for good", objects: [barePod("lone")], fates: { lone: leaves } },
  {
    name: "an emptyDir does not keep its pod",
    objects: [barePod("cache", { spec: { volumes: [{ name: "scratch", emptyDir: {} }] } })],
    fates: { cache: leaves },
  },
  {
    name: "a budget that never allows anything keeps its pods",
    objects: [deployment("web", 2), disruptionBudget("web", { maxUnavailable: 0 })],
    fates: { "web-": isRefused },
  },
  {
    name: "two budgets on one pod cannot be asked",
    objects: [
      barePod("web"),
      disruptionBudget("web", { minAvailable: 0 }),
      disruptionBudget("web", { minAvailable: 0 }, { name: "again" }),
    ],
    fates: { web: { eviction: "server", after: "there" } },
  },
  {
    name: "an unready pod counts against a budget that is not met",
    objects: [barePod("web", unready), disruptionBudget("web", { minAvailable: 1 })],
    fates: { web: isRefused },
  },
  {
    name: "an unready pod may always leave when its budget says so",
    objects: [
      barePod("web", unready),
      disruptionBudget("web", { minAvailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow" }),
    ],
    fates: { web: leaves },
  },
  {
    name: "a finalizer keeps the object of a pod that has ended",
    objects: [barePod("held", { finalizers: ["example.com/wait"] })],
    fates: { held: remains },
  },
  {
    name: "a pod with an hour of grace takes its time",
    objects: [barePod("slow", { graceSeconds: 3600, annotations: { [SHUTDOWN_SECONDS]: "1800" } })],
    fates: { slow: remains },
  },
  {
    name: "a pod that terminates on a machine that vanishes stays terminating",
    objects: [barePod("slow", { annotations: { [SHUTDOWN_SECONDS]: "20" } })],
    isCutShort: true,
    fates: { slow: remains },
  },
  {
    name: "drain rules skip one pod, wait for another, and order the rest",
    objects: [
      barePod("skipped", labelled("skipped")),
      barePod("batch", { ...labelled("batch"), annotations: { [COMPLETES_SECONDS]: "120" } }),
      barePod("first", labelled("first")),
      barePod("last", labelled("last")),
    ],
    rules: [
      drainRule("skipped", "Skip"),
      drainRule("batch", "WaitCompleted"),
      drainRule("first", "Drain", -1),
      drainRule("last", "Drain", 10),
    ],
    fates: { skipped: leaves, batch: leaves, first: leaves, last: leaves },
  },
  {
    name: "five hundred pods stand on one Node",
    objects: [deployment("many", 500)],
    machine: { podCapacity: 600 },
    fates: { "many-": leaves },
  },
];
