/** Counts what servers, kubelets and the cloud saw from now until the story's end. */
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import type { Call } from "../calls.ts";
import type { Observed } from "../verdict.ts";
import type { StoryInstance } from "./infrastructure.ts";
import type { CountedStage } from "./stage.ts";

export interface Count {
  /** Instances that began to shut down. */
  readonly ended: ReadonlyMap<string, StoryInstance>;
  observed(): Observed;
}

const isOurs = ({ who }: Call) => who.startsWith("lifeguard");

const isCredential = ({ what }: Call) => what === "GetSecretValue" || what === "GET secrets";
/** The sweep, the audit webhook and late hints come on top, with or without a drain. */
const BESIDE = ["lifeguard:overdue-swept", "lifeguard:audit-received", "lifeguard:ec2-instance-state-changed"];

function countCalls(calls: readonly Call[]): Observed["calls"] {
  const ours = calls.filter(isOurs);
  const kubernetes = ours.filter(({ server }) => server.startsWith("kubernetes:")).length;
  const drain = ours.filter((call) => !isCredential(call) && !BESIDE.includes(call.who)).length;
  return { kubernetes, cloud: ours.length - kubernetes, drain };
}

/** How each wait for a hook ended, by the cloud's own books. */
function watchHolds({ infrastructure, timeline }: CountedStage): () => Observed["holds"] {
  const ended: Observed["holds"][number][] = [];
  infrastructure.onHoldEnd(({ instanceId, hook, how }) => {
    ended.push({ instanceId, hook, end: how });
    timeline.say("cloud", instanceId, `hook ${hook} is over: ${how}`);
  });
  return () => [
    ...ended,
    ...infrastructure.openHolds().map(({ instanceId, hook }) => ({ instanceId, hook, end: "still open" as const })),
  ];
}

export function startCounting(stage: CountedStage): Count {
  const { cloud, watched, infrastructure } = stage;
  const { clock, management, workload, cluster, host } = cloud;
  const start = clock.now();
  const from = [cluster.endings, management.calls, workload.calls, infrastructure.calls, host.invocations].map(
    ({ length }) => length,
  );
  const [endings = 0, managementCalls = 0, workloadCalls = 0, cloudCalls = 0, invocations = 0] = from;
  const ended = new Map<string, StoryInstance>();
  infrastructure.onInstance((instance, state) => {
    if (state === "shutting-down") ended.set(instance.id, instance);
  });
  const holds = watchHolds(stage);

  const observed = (): Observed => {
    const drains = stage.terminations();
    const inWorkload = workload.calls.slice(workloadCalls).filter(isOurs);
    const invoked = host.invocations.slice(invocations);
    const deadline = Math.min(
      ...drains.flatMap(({ spec }) => (spec.deadlineTime ? [Date.parse(spec.deadlineTime)] : [])),
    );
    const gone = new Set([...ended.values()].map(({ providerID }) => providerID));
    return {
      killedPods: cluster.endings
        .slice(endings)
        .filter(({ how, controller }) => how === "killed" && controller !== "DaemonSet")
        .map(({ pod, node }) => `${pod} on ${node}`),
      budgets: [...cluster.lowestHealthy].map(([name, { currentHealthy, desiredHealthy }]) => ({
        name,
        lowestHealthy: currentHealthy,
        wanted: desiredHealthy,
      })),
      holds: holds(),
      evictions: inWorkload.filter(({ what, code }) => what === "POST pods/eviction" && code < 300).length,
      deletions: inWorkload
        .filter(({ what, code }) => what === "DELETE pods" && code < 300)
        .map(({ target, at }) => ({ pod: target, secondsLeft: (deadline - at.getTime()) / 1000 })),
      calls: countCalls([
        ...management.calls.slice(managementCalls),
        ...inWorkload,
        ...infrastructure.calls.slice(cloudCalls),
      ]),
      invocations: invoked.length,
      failedInvocations: invoked.filter(({ outcome }) => outcome !== "ok").length,
      deadLetters: infrastructure.deadLetters(),
      instancesLeft: [...ended.keys()].filter(infrastructure.isThere),
      nodesLeft: watched
        .items<Node>(nodes)
        .filter(({ spec }) => gone.has(spec?.providerID ?? ""))
        .map(({ metadata }) => metadata.name),
      terminations: drains.map(({ metadata, spec, status }) => ({
        name: metadata.name,
        phase: status?.phase ?? "",
        instance: infrastructure.idOf(spec.providerID),
      })),
      seconds: (clock.now().getTime() - start.getTime()) / 1000,
    };
  };
  return { ended, observed };
}
