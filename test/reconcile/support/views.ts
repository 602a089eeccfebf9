/** Quiet views for tables: a hook holds the instance, its Node is cordoned and empty, and time enough has passed. */
import type { DrainView, NodeView, PodView } from "../../../lib/reconcile/decide/drain-view.ts";
import { timeOf } from "../../../lib/reconcile/decide/time.ts";
import { aTermination, NOTICE_SECONDS } from "../../support/builders.ts";

/** Seconds after the notice, as the API writes it. */
export const at = (seconds: number): string => timeOf(NOTICE_SECONDS + seconds);
/** The same, as decisions count it. */
export const seconds = (after: number): number => NOTICE_SECONDS + after;

export const HOLD_SPEC = { autoScaling: { groupName: "workers", hooks: [{ name: "drain", token: "t-1" }] } };

export const quietNode: NodeView = {
  name: "node-1",
  uid: "node-uid",
  ready: "True",
  unschedulable: true,
  taint: "cordoned",
  twins: [],
};

/** A minute after the notice; nothing is left to do but the release. */
export const quiet: DrainView = {
  nowSeconds: seconds(60),
  settings: { finishedTtlSeconds: 3600, safetyMarginSeconds: 10, nodeNotFoundSeconds: 900 },
  spec: { ...aTermination().spec, hold: HOLD_SPEC },
  status: {
    phase: "Draining",
    drainStartTime: at(1),
    nodeRef: { name: "node-1", uid: "node-uid" },
    cordonedByUs: true,
    observedGeneration: 1,
  },
  generation: 1,
  deleting: false,
  hold: {
    names: ["hook drain of workers"],
    heartbeatTimeoutSeconds: 300,
    maximumSeconds: 30_000,
    canHeartbeat: true,
  },
  node: { seen: "found", node: quietNode },
  pods: [],
  limits: {},
};

/** A view in which the Node differs. */
export const withNode = (node: Partial<NodeView>, view: DrainView = quiet): DrainView => ({
  ...view,
  node: { seen: "found", node: { ...quietNode, ...node } },
});

export const aPodView = (pod: string, more: Partial<PodView> = {}): PodView => ({
  pod: `default/${pod}`,
  uid: `uid-${pod}`,
  verdict: { behavior: "Drain", order: 0, because: "Default", warnings: [] },
  graceSeconds: 30,
  finished: false,
  critical: false,
  claims: [],
  ...more,
});

export const ordered = (order: number, behavior: "Drain" | "Skip" | "WaitCompleted" = "Drain") => ({
  verdict: { behavior, order, because: "MachineDrainRule r", warnings: [] },
});

/** A pass that could not look into the workload cluster. */
export function unreadPods(): DrainView {
  const { pods: _pods, ...rest } = quiet;
  const trouble = { reason: "ApiServerUnreachable", message: "m", againSeconds: 15 };
  return { ...rest, node: { seen: "unread" }, trouble };
}
