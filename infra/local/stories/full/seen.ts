/** What the stories of the full profile count beside every other story: capacity, who was drained, settled writes, leftovers. */
import { z } from "zod";
import { DELETE_MACHINE_ANNOTATION } from "../../../../lib/api/core/labels.ts";
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import type { Call } from "../../calls.ts";
import { isReady } from "../../cluster/kinds.ts";
import type { Observed } from "../../verdict.ts";
import type { Infrastructure } from "../infrastructure.ts";
import { startCounting } from "../observed.ts";
import type { PoolStage } from "./pool-stage.ts";

export interface FullSeen extends Observed {
  /** Ready Nodes that took pods, at the worst second since the first was there. */
  readonly lowestCapacity: number;
  readonly launched: readonly string[];
  /** Began to shut down, in this order. */
  readonly ended: readonly string[];
  /** Chosen by cluster-autoscaler: a mark on the Machine or a taint on the Node, in the order in which they were seen. */
  readonly marked: readonly string[];
  /** How each wait for a hook ended: "lifeguard-drain of i-0abc: continued". */
  readonly waits: readonly string[];
  /** Pods, daemons apart, that were still there when their instance began to shut down. */
  readonly undrained: readonly string[];
  /** Instances on their way out at the same time, at the busiest second. */
  readonly mostLeaving: number;
  /** A bare API server takes every call. */
  readonly knowsRoles: boolean;
  /** Calls of ours that the API servers refused for want of a right. */
  readonly forbidden: readonly string[];
  /** Calls of ours to the cloud, each kind once: "lifeguard:pool-continued DescribeAutoScalingGroups". */
  readonly cloudCalls: readonly string[];
  /** What our functions logged as errors, each text once. */
  readonly errors: readonly string[];
  /** Kubernetes and cloud writes of ours while nothing happened for `settledSeconds`. */
  readonly settledWrites: readonly string[];
  readonly settledSeconds: number;
  /** Group, template and instances that still exist. */
  readonly inCloud: readonly string[];
  /** Pools, Machines and infrastructure machines that still exist. */
  readonly inKubernetes: readonly string[];
  readonly counters: string;
  /** Kubelet versions of the Nodes, each once. */
  readonly kubelets: readonly string[];
  /** Every False condition of the infrastructure pool in its time: "type reason: message". */
  readonly said: readonly string[];
}

export const acceptsPods = (node: Node): boolean =>
  isReady({ status: { conditions: node.status?.conditions ?? [] } }) && node.spec?.unschedulable !== true;

const POLL_SECONDS = 1;
/** While no function runs, little can change. */
const CALM_POLL_SECONDS = 5;
const isWrite = (call: Call, { isWrite: changesCloud }: Infrastructure): boolean => {
  if (call.code >= 400) return false;
  return call.server.startsWith("kubernetes:") ? !/^(GET|LIST|WATCH) /.test(call.what) : changesCloud(call);
};

/** Our functions' writes since a time. */
export const writesSince = (
  { cloud: { management, workload }, infrastructure }: PoolStage,
  since: Date,
): readonly string[] =>
  [...management.calls, ...workload.calls, ...infrastructure.calls]
    .filter((call) => call.who.startsWith("lifeguard") && call.at >= since && isWrite(call, infrastructure))
    .map(({ who, what, target }) => `${who} ${what} ${target}`);

const leftInKubernetes = ({
  pools,
  machines,
  infrastructure: { poolKind, machineKind },
}: PoolStage): readonly string[] => [
  ...pools.items(machinePools).map(({ metadata }) => `MachinePool ${metadata.name}`),
  ...pools.items(poolKind).map(({ metadata }) => `${poolKind.kind} ${metadata.name}`),
  ...machines().map(({ metadata }) => `Machine ${metadata.name}`),
  ...pools.items(machineKind).map(({ metadata }) => `${machineKind.kind} ${metadata.name}`),
];

/** Phase and every counter, beside what is really there. */
function countersOf({ machinePool, machines, pools, watched, infrastructure }: PoolStage): string {
  const { status = {} } = machinePool() ?? {};
  const { phase = "", replicas = 0, readyReplicas = 0, availableReplicas = 0, upToDateReplicas = 0 } = status;
  const ready = watched.items<Node>(nodes).filter(acceptsPods);
  const named = status.nodeRefs?.filter(({ uid }) => ready.some(({ metadata }) => metadata.uid === uid)) ?? [];
  const numbers = { replicas, readyReplicas, availableReplicas, upToDateReplicas, nodeRefs: named.length };
  const infrastructureMachines = pools.items(infrastructure.machineKind).length;
  const there = { nodes: ready.length, machines: machines().length, infrastructureMachines };
  return [phase, ...Object.entries({ ...numbers, ...there }).map(([name, count]) => `${name} ${count}`)].join(", ");
}

const cloudCallsOf = ({ infrastructure: { calls } }: PoolStage): readonly string[] =>
  [...new Set(calls.map(({ who, what }) => `${who} ${what}`))].filter((call) => call.startsWith("lifeguard")).sort();

const logLine = z.looseObject({ level: z.literal("ERROR"), message: z.string() });

