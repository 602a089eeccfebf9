/** The filters, row by row, in upstream's order. */
import { deepStrictEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { matchesSelector } from "../../../lib/kubernetes/label-selector.ts";
import { type FilterContext, judgePod } from "../../../lib/reconcile/decide/pod-filters.ts";
import { aPod, aRule, type PodWishes } from "../../support/builders.ts";
import { at, seconds } from "../support/views.ts";

const DRAIN = "cluster.x-k8s.io/drain";
const MIRROR = { "kubernetes.io/config.mirror": "x" };
const plain: FilterContext = { nowSeconds: seconds(60), rules: [], matches: matchesSelector };
const asks = (behavior: string, order?: number) => ({
  ...plain,
  rules: [aRule("r", { behavior, ...(order !== undefined && { order }) })],
});
const local = [{ name: "scratch", emptyDir: {} }];
const labelled = (value: string): PodWishes => ({ labels: { [DRAIN]: value } });
const LOST = "its local storage is lost";
const NAKED = "no controller will replace it";

interface Row {
  readonly name: string;
  readonly pod?: PodWishes;
  readonly context?: FilterContext;
  /** "Behavior order because" and the warnings. */
  readonly want: readonly [string, ...string[]];
}
const cases: Row[] = [
  { name: "an ordinary pod is drained in order 0", want: ["Drain 0 Default"] },
  {
    name: "a pod stuck terminating beyond the limit is skipped",
    pod: { deletionTimestamp: at(0) },
    context: { ...plain, skipTerminatingAfterSeconds: 10 },
    want: ["Skip 0 StuckTerminating"],
  },
  {
    name: "a pod that has just begun to terminate is waited for",
    pod: { deletionTimestamp: at(60) },
    context: { ...plain, skipTerminatingAfterSeconds: 10 },
    want: ["Drain 0 Default"],
  },
  {
    name: "the limit counts whole seconds and must be exceeded",
    pod: { deletionTimestamp: at(50) },
    context: { ...plain, nowSeconds: seconds(60.9), skipTerminatingAfterSeconds: 10 },
    want: ["Drain 0 Default"],
  },
  {
    name: "a limit of 0 skips no terminating pod",
    pod: { deletionTimestamp: at(-9000) },
    context: { ...plain, skipTerminatingAfterSeconds: 0 },
    want: ["Drain 0 Default"],
  },
  { name: "a DaemonSet pod is skipped", pod: { controller: "DaemonSet/agent" }, want: ["Skip 0 DaemonSet"] },
  {
    name: "a DaemonSet pod whose DaemonSet exists is skipped",
    pod: { controller: "DaemonSet/agent" },
    context: { ...plain, daemonSets: new Set(["default/agent"]) },
    want: ["Skip 0 DaemonSet"],
  },
  {
    name: "an orphaned DaemonSet pod is drained with a warning",
    pod: { controller: "DaemonSet/agent" },
    context: { ...plain, daemonSets: new Set(["other/agent"]) },
    want: ["Drain 0 Default", "its DaemonSet default/agent does not exist"],
  },
  {
    name: "a finished DaemonSet pod is drained",
    pod: { controller: "DaemonSet/agent", phase: "Succeeded" },
    want: ["Drain 0 Default"],
  },
  { name: "a pod of another controller is drained", pod: { controller: "StatefulSet/db" }, want: ["Drain 0 Default"] },
  { name: "the mirror of a static pod is skipped", pod: { annotations: MIRROR }, want: ["Skip 0 StaticPod"] },
  {
    name: "a pod with local storage is drained with a warning",
    pod: { volumes: local },
    want: ["Drain 0 Default", LOST],
  },
  {
    name: "a finished pod's local storage is no loss",
    pod: { volumes: local, phase: "Failed" },
    want: ["Drain 0 Default"],
  },
  {
    name: "a pod without controller is drained with a warning",
    pod: { controller: "" },
    want: ["Drain 0 Default", NAKED],
  },
  {
    name: "a finished pod without controller warns of nothing",
    pod: { controller: "", phase: "Succeeded" },
    want: ["Drain 0 Default"],
  },
  {
    name: "several warnings are kept in order",
    pod: { controller: "", volumes: local },
    want: ["Drain 0 Default", LOST, NAKED],
  },
  ...["skip", "Skip", "SKIP"].map((value) => ({
    name: `the label ${value} skips`,
    pod: labelled(value),
    want: ["Skip 0 DrainLabel"] as const,
  })),
  ...["wait-completed", "Wait-Completed", "WaitCompleted", "WAITCOMPLETED"].map((value) => ({
    name: `the label ${value} waits for completion`,
    pod: labelled(value),
    want: ["WaitCompleted 0 DrainLabel"] as const,
  })),
  { name: "an unknown label value is ignored", pod: labelled("later"), want: ["Drain 0 Default"] },
  { name: "the label beats the rules", pod: labelled("skip"), context: asks("Drain", 7), want: ["Skip 0 DrainLabel"] },
  { name: "a rule gives the order", context: asks("Drain", -7), want: ["Drain -7 MachineDrainRule r"] },
  { name: "a rule without an order gives order 0", context: asks("Drain"), want: ["Drain 0 MachineDrainRule r"] },
  { name: "a rule skips", context: asks("Skip"), want: ["Skip 0 MachineDrainRule r"] },
  {
    name: "a rule waits for completion, in order 0",
    context: asks("WaitCompleted"),
    want: ["WaitCompleted 0 MachineDrainRule r"],
  },
  {
    name: "no matching rule leaves order 0",
    context: {
      ...plain,
      rules: [aRule("r", { behavior: "Skip" }, { pods: [{ selector: { matchLabels: { a: "b" } } }] })],
    },
    want: ["Drain 0 Default"],
  },
  {
    name: "a pod that tolerates everything would come straight back: it stays",
    pod: { tolerations: [{ operator: "Exists" }] },
    want: ["Skip 0 ToleratesTermination"],
  },
  {
    name: "a pod that tolerates our taint by name stays",
    pod: { tolerations: [{ key: "lifecycle.cluster.x-k8s.io/terminating", operator: "Exists", effect: "NoSchedule" }] },
    want: ["Skip 0 ToleratesTermination"],
  },
  {
    name: "a pod that tolerates our taint by value stays",
    pod: { tolerations: [{ key: "lifecycle.cluster.x-k8s.io/terminating", value: "cordoned" }] },
    want: ["Skip 0 ToleratesTermination"],
  },
  {
    name: "a pod that tolerates only an unschedulable Node is drained",
    pod: { tolerations: [{ key: "node.kubernetes.io/unschedulable", operator: "Exists" }] },
    want: ["Drain 0 Default"],
  },
  {
    name: "a pod that tolerates everything, but for NoExecute only, is drained",
    pod: { tolerations: [{ operator: "Exists", effect: "NoExecute" }] },
    want: ["Drain 0 Default"],
  },
  {
    name: "a rule that names a tolerating pod makes it leave",
    pod: { tolerations: [{ operator: "Exists" }] },
    context: asks("Drain", 3),
    want: ["Drain 3 MachineDrainRule r"],
  },
];
for (const { name, pod = {}, context = plain, want } of cases) {
  test(name, () => {
    const { behavior, order, because, warnings } = judgePod(aPod(pod), context);
    deepStrictEqual([`${behavior} ${order} ${because}`, ...warnings], want);
  });
}

test("a pod whose Namespace does not exist stops the drain when a rule asks for it", () => {
  const rules = [aRule("r", { behavior: "Skip" }, { pods: [{ namespaceSelector: { matchLabels: { a: "b" } } }] })];
  throws(() => judgePod(aPod(), { ...plain, rules, namespaces: new Map() }), /Pod Namespace does not exist/);
});
