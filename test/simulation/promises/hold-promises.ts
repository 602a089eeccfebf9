/** P1: released when empty or due, once, and never left to time out by us. */

import { EXCLUDE_NODE_DRAINING_ANNOTATION } from "../../../lib/api/core/labels.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject } from "../../../lib/api/kubernetes/meta.ts";
import type { Node } from "../../../lib/api/kubernetes/node.ts";
import type { InstanceTermination } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { Pass } from "../pass.ts";
import { NAMESPACE, POOL } from "../scene.ts";
import { type Court, isNearEnd, isOlder, isOurs, nodeOf, recordFor } from "./court.ts";
import { toleranceMilliseconds } from "./deadlines.ts";
import type { Wait } from "./hooks.ts";
import { opinionOf, podsOn } from "./leaving.ts";
import { isDetached } from "./volume-promises.ts";

type Input = Readonly<Record<string, unknown>>;

interface Held {
  readonly instanceId: string;
  readonly hook: string;
}

/** A request of ours that the cloud has done. */
export function cloudDid(court: Court, pass: Pass, action: string, input: Input): void {
  const held = { instanceId: `${input.InstanceId as string}`, hook: `${input.LifecycleHookName as string}` };
  const isOfOthers = input.LifecycleHookName !== undefined && !held.hook.startsWith("lifeguard-");
  if (isOfOthers) court.broken("P6", "a hook of others is answered", `${held.instanceId}, ${held.hook}: ${action}`);
  if (action === "CompleteLifecycleAction") released(court, pass, held);
  if (action === "RecordLifecycleActionHeartbeat") beaten(court, held);
}

/** We take an instance out ourselves: the same must be true as when a hook is let go. */
export function letGoWhenDrained(
  court: Court,
  pass: Pass,
  { instanceId, record }: { readonly instanceId: string; readonly record: InstanceTermination },
): void {
  mayBeReleased(court, pass, instanceId);
  const node = nodeOf(court.scene, record.spec.providerID);
  const isDue = isNearEnd(court, { instanceId, nodeUid: node?.metadata.uid, record });
  const isUp = court.scene.cloud.machines().some(({ id, state }) => id === instanceId && state === "running");
  if (!isUp || isDue) return;
  if (node) isDrained(court, pass, { instanceId, node });
  else hasNoNode(court, record.spec.providerID, Date.parse(record.spec.noticeTime) + REMOVAL_PATIENCE_SECONDS * 1000);
}

/** @param isUp whether the machine ran at that moment: one that is off has no pod to lose */
export function released(court: Court, pass: Pass, held: Held, isUp?: boolean): void {
  const { scene, hooks, memory, broken } = court;
  const { instanceId } = held;
  const wait = hooks.open(instanceId, held.hook);
  if (wait) wait.isReleased = true;
  if (!isOurs(scene, instanceId)) broken("P6", "an instance that is not ours is released", instanceId);
  mayBeReleased(court, pass, instanceId);
  const machine = scene.cloud.machines().find(({ id }) => id === instanceId);
  if (!machine || !(isUp ?? machine.state === "running")) return;
  const node = nodeOf(scene, machine.providerID);
  if (isNearEnd(court, { instanceId, nodeUid: node?.metadata.uid, record: recordFor(scene, instanceId) })) return;
  if (node) isDrained(court, pass, { instanceId, node });
  // What holds it after it was let go is told at once: whether a Node might still come was judged then.
  else if (wait && !memory.letGoAt.has(instanceId))
    hasNoNode(court, machine.providerID, wait.startedAt + scene.plan.nodeNotFoundSeconds * 1000);
}

/** Nobody has paused it, or taken it back. */
function mayBeReleased({ scene, memory, broken }: Court, pass: Pass, instanceId: string): void {
  // The MachinePool is asked again when a drain has lasted a minute, and no more when the instance has been let go.
  const poolLateSeconds = memory.letGoAt.has(instanceId) ? Number.POSITIVE_INFINITY : 75;
  if (isOlder(pass, memory.pausedSince(recordFor(scene, instanceId), poolLateSeconds)))
    broken("P6", "an instance is released while its drain is paused", instanceId);
  const isCancelled = recordFor(scene, instanceId)?.metadata.deletionTimestamp !== undefined;
  if (isCancelled && isOlder(pass, memory.cancelledAt.get(instanceId)))
    broken("P6", "an instance is released whose drain was cancelled", instanceId);
}

