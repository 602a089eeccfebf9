/** One pod as a drain sees it: the filters' verdict and what decides about its turn and its time. */

import { type Pod, SYSTEM_CRITICAL_PRIORITY_CLASSES } from "../../api/kubernetes/pod.ts";
import type { Cause } from "../../api/lifecycle/instance-termination.ts";
import type { PodView } from "./drain-view.ts";
import { type FilterContext, isFinished, judgePod, podName } from "./pod-filters.ts";
import { secondsOf } from "./time.ts";

/** Not to be disturbed before the deadline (Karpenter's annotation, which workloads carry anyway). */
const DO_NOT_DISRUPT_ANNOTATION = "karpenter.sh/do-not-disrupt";
/** Not to be moved while moving is voluntary (cluster-autoscaler's annotation). */
const SAFE_TO_EVICT_ANNOTATION = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const DEFAULT_GRACE_SECONDS = 30;
/** Nobody answers for a longer grace on a Node that does not report (cluster-api machine_controller.go drainNode). */
const UNREACHABLE_GRACE_SECONDS = 1;

const FORCED_CAUSES: readonly Cause[] = ["TerminationHook", "SpotInterruption", "Preemption"];

/** Whether the instance leaves whatever we do; otherwise a person may still stop the drain. */
export const isForced = ({ cause, hold }: { readonly cause: Cause; readonly hold?: object | undefined }): boolean =>
  hold !== undefined || FORCED_CAUSES.includes(cause);

export interface PodCircumstances {
  readonly filters: FilterContext;
  readonly forced: boolean;
  readonly nodeReady: "True" | "False" | "Unknown";
}

/** @throws DrainRuleError */
export function podView(pod: Pod, { filters, forced, nodeReady }: PodCircumstances): PodView {
  const { metadata, spec } = pod;
  const heldBy = holderOf(pod, forced);
  const ownGrace = spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return {
    pod: podName(pod),
    uid: metadata.uid ?? "",
    verdict: judgePod(pod, filters),
    graceSeconds: nodeReady === "Unknown" ? Math.min(ownGrace, UNREACHABLE_GRACE_SECONDS) : ownGrace,
    ...(metadata.deletionTimestamp !== undefined && { deletionSeconds: secondsOf(metadata.deletionTimestamp) }),
    finished: isFinished(pod),
    critical: SYSTEM_CRITICAL_PRIORITY_CLASSES.includes(spec?.priorityClassName ?? ""),
    ...(heldBy !== undefined && { heldBy }),
    claims: claimsOf(pod),
  };
}

function holderOf({ metadata }: Pod, forced: boolean): string | undefined {
  if (metadata.annotations?.[DO_NOT_DISRUPT_ANNOTATION] === "true") return DO_NOT_DISRUPT_ANNOTATION;
  const mayNotMove = metadata.annotations?.[SAFE_TO_EVICT_ANNOTATION] === "false";
  return mayNotMove && !forced ? SAFE_TO_EVICT_ANNOTATION : undefined;
}

/** An ephemeral volume's claim is named after its pod (kubernetes pkg/volume, generic ephemeral volumes). */
function claimsOf({ metadata, spec }: Pod): readonly string[] {
  const names = (spec?.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [`${metadata.name}-${name}`] : [];
  });
  return names.map((name) => `${metadata.namespace ?? ""}/${name}`);
}
