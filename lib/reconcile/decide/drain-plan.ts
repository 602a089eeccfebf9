/** dryRun: what a real drain would do, one sentence each. */

import { cloudDeadline, drainTimeoutSeconds } from "./deadline.ts";
import { someOf } from "./drain-messages.ts";
import type { DrainView, PodView } from "./drain-view.ts";
import { groupPods, mustLeave } from "./pod-groups.ts";
import { isOwnRemoval } from "./removal.ts";
import { timeOf } from "./time.ts";

const names = (pods: readonly PodView[]): string => someOf(pods.map(({ pod }) => pod).sort());

function podSentences(pods: readonly PodView[]): readonly string[] {
  const { leaving, waited } = groupPods(pods);
  const evicted = leaving.filter((pod) => !waited.includes(pod) && pod.verdict.behavior === "Drain");
  const tiers = Map.groupBy(
    evicted,
    ({ verdict, critical }) => `${verdict.order}${critical ? ", system-critical" : ""}`,
  );
  const inOrder = [...tiers].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.length - b.length);
  const completed = leaving.filter(({ verdict }) => verdict.behavior === "WaitCompleted");
  const skipped = pods.filter((pod) => pod.verdict.behavior === "Skip");
  const warned = evicted.flatMap(({ pod, verdict }) =>
    verdict.warnings.map((warning) => `note that ${pod}: ${warning}`),
  );
  return [
    ...inOrder.map(([tier, members]) => `evict ${members.length} pods of order ${tier}: ${names(members)}`),
    ...(completed.length > 0 ? [`wait for the completion of ${names(completed)}`] : []),
    ...(skipped.length > 0 ? [`leave ${skipped.length} pods alone: ${names(skipped)}`] : []),
    ...warned.sort(),
  ];
}

function endSentence({ spec, hold }: DrainView): string {
  if (isOwnRemoval(spec)) return "ask the cloud to take the instance out";
  return hold ? `release ${hold.names.join(", ")}` : "tell the cloud nothing: it holds nothing";
}

/** Pure and stable: the same view gives the same sentences. */
export function drainPlan(view: DrainView): readonly string[] {
  const { node, pods, spec, excluded } = view;
  const end = [endSentence(view)];
  if (view.trouble) return [`look again: ${view.trouble.message}`];
  if (excluded) return [`not drain: ${excluded} asks so`, ...end];
  if (node.seen !== "found") return ["wait for the Node, which is not there", ...end];
  const cordon = `cordon Node ${node.node.name}`;
  if (spec.drain?.mode === "CordonOnly") return [cordon, "evict nothing and release nothing"];
  const deadline = cloudDeadline(view);
  const timeout = drainTimeoutSeconds(view);
  const claims = [...new Set((pods ?? []).filter(mustLeave).flatMap((pod) => pod.claims))].sort();
  return [
    cordon,
    ...podSentences(pods ?? []),
    ...(deadline ? [`stop waiting at ${timeOf(deadline.atSeconds)} (${deadline.because})`] : []),
    ...(timeout ? [`stop waiting ${timeout} s after the cordon (DrainTimeout)`] : []),
    ...(claims.length > 0 ? [`wait until the volumes of ${someOf(claims)} are detached`] : []),
    ...end,
  ];
}