/** At one moment since the pass began at the least, or since it was let go: what holds it later is told that it is drained. */
function isDrained(court: Court, pass: Pass, { instanceId, node }: Drained): void {
  const { scene, memory, broken } = court;
  const { name } = node.metadata;
  const since = Math.min(pass.startedAt, memory.letGoAt.get(instanceId) ?? pass.startedAt);
  const { least } = memory.leavingDuring(name, since, scene.time.now());
  const pool = scene.management.find(machinePools, POOL, NAMESPACE);
  const isOptedOut = asks(node) || asks(pool) || memory.changedAt.optOut >= pass.startedAt;
  if (isOptedOut) return;
  if (least === 0) {
    isDetached(court, pass, { nodeName: name, instanceId });
    return;
  }
  const left = podsOn(scene, name).filter((pod) => opinionOf(scene, pod).leaves);
  const names = left.map(({ metadata }) => metadata.name).join(", ");
  broken("P1", "an instance is released before its Node is drained", `${name}: ${names}`);
}

interface Drained {
  readonly instanceId: string;
  readonly node: Node;
}

/** How long the Node of an instance that we chose ourselves is waited for. */
const REMOVAL_PATIENCE_SECONDS = 60;

/** @param until  when its Node has been waited for long enough; milliseconds */
function hasNoNode({ scene, memory, broken }: Court, providerID: string, until: number): void {
  const mayCome = scene.time.now() < until - toleranceMilliseconds(scene);
  if (!memory.nodes.registered.has(providerID) && mayCome)
    broken("P1", "an instance is released whose Node may still come", providerID);
}

const asks = (object: KubernetesObject | undefined): boolean =>
  object?.metadata.annotations?.[EXCLUDE_NODE_DRAINING_ANNOTATION] !== undefined;

/** A heartbeat that the hook's maximum has made useless changes nothing in the cloud. */
function beaten({ scene, hooks, broken }: Court, { instanceId, hook }: Held): void {
  const wait = hooks.open(instanceId, hook);
  if (!wait) return;
  const isUseless = wait.beatAt + wait.heartbeatSeconds * 1000 >= wait.lastAt + toleranceMilliseconds(scene) - 1000;
  // What a pass did that could not write it down is done again by the next.
  const { spec, status } = recordFor(scene, instanceId) ?? {};
  const tolerance = toleranceMilliseconds(scene);
  // The sweep that found it waiting, after a person deleted its record, does not know since when.
  const knowsBegin = Date.parse(spec?.noticeTime ?? "") <= wait.startedAt + tolerance;
  const isKnown = knowsBegin && Date.parse(status?.lastHeartbeatTime ?? "") >= wait.beatAt - tolerance;
  if (isUseless && (isKnown || wait.beatAt === wait.startedAt))
    broken("P5", "a heartbeat is sent that changes nothing", `${instanceId}, ${hook}`);
  wait.beatAt = scene.time.now();
}

const DISTURBANCE_SECONDS = 5;

/** The wait is over and nobody of us ended it. */
export function timedOut({ scene, memory, broken }: Court, wait: Wait): void {
  const { time, cloud, plan } = scene;
  const { instanceId, hook, beatAt, heartbeatSeconds, lastAt } = wait;
  // A pass that is shown an old state is sent home until its next look, which may be long after a short hold's end.
  if (wait.isReleased || !isOurs(scene, instanceId) || scene.facts.describeLagSeconds > 0) return;
  const now = time.now();
  if (cloud.machines().find(({ id }) => id === instanceId)?.state !== "shutting-down") return;
  if (now < Math.min(beatAt + heartbeatSeconds * 1000, lastAt) - 1000) return;
  const record = recordFor(scene, instanceId);
  const isPaused = memory.pausedSince(record) !== undefined || memory.infrastructureIsPaused();
  const wasPaused = isPaused || memory.changedAt.pause >= beatAt;
  if (memory.cancelledAt.has(instanceId) || wasPaused || record?.spec.drain?.mode === "CordonOnly" || plan.dryRun)
    return;
  const spare = heartbeatSeconds / 2 - DISTURBANCE_SECONDS - 2 * plan.skewSeconds;
  const cost = memory.disturbanceSeconds(beatAt - 100_000, now);
  if (cost < spare)
    broken("P1", "a hold is left to time out", `${instanceId}, ${hook}: ${Math.round(cost)} of ${spare} s are excused`);
}
