/** The earliest moment at which a drain may stop waiting, worked out from what the cloud and people did, not from what we recorded. */
import type { InstanceTermination } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Scene } from "../scene.ts";
import type { Hooks } from "./hooks.ts";
import type { Memory } from "./memory.ts";

/** Settings.safetyMarginSeconds of every run. */
export const MARGIN_SECONDS = 10;

/** Clocks may be wrong, the API writes whole seconds. */
export const toleranceMilliseconds = ({ plan }: Scene) => 2000 + 2000 * plan.skewSeconds;

export interface Leaver {
  readonly instanceId: string;
  readonly nodeUid: string | undefined;
  readonly record: InstanceTermination | undefined;
}

/** @returns milliseconds; Infinity: never */
export function earliestEnd(
  scene: Scene,
  { memory, hooks }: { readonly memory: Memory; readonly hooks: Hooks },
  leaver: Leaver,
): number {
  const { facts, plan } = scene;
  const margin = MARGIN_SECONDS * 1000;
  const taken = (facts.takenAt.get(leaver.instanceId) ?? []).map((at) => at - margin);
  const wished = (facts.wishedEnds.get(leaver.record?.metadata.uid ?? "") ?? []).map((at) => at - margin);
  const held = hooks.endsOf(leaver.instanceId).map((at) => at - margin);
  const start = memory.nodes.taintedAt.get(leaver.nodeUid ?? "");
  const timeouts = [plan.drainTimeoutSeconds, leaver.record?.spec.drain?.timeoutSeconds];
  const limits = timeouts.flatMap((seconds) => (seconds && start !== undefined ? [start + seconds * 1000] : []));
  return Math.min(Number.POSITIVE_INFINITY, ...taken, ...wished, ...held, ...limits);
}
