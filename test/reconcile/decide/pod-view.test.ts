/** What decides about a pod's turn and its time. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { matchesSelector } from "../../../lib/kubernetes/label-selector.ts";
import type { PodView } from "../../../lib/reconcile/decide/drain-view.ts";
import { isForced, podView } from "../../../lib/reconcile/decide/pod-view.ts";
import { aPod, type PodWishes } from "../../support/builders.ts";
import { HOLD_SPEC, seconds } from "../support/views.ts";

const filters = { nowSeconds: seconds(60), rules: [], matches: matchesSelector };
const view = (pod: PodWishes, { forced = true, nodeReady = "True" as "True" | "Unknown" } = {}) =>
  podView(aPod(pod), { filters, forced, nodeReady });
const NOT_SAFE = { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" };
const UNDISTURBED = { "karpenter.sh/do-not-disrupt": "true" };

const cases: { name: string; seen: PodView; want: Partial<PodView> }[] = [
  { name: "a pod keeps its own grace", seen: view({ graceSeconds: 600 }), want: { graceSeconds: 600 } },
  {
    name: "a Node that does not answer leaves 1 s of grace",
    seen: view({ graceSeconds: 600 }, { nodeReady: "Unknown" }),
    want: { graceSeconds: 1 },
  },
  {
    name: "a grace is never lengthened",
    seen: view({ graceSeconds: 0 }, { nodeReady: "Unknown" }),
    want: { graceSeconds: 0 },
  },
  {
    name: "system-cluster-critical is critical",
    seen: view({ priorityClassName: "system-cluster-critical" }),
    want: { critical: true },
  },
  {
    name: "system-node-critical is critical",
    seen: view({ priorityClassName: "system-node-critical" }),
    want: { critical: true },
  },
  { name: "any other priority class is not", seen: view({ priorityClassName: "high" }), want: { critical: false } },
  { name: "Succeeded is finished", seen: view({ phase: "Succeeded" }), want: { finished: true } },
  { name: "Failed is finished", seen: view({ phase: "Failed" }), want: { finished: true } },
  {
    name: "not safe to evict holds a voluntary drain up",
    seen: view({ annotations: NOT_SAFE }, { forced: false }),
    want: { heldBy: "cluster-autoscaler.kubernetes.io/safe-to-evict" },
  },
  {
    name: "not safe to evict holds no forced drain up",
    seen: view({ annotations: NOT_SAFE }),
    want: { heldBy: undefined } as never,
  },
  {
    name: "do-not-disrupt holds every drain up until its deadline",
    seen: view({ annotations: UNDISTURBED }),
    want: { heldBy: "karpenter.sh/do-not-disrupt" },
  },
  {
    name: "claims are named by their namespace, ephemeral ones after their pod",
    seen: view({
      volumes: [
        { name: "a", persistentVolumeClaim: { claimName: "data" } },
        { name: "b", ephemeral: {} },
        { name: "c" },
      ],
    }),
    want: { claims: ["default/data", "default/web-1-b"] },
  },
];
for (const { name, seen, want } of cases) {
  test(name, () => {
    const keys = Object.keys(want) as (keyof PodView)[];
    deepStrictEqual(Object.fromEntries(keys.map((key) => [key, seen[key]])), want);
  });
}

test("a hook, a Spot interruption and a preemption are forced; a hold makes every cause so", () => {
  const forced = (
    ["ScaleIn", "TerminationHook", "SpotInterruption", "Preemption", "ScheduledMaintenance"] as const
  ).filter((cause) => isForced({ cause }));
  deepStrictEqual(forced, ["TerminationHook", "SpotInterruption", "Preemption"]);
  deepStrictEqual(isForced({ cause: "ScheduledMaintenance", hold: HOLD_SPEC }), true);
});
