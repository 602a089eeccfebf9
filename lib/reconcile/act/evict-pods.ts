/** One batch out of a Node: evictions, and deletions where time is short, each bound to the pod's uid. */
import { pods } from "../../api/kubernetes/pod.ts";
import type { KubernetesClient } from "../../kubernetes/client.ts";
import { KubernetesError } from "../../kubernetes/errors.ts";
import { type EvictionOutcome, evict } from "../../kubernetes/eviction.ts";
import type { PodAnswer, PodRef } from "../decide/action.ts";

export interface Batch {
  readonly evict: readonly PodRef[];
  readonly remove: readonly PodRef[];
  /** Of one eviction. */
  readonly limitSeconds?: number;
}

/** Our word for each answer of the eviction API that is a no. */
const REFUSALS: Record<Exclude<EvictionOutcome["outcome"], "accepted" | "gone">, string> = {
  blocked: "DisruptionBudget",
  overloaded: "ApiServerOverloaded",
  "multiple-budgets": "MultiplePodDisruptionBudgets",
  "namespace-terminating": "NamespaceTerminating",
  forbidden: "Forbidden",
  failed: "EvictionFailed",
};
/** Fixed by upstream, so that tools find it (cluster-api core/reconcilers/machine/drain/drain.go). */
const NAMESPACE_TERMINATING =
  "Cannot evict pod from terminating namespace: unable to create eviction (kube-controller-manager should set deletionTimestamp)";
/** A server that has too much to do, or does not answer, is not asked for the rest of the batch. */
const ENDS_THE_BATCH: readonly string[] = ["ApiServerOverloaded"];

type Ask = () => Promise<PodAnswer>;

/**
 * @param parallelism requests at the same time
 * @returns           an answer per pod that was asked; fewer than the batch when the server had too much to do
 * @throws            nothing that the API server said
 */
export async function evictPods(
  workload: KubernetesClient,
  batch: Batch,
  parallelism: number,
): Promise<readonly PodAnswer[]> {
  const asks: Ask[] = [
    ...batch.remove.map((pod) => () => remove(workload, pod)),
    ...batch.evict.map((pod) => () => evictOne(workload, pod, batch)),
  ];
  const answers: PodAnswer[] = [];
  const lane = async (): Promise<void> => {
    for (let ask = asks.shift(); ask; ask = asks.shift()) {
      const answer = await ask();
      answers.push(answer);
      const failures = answers.filter(({ reason }) => reason === "EvictionFailed").length;
      const isDown = failures >= 2 * parallelism && failures === answers.length;
      if (isDown || ENDS_THE_BATCH.includes(answer.reason ?? "")) asks.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallelism) }, lane));
  return answers.sort((a, b) => (a.pod < b.pod ? -1 : 1));
}

function placeOf({ pod }: PodRef): { readonly namespace: string; readonly name: string } {
  const slash = pod.indexOf("/");
  return { namespace: pod.slice(0, slash), name: pod.slice(slash + 1) };
}

async function evictOne(workload: KubernetesClient, ref: PodRef, { limitSeconds }: Batch): Promise<PodAnswer> {
  const { pod, uid, shortened, graceSeconds } = ref;
  const options = {
    ...(shortened && { gracePeriodSeconds: graceSeconds }),
    ...(limitSeconds !== undefined && { limitSeconds }),
  };
  const said = await evict(workload, { ...placeOf(ref), uid }, options);
  if (said.outcome === "accepted" || said.outcome === "gone") return { pod, uid, answer: said.outcome };
  const message = said.outcome === "namespace-terminating" ? NAMESPACE_TERMINATING : said.message;
  const later = "retryAfterSeconds" in said ? said.retryAfterSeconds : undefined;
  return {
    pod,
    uid,
    answer: "refused",
    reason: REFUSALS[said.outcome],
    message,
    ...(later !== undefined && { retryAfterSeconds: later }),
  };
}

async function remove(workload: KubernetesClient, ref: PodRef): Promise<PodAnswer> {
  const { pod, uid, graceSeconds } = ref;
  try {
    await workload.delete(pods, placeOf(ref), { uid, gracePeriodSeconds: graceSeconds });
    return { pod, uid, answer: "accepted" };
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    // A conflict says that another pod has taken the name.
    if (error.kind === "not-found" || error.kind === "conflict") return { pod, uid, answer: "gone" };
    const reason = error.kind === "forbidden" ? "Forbidden" : "DeletionFailed";
    const later = error.retryAfterSeconds;
    const retry = later === undefined ? {} : { retryAfterSeconds: later };
    return { pod, uid, answer: "refused", reason, message: error.message, ...retry };
  }
}
