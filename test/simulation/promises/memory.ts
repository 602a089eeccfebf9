/** What the predicates remember of a run: Nodes and their crowds, records, pauses, and what hurt us for how long. */
import { type Cluster, clusters } from "../../../lib/api/core/cluster.ts";
import { EXCLUDE_NODE_DRAINING_ANNOTATION, PAUSED_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { machineDrainRules } from "../../../lib/api/core/machine-drain-rule.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import { nodes } from "../../../lib/api/kubernetes/node.ts";
import { daemonSets, type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import {
  INSTANCE_LABEL,
  type InstanceTermination,
  instanceTerminations,
} from "../../../lib/api/lifecycle/instance-termination.ts";
import { NAMESPACE, POOL, type Scene } from "../scene.ts";
import type { Change } from "../servers.ts";
import { type Crowds, createCrowds } from "./crowds.ts";
import { createNodeHistory, type NodeHistory } from "./node-history.ts";
import { createVolumes, type Volumes } from "./volume-promises.ts";

export interface Memory {
  readonly hear: (change: Change) => void;
  readonly leavingDuring: Crowds["during"];
  readonly nodes: NodeHistory;
  readonly volumes: Volumes;
  /** Instances of which something was ever recorded. */
  readonly recorded: ReadonlySet<string>;
  /** Instances whose record people deleted, and when. */
  readonly cancelledAt: ReadonlyMap<string, number>;
  /** Pod uid -> when somebody asked that it be not disrupted. */
  readonly heldAt: ReadonlyMap<string, number>;
  /** Pod uid -> when its work was done: from then on it stays where it is. */
  readonly endedAt: ReadonlyMap<string, number>;
  /** Instance id -> when the pass began that first wrote that it was let go. */
  readonly letGoAt: ReadonlyMap<string, number>;
  /** Since when the MachinePool, or this record, has been paused; undefined: it is not. The pool's word may come late. */
  readonly pausedSince: (record: KubernetesObject | undefined, poolLateSeconds?: number) => number | undefined;
  /** Since when any of the three that pause a pool of ours has been paused. */
  readonly poolPausedSince: () => number | undefined;
  /** The infrastructure pool: that stops new records, not drains that have begun. */
  readonly infrastructureIsPaused: () => boolean;
  /** When rules, DaemonSets, pauses, opt-outs last changed. */
  readonly changedAt: { rules: number; optOut: number; pause: number };
  readonly disturbed: (seconds: number) => void;
  /** What disturbances may have cost us in this time. */
  readonly disturbanceSeconds: (from: number, to: number) => number;
}

const has = (annotation: string) => (object: KubernetesObject | undefined) =>
  object?.metadata.annotations?.[annotation] !== undefined;
const isAnnotated = has(PAUSED_ANNOTATION);
/** By its annotation, or because its Cluster is: that the MachinePool says in a condition, and the Cluster in its spec. */
function isPaused(object: KubernetesObject | undefined): boolean {
  const { spec, status } = (object ?? {}) as {
    readonly spec?: Partial<Cluster["spec"]>;
    readonly status?: MachinePool["status"];
  };
  const says = status?.conditions?.some(({ type, status: value }) => type === "Paused" && value === "True") ?? false;
  return isAnnotated(object) || says || spec?.paused === true;
}
const isHeld = has("karpenter.sh/do-not-disrupt");
const hasEnded = (object: KubernetesObject): boolean =>
  ["Succeeded", "Failed"].includes((object as Pod).status?.phase ?? "");
const isOptedOut = has(EXCLUDE_NODE_DRAINING_ANNOTATION);

const timesOf = () => new Map<string, number>();

function rememberPause(paused: Map<string, number>, object: Change["after"], since: number | undefined): void {
  const uid = object?.metadata.uid ?? "";
  if (since === undefined) paused.delete(uid);
  else paused.set(uid, since);
}

const memories = () => ({
  cancelledAt: timesOf(),
  heldAt: timesOf(),
  endedAt: timesOf(),
  letGoAt: timesOf(),
  paused: timesOf(),
});

export function createMemory(scene: Scene): Memory {
  const { time, management } = scene;
  const { pools } = scene.cloud.kinds;
  const crowds = createCrowds(scene);
  const history = createNodeHistory(time);
  const volumes = createVolumes(scene);
  const recorded = new Set<string>();
  const times = memories();
  const { cancelledAt, heldAt, endedAt, letGoAt, paused } = times;
  const changedAt = { rules: 0, optOut: 0, pause: 0 };

  const pauseChanged = ({ before, after }: Change) => {
    if (isPaused(before) === isPaused(after)) return;
    rememberPause(paused, after ?? before, isPaused(after) ? time.now() : undefined);
    changedAt.pause = time.now();
  };
  const optOutChanged = ({ before, after }: Change) => {
    if (isOptedOut(before) !== isOptedOut(after)) changedAt.optOut = time.now();
  };
  const recordChanged = ({ by, before, after }: Change) => {
    const record = (after ?? before) as InstanceTermination;
    const instanceId = record.metadata.labels?.[INSTANCE_LABEL] ?? "";
    recorded.add(instanceId);
    if (!after) letGoAt.delete(instanceId);
    else if (record.status?.releaseTime !== undefined && !letGoAt.has(instanceId))
      letGoAt.set(instanceId, typeof by === "string" ? time.now() : by.startedAt);
    const wasLeaving = before?.metadata.deletionTimestamp !== undefined;
    if (!wasLeaving && record.metadata.deletionTimestamp !== undefined && typeof by === "string")
      cancelledAt.set(instanceId, time.now());
  };
  const nodeChanged = (change: Change) => {
    history.hear(change);
    crowds.count((change.after ?? change.before)?.metadata.name ?? "");
  };
  const podChanged = ({ before, after }: Change) => {
    if (before && after && isHeld(after) && !isHeld(before)) heldAt.set(after.metadata.uid ?? "", time.now());
    if (after && hasEnded(after) && !(before && hasEnded(before))) endedAt.set(after.metadata.uid ?? "", time.now());
    const nodeName = ((after ?? before) as Pod).spec?.nodeName;
    if (nodeName !== undefined) crowds.count(nodeName);
  };
  const rulesChanged = () => {
    changedAt.rules = time.now();
    crowds.countAll();
  };
  const heard: Readonly<Record<string, readonly ((change: Change) => void)[]>> = {
    [pods.plural]: [podChanged],
    [nodes.plural]: [nodeChanged, optOutChanged],
    [daemonSets.plural]: [rulesChanged],
    [machineDrainRules.plural]: [rulesChanged],
    [machinePools.plural]: [pauseChanged, optOutChanged],
    [pools.plural]: [pauseChanged],
    [clusters.plural]: [pauseChanged],
    [instanceTerminations.plural]: [pauseChanged, recordChanged],
  };
  return {
    hear: (change) => {
      for (const hear of heard[change.plural] ?? []) hear(change);
      volumes.hear(change);
    },
    leavingDuring: crowds.during,
    nodes: history,
    volumes,
    recorded,
    ...times,
    pausedSince: (record, poolLateSeconds = 0) => {
      const pool = management.find(machinePools, POOL, NAMESPACE);
      const sinceOf = (object: KubernetesObject | undefined) => paused.get(object?.metadata.uid ?? "") ?? [];
      const late = [sinceOf(pool)].flat().map((at) => at + poolLateSeconds * 1000);
      const since = [...late, sinceOf(record)].flat();
      return since.length > 0 ? Math.min(...since) : undefined;
    },
    poolPausedSince: () => {
      const three = [machinePools, pools].map((kind) => management.find(kind, POOL, NAMESPACE));
      const since = [...three, ...management.all(clusters)].flatMap((one) => paused.get(one?.metadata.uid ?? "") ?? []);
      return since.length > 0 ? Math.min(...since) : undefined;
    },
    infrastructureIsPaused: () => [management.find(pools, POOL, NAMESPACE), ...management.all(clusters)].some(isPaused),
    changedAt,
    ...createDisturbances(scene),
  };
}

function createDisturbances({ time }: Scene): Pick<Memory, "disturbed" | "disturbanceSeconds"> {
  const all: { readonly at: number; readonly seconds: number }[] = [];
  return {
    disturbed: (seconds) => void all.push({ at: time.now(), seconds }),
    disturbanceSeconds: (from, to) =>
      all
        .filter(({ at, seconds }) => at <= to && at + seconds * 1000 >= from)
        .reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
