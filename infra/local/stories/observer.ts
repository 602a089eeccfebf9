/** Watches a local cloud from outside and says in the timeline what changes: instances, functions, drains, Nodes, pods. */
import { KubeConfig } from "@kubernetes/client-node";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import { type Informer, startInformer } from "../cluster/informer.ts";
import { isReady } from "../cluster/kinds.ts";
import type { Invocation } from "../host/lambda.ts";
import type { LocalBase } from "../local-cloud.ts";
import type { Timeline, Who } from "../timeline.ts";

/** undefined: no news. */
type StateOf = (object: KubernetesObject) => string | undefined;
const readiness = (object: Pod | Node) => isReady({ status: { conditions: object.status?.conditions ?? [] } });
/** Node names without their domain. */
const short = (name = "") => name.split(".")[0] ?? "";

const podState = (pod: Pod): string | undefined => {
  const { deletionTimestamp, deletionGracePeriodSeconds: grace = 0 } = pod.metadata;
  if (deletionTimestamp) return grace > 0 ? `is shutting down (grace ${grace} s)` : undefined;
  if (readiness(pod)) return `is Ready on ${short(pod.spec?.nodeName)}`;
  return pod.spec?.nodeName ? `starts on ${short(pod.spec.nodeName)}` : "waits for a Node";
};
const nodeState = (node: Node): string =>
  `${readiness(node) ? "Ready" : "not Ready"}${node.spec?.unschedulable ? ", cordoned" : ""}`;
const drainState = ({ metadata, status }: InstanceTermination): string => {
  const waiting = status?.waitingFor?.[0];
  const pods = status?.pods ? `, ${status.pods.remaining} of ${status.pods.total} pods remain` : "";
  const why = waiting ? `, waits for ${waiting.pod}: ${waiting.message}` : "";
  return `${metadata.deletionTimestamp ? "deleted, " : ""}${status?.phase ?? "recorded"}${pods}${why}`;
};

/** What an invocation says of itself: its last log line with a `did`, else its error, else its ending. */
const told = ({ logs, error, outcome }: Invocation): string => {
  const lines = logs.filter((line): line is Record<string, unknown> => typeof line === "object" && line !== null);
  const last = lines.findLast((line) => typeof line.did === "string" && line.level !== undefined);
  if (!last) return error ?? outcome;
  const again = typeof last.againSeconds === "number" ? `, again in ${last.againSeconds} s` : "";
  const counted = Object.entries({ ...(last.counted as object | undefined) }).map(
    ([name, count]) => `, ${name} ${String(count)}`,
  );
  return `${String(last.did)}${typeof last.because === "string" ? ` (${last.because})` : ""}${counted.join("")}${again}`;
};

export interface Watched {
  readonly items: <T extends KubernetesObject>(resource: Resource) => readonly T[];
  stop(): void;
}

/** Says each object's state when it differs from what was said before; objects that are there already are not news. */
function newsOf(say: (name: string, state: string) => void) {
  const known = new Map<string, { readonly name: string; readonly state: string }>();
  return (seen: readonly KubernetesObject[], stateOf: StateOf, silent: boolean) => {
    const present = new Set(seen.map(({ metadata }) => metadata.uid ?? ""));
    for (const object of seen) {
      const [uid, name, state] = [object.metadata.uid ?? "", short(object.metadata.name), stateOf(object)];
      if (state === undefined || known.get(uid)?.state === state) continue;
      known.set(uid, { name, state });
      if (!silent) say(name, state);
    }
    for (const [uid, { name }] of known) {
      if (present.has(uid)) continue;
      known.delete(uid);
      say(name, "is gone");
    }
  };
}

/** The story's own is said by `Infrastructure.say`. */
function sayFunctions({ host }: LocalBase, timeline: Timeline): void {
  host.onInvocation((invocation) => {
    if (invocation.calls === 0 && invocation.outcome === "ok") return;
    const took = `${invocation.durationMilliseconds.toFixed(0)} ms${invocation.cold ? ", cold" : ""}`;
    timeline.say("function", invocation.function, `${told(invocation)}  [${invocation.calls} calls, ${took}]`);
  });
}

/**
 * Both clusters and the functions.
 * @param namespace whose drains are watched
 */
export async function watchCloud(cloud: LocalBase, timeline: Timeline, namespace: string): Promise<Watched> {
  const informers = new Map<string, Informer>();
  const seen = ({ plural }: Resource, informer: Informer | undefined): readonly KubernetesObject[] => {
    const items = informer?.items() ?? [];
    const isElsewhere = plural !== instanceTerminations.plural;
    return isElsewhere ? items : items.filter(({ metadata }) => metadata.namespace === namespace);
  };
  const watch = async (kubeconfigText: string, resource: Resource, who: Who, stateOf: StateOf) => {
    const kubeconfig = new KubeConfig();
    kubeconfig.loadFromString(kubeconfigText);
    const tell = newsOf((name, state) => timeline.say(who, name, state));
    let trouble = "";
    const onProblem = (message: string) => {
      if (message !== trouble) timeline.say("story", "observer", message);
      trouble = message;
    };
    const onChange = () => {
      const informer = informers.get(resource.plural);
      if (informer) tell(seen(resource, informer), stateOf, false);
    };
    const started = await startInformer(resource, { kubeconfig, clock: cloud.clock, onChange, onProblem });
    if (!started) throw new Error(`the local cloud does not serve ${resource.plural}`);
    tell(seen(resource, started), stateOf, true);
    informers.set(resource.plural, started);
  };
  await watch(cloud.workload.admin, pods, "pod", (object) => podState(object as Pod));
  await watch(cloud.workload.admin, nodes, "node", (object) => nodeState(object as Node));
  await watch(cloud.management.admin, instanceTerminations, "drain", (object) =>
    drainState(object as InstanceTermination),
  );
  sayFunctions(cloud, timeline);
  return {
    items: <T extends KubernetesObject>(resource: Resource) =>
      seen(resource, informers.get(resource.plural)) as readonly T[],
    stop: () => {
      for (const informer of informers.values()) informer.close();
    },
  };
}