/** A pass that fails does not fail its invocation: its message is shown again later, and only the log tells. */
const errorsOf = ({ cloud: { host } }: PoolStage): readonly string[] => [
  ...new Set(
    host.invocations.flatMap(({ function: name, logs }) =>
      logs.flatMap((line) => {
        const { data } = logLine.safeParse(line);
        return data ? [`${name}: ${data.message} ${JSON.stringify(data.error ?? "")}`] : [];
      }),
    ),
  ),
];

/** Cordoned, and its instance is still there: what is left of one that is gone can be emptied no more. */
const leaving = ({ watched, infrastructure: { idOf, isThere } }: PoolStage): number =>
  watched.items<Node>(nodes).filter(({ spec }) => spec?.unschedulable && isThere(idOf(spec.providerID ?? ""))).length;

const forbiddenCalls = ({ cloud: { management, workload }, infrastructure }: PoolStage): readonly string[] => [
  ...new Set(
    [...management.calls, ...workload.calls, ...infrastructure.calls]
      .filter(({ who, code }) => who.startsWith("lifeguard") && code === 403)
      .map(({ who, what }) => `${who} ${what}`),
  ),
];

/** cluster-autoscaler's taint on a Node that it takes away (core/utils/taints). */
export const TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler";

const markedNow = ({ machines, watched, infrastructure: { idOf } }: PoolStage): readonly string[] => [
  ...machines()
    .filter(({ metadata }) => metadata.annotations?.[DELETE_MACHINE_ANNOTATION] !== undefined)
    .map(({ spec }) => idOf(spec.providerID ?? "")),
  ...watched
    .items<Node>(nodes)
    .filter(({ spec }) => spec?.taints?.some(({ key }) => key === TO_BE_DELETED))
    .map(({ spec }) => idOf(spec?.providerID ?? "")),
];

const kubeletsOf = ({ watched }: PoolStage): readonly string[] => [
  ...new Set(watched.items<Node>(nodes).map(({ status }) => status?.nodeInfo?.kubeletVersion ?? "unknown")),
];

export interface FullCount {
  readonly ended: () => readonly string[];
  readonly launched: () => readonly string[];
  readonly seen: (settled: { readonly writes: readonly string[]; readonly seconds: number }) => Promise<FullSeen>;
}

export function startSeeing(stage: PoolStage): FullCount {
  const { cloud, watched, infrastructure, infrastructurePool } = stage;
  const count = startCounting(stage);
  const launched: string[] = [];
  const ended = new Map<string, { readonly node: string; readonly at: Date }>();
  const waits: string[] = [];
  const marked = new Set<string>();
  const said = new Set<string>();
  let lowestCapacity = Number.POSITIVE_INFINITY;
  let mostLeaving = 0;
  let seenHappenings = 0;
  infrastructure.onInstance((instance, state) => {
    if (state === "launched") launched.push(instance.id);
    if (state === "shutting-down") ended.set(instance.id, { node: instance.node, at: cloud.clock.now() });
  });
  infrastructure.onHoldEnd(({ instanceId, hook, how }) => void waits.push(`${hook} of ${instanceId}: ${how}`));
  const capacity = () => watched.items<Node>(nodes).filter(acceptsPods).length;
  const hear = () => {
    for (const { type, status, reason, message } of infrastructurePool()?.status?.conditions ?? [])
      if (status === "False") said.add(`${type} ${reason}: ${message}`);
  };
  hear();
  stage.pools.onChange(hear);
  let stop = () => {};
  const poll = () => {
    const now = capacity();
    // A pool that was just applied has not promised anything yet.
    if (Number.isFinite(lowestCapacity) || now > 0) lowestCapacity = Math.min(lowestCapacity, now);
    for (const id of markedNow(stage)) marked.add(id);
    mostLeaving = Math.max(mostLeaving, leaving(stage));
    const happenings = stage.cloud.host.invocations.length;
    stop = cloud.clock.after(happenings === seenHappenings ? CALM_POLL_SECONDS : POLL_SECONDS, poll);
    seenHappenings = happenings;
  };
  poll();
  const undrained = () =>
    [...ended.values()].flatMap(({ node, at }) =>
      cloud.cluster.endings
        .filter((ending) => ending.node === node && ending.controller !== "DaemonSet")
        .filter((ending) => ending.at > at || ending.how === "killed")
        .map(({ pod }) => `${pod} on ${node}`),
    );
  const open = () => infrastructure.openHolds().map(({ instanceId, hook }) => `${hook} of ${instanceId}: still open`);
  return {
    ended: () => [...ended.keys()],
    launched: () => launched,
    seen: async ({ writes, seconds }) => {
      stop();
      const observed = count.observed();
      const { kubernetes, cloud: toCloud } = observed.calls;
      return {
        ...observed,
        calls: { kubernetes, cloud: toCloud },
        lowestCapacity,
        mostLeaving,
        knowsRoles: !cloud.real,
        forbidden: forbiddenCalls(stage),
        cloudCalls: cloudCallsOf(stage),
        errors: errorsOf(stage),
        launched,
        ended: [...ended.keys()],
        marked: [...marked],
        waits: [...waits, ...open()],
        undrained: undrained(),
        settledWrites: writes,
        settledSeconds: seconds,
        inCloud: await infrastructure.leftOver(),
        inKubernetes: leftInKubernetes(stage),
        counters: countersOf(stage),
        kubelets: kubeletsOf(stage),
        said: [...said],
      };
    },
  };
}
