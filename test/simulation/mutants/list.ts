/** Bugs planted on purpose: small changes to the text of a source while it is loaded, each of which breaks a promise. */

import { AZURE_MUTANTS } from "./azure-list.ts";
import { POOL_MUTANTS } from "./pool-list.ts";
import { RICH_MUTANTS } from "./rich-list.ts";

export interface Mutant {
  /** What the code then does wrong. */
  readonly name: string;
  /** The first seed, where it is rare that what it takes comes together; default 1. The table says so. */
  readonly from?: number;
  /** From the root of the repository. */
  readonly file: string;
  /** Each text must stand in the file exactly once. */
  readonly changes: readonly (readonly [from: string, to: string])[];
}

const decide = (file: string) => `lib/reconcile/decide/${file}.ts`;

const DRAIN_MUTANTS: readonly Mutant[] = [
  {
    name: "an instance is released before its Node is drained",
    file: decide("drain-action"),
    changes: [["return groups.leaving.length > 0 ? leavingAction(view, groups) : undefined;", "return undefined;"]],
  },
  {
    name: "an eviction carries no uid",
    file: "lib/kubernetes/eviction.ts",
    changes: [["preconditions: { uid: pod.uid }, ", ""]],
  },
  {
    name: "a release is repeated without looking whether it is still needed",
    file: decide("released-action"),
    changes: [['hold && (instance?.state === "held" || mayBeHeld(view))', "hold"]],
  },
  {
    name: "a status is written from a stale view",
    file: "lib/kubernetes/merge-status.ts",
    changes: [["body: { metadata: { resourceVersion }, status }", "body: { status }"]],
  },
  {
    name: "the sweep does nothing",
    file: "lib/reconcile/sweep-step.ts",
    changes: [
      [
        "for await (const page of world.clusters.management.list<InstanceTermination>(instanceTerminations)) {",
        "for (const page of [] as InstanceTermination[][]) {",
      ],
    ],
  },
  {
    name: "the sweep does not look for instances that wait",
    file: "lib/reconcile/sweep-step.ts",
    changes: [["if (!provider.findHeld) return;", "if (provider.findHeld) return;"]],
  },
  {
    name: "heartbeats are forgotten",
    file: "lib/reconcile/act/keep-hold.ts",
    changes: [["!heartbeatIsDue(view)", "heartbeatIsDue(view)"]],
  },
  {
    name: "heartbeats go on past the hold's maximum",
    // A hold of 30 s must be kept for all of its 50 minutes: about one seed in a thousand.
    from: 2000,
    file: decide("heartbeat"),
    changes: [
      ["if (hold.maximumSeconds !== undefined && notice + hold.maximumSeconds <= end) return undefined;", ""],
      [
        "return deadline !== undefined && deadline + LATE_SECONDS <= end && !staysHeld ? undefined : due;",
        "return deadline && staysHeld && LATE_SECONDS ? due : due;",
      ],
    ],
  },
  {
    name: "a later event loosens the deadline",
    file: decide("notice-action"),
    changes: [["earlier(spec.deadlineTime, notice.deadlineTime)", "(notice.deadlineTime ?? spec.deadlineTime)"]],
  },
  {
    name: "pods are deleted long before the deadline",
    file: decide("leaving-action"),
    changes: [["nowSeconds >= atSeconds - pod.graceSeconds", "nowSeconds >= atSeconds - 20 * pod.graceSeconds"]],
  },
  {
    name: "a person's cordon is taken back with ours",
    file: decide("cordon"),
    changes: [["...(taint.value === CORDONED && { unschedulable: false }),", "unschedulable: false,"]],
  },
  {
    name: "somebody else's taints are dropped",
    file: decide("cordon"),
    changes: [["taints: [...othersTaints(node), {", "taints: [{"]],
  },
  {
    name: "pods of DaemonSets are evicted",
    file: decide("pod-filters"),
    changes: [["  longTerminating,\n  daemonSet,\n", "  longTerminating,\n"]],
  },
  {
    name: "the order of tiers is ignored",
    file: decide("pod-groups"),
    changes: [
      [
        "a.verdict.order - b.verdict.order || Number(a.critical) - Number(b.critical)",
        "0 * (a.graceSeconds + b.graceSeconds)",
      ],
    ],
  },
  {
    name: "a pod that may not be disrupted is evicted",
    file: decide("pod-groups"),
    changes: [
      [
        'verdict.behavior === "WaitCompleted" || heldBy !== undefined',
        'verdict.behavior === "WaitCompleted" && heldBy !== undefined',
      ],
    ],
  },
  {
    name: "a refusal by a budget is taken for a pod that is gone",
    file: "lib/kubernetes/eviction.ts",
    changes: [
      [
        'return { outcome: hasCause("DisruptionBudget") ? "blocked" : "overloaded", message, ...later };',
        'return { outcome: "gone" };',
      ],
    ],
  },
  {
    name: "a Node is known by its name only",
    file: "lib/reconcile/observe/node-sight.ts",
    changes: [
      [
        "return node && (node.metadata.uid === known.uid || node.spec?.providerID === termination.spec.providerID)",
        "return node && known.uid !== termination.spec.providerID",
      ],
    ],
  },
  {
    name: "a Node is deleted by its name only",
    file: "lib/reconcile/act/delete-node.ts",
    changes: [["{ name }, { uid }", "{ name }, uid ? {} : {}"]],
  },
  {
    name: "refused pods are asked again at every look",
    file: decide("leaving-action"),
    changes: [
      [
        "return after === undefined || nowSeconds >= secondsOf(after);",
        "return after === undefined || nowSeconds >= 0;",
      ],
    ],
  },
  {
    name: "only the first hook is completed",
    file: "lib/providers/aws/auto-scaling-hold.ts",
    changes: [["Promise.allSettled(hooks.map(each))", "Promise.allSettled(hooks.slice(0, 1).map(each))"]],
  },
  {
    name: "a paused drain goes on",
    file: decide("drain-action"),
    changes: [["view.paused === undefined ? undefined", "view.paused !== undefined ? undefined"]],
  },
  {
    name: "an instance of somebody else's group is recorded",
    file: "lib/reconcile/observe/find-pool.ts",
    changes: [
      [
        'return pools.filter(({ metadata }) => clusters.includes(metadata.labels?.[CLUSTER_NAME_LABEL] ?? ""));',
        "return clusters.length >= 0 && CLUSTER_NAME_LABEL ? pools : [];",
      ],
    ],
  },
  {
    name: "the finalizer is never taken off",
    file: "lib/reconcile/act/let-go.ts",
    changes: [
      ["(finalizer) => finalizer !== DRAIN_FINALIZER", '(finalizer) => finalizer !== "" && DRAIN_FINALIZER !== ""'],
    ],
  },
  {
    name: "a cancelled drain leaves its cordon behind",
    file: decide("drain-action"),
    changes: [["uncordon: !isOver && isTainted(view.node) && !view.spec.dryRun,", "uncordon: false,"]],
  },
  {
    name: "the Node of a living instance is deleted",
    file: decide("drain-action"),
    changes: [
      [
        'if (instance?.state !== "gone") return undefined;',
        'if (instance?.state !== "gone" && instance?.state !== "running") return undefined;',
      ],
    ],
  },
  {
    name: "nobody looks again after a pass",
    file: decide("next-look"),
    changes: [
      [
        "{ nextLookTime: timeOf(nowSeconds + wanted), againSeconds: wanted }",
        "{ nextLookTime: timeOf(nowSeconds + 900) }",
      ],
    ],
  },
  {
    name: "an instance whose Node may still come is released at once",
    file: decide("drain-action"),
    changes: [
      [
        "nowSeconds >= secondsOf(spec.noticeTime) + nodePatienceSeconds(spec, settings)",
        "nowSeconds >= secondsOf(spec.noticeTime) - nodePatienceSeconds(spec, settings)",
      ],
    ],
  },
];

export const MUTANTS: readonly Mutant[] = [...DRAIN_MUTANTS, ...POOL_MUTANTS, ...RICH_MUTANTS, ...AZURE_MUTANTS];
