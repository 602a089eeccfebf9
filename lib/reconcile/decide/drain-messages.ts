/** What people read of a drain: which pods hold it up and why, grouped and sorted, without the present time. */
import type { WaitingFor } from "../../api/lifecycle/instance-termination.ts";
import type { PodAnswer } from "./action.ts";
import type { DrainView, PodView } from "./drain-view.ts";
import { groupPods } from "./pod-groups.ts";

const NAMES_PER_LINE = 3;
const REFUSALS_SHOWN = 5;
const WAITING_FOR_SHOWN = 10;

/** Reasons that say a pod is on its way or waits for its turn; all others say that somebody refused. */
const QUIET_REASONS: readonly string[] = [
  "Terminating",
  "WaitingForCompletion",
  "HeldByAnnotation",
  "LaterTier",
  "Next",
];

/** Texts that tools look for in a Machine's Deleting condition (cluster-api core/reconcilers/machine/drain/drain.go). */
const TERMINATING = "deletionTimestamp set, but still not removed from the Node";
const COMPLETION = "waiting for completion";

/** "ns/a, ns/b, ns/c, ... (2 more)" */
export function someOf(names: readonly string[]): string {
  const more = names.length - NAMES_PER_LINE;
  const shown = names.slice(0, NAMES_PER_LINE).join(", ");
  return more > 0 ? `${shown}, ... (${more} more)` : shown;
}

/**
 * Every pod that must leave, sorted by pod, with the reason it is still there.
 * A pod that was not asked in this pass keeps what was said of it before: only the server could say anything new.
 */
export function waitingFor(view: DrainView, answers: readonly PodAnswer[]): readonly WaitingFor[] {
  const groups = groupPods(view.pods ?? []);
  const answered = new Map(answers.map((answer) => [answer.uid, answer]));
  const before = new Map(view.status.waitingFor?.map((entry) => [entry.pod, entry]));
  const later = new Set(groups.later);
  return groups.leaving.flatMap((pod) => {
    const answer = answered.get(pod.uid);
    if (answer?.answer === "gone") return [];
    return [{ pod: pod.pod, ...reasonOf(pod, answer, { isLater: later.has(pod), before: before.get(pod.pod) }) }];
  });
}

interface Standing {
  readonly isLater: boolean;
  readonly before: WaitingFor | undefined;
}

function reasonOf(pod: PodView, answer: PodAnswer | undefined, { isLater, before }: Standing): Omit<WaitingFor, "pod"> {
  if (answer?.answer === "accepted") return { reason: "Terminating", message: TERMINATING };
  if (answer?.answer === "refused")
    return { reason: answer.reason ?? "EvictionFailed", message: answer.message ?? "refused without a reason" };
  if (pod.deletionSeconds !== undefined) return { reason: "Terminating", message: TERMINATING };
  if (isLater) return { reason: "LaterTier", message: "leaves after the pods before it" };
  if (pod.verdict.behavior === "WaitCompleted")
    return { reason: "WaitingForCompletion", message: `${COMPLETION} (${pod.verdict.because})` };
  if (pod.heldBy) return { reason: "HeldByAnnotation", message: `stays until the deadline because of ${pod.heldBy}` };
  if (before && !QUIET_REASONS.includes(before.reason)) return { reason: before.reason, message: before.message };
  return { reason: "Next", message: "is evicted next" };
}

export const isRefusal = ({ reason }: WaitingFor): boolean => !QUIET_REASONS.includes(reason);

/** The first few, refused ones before others, sorted by pod. */
export function shownOf(waiting: readonly WaitingFor[]): readonly WaitingFor[] {
  const refused = waiting.filter(isRefusal);
  const others = waiting.filter((entry) => !isRefusal(entry));
  const shown = new Set([...refused, ...others].slice(0, WAITING_FOR_SHOWN));
  return waiting.filter((entry) => shown.has(entry));
}

/** One line per kind of obstacle, in the order in which they are cleared; empty when nothing is left. */
export function drainMessage(waiting: readonly WaitingFor[]): string {
  const of = (reason: string) => waiting.filter((entry) => entry.reason === reason).map(({ pod }) => pod);
  const line = (pods: readonly string[], text: string) =>
    pods.length > 0 ? [`* Pod(s) ${someOf(pods)}: ${text}`] : [];
  const after = "After above Pods have been removed from the Node, the following Pods will be evicted";
  const later = of("LaterTier");
  return [
    ...line(of("Terminating"), TERMINATING),
    ...refusalLines(waiting.filter(isRefusal)),
    ...line(of("Next"), "to be evicted"),
    ...line(of("WaitingForCompletion"), COMPLETION),
    ...line(of("HeldByAnnotation"), "held by an annotation until the deadline"),
    ...(later.length > 0 ? [`${after}: ${someOf(later)}`] : []),
  ].join("\n");
}

function refusalLines(refused: readonly WaitingFor[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { pod, reason, message } of refused) {
    const text = said(reason, message);
    groups.set(text, [...(groups.get(text) ?? []), pod]);
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.slice(0, REFUSALS_SHOWN).map(([text, pods]) => `* Pod(s) ${someOf(pods)}: ${text}`);
  const rest = sorted.slice(REFUSALS_SHOWN).flatMap(([, pods]) => pods).length;
  return rest > 0 ? [...shown, `* ${rest} ${rest === 1 ? "Pod" : "Pods"} with other issues`] : shown;
}

const said = (reason: string, message: string): string =>
  reason === "DisruptionBudget"
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : `failed to evict Pod, ${message}`;
