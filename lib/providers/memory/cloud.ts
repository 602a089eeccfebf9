/** The state machine of the cloud in memory: instances wait for their hooks, heartbeats restart clocks, and clocks that run out let go. */
import type { LeavingInstance } from "../../api/trigger.ts";
import { ProviderError } from "../errors.ts";
import type { MemoryLaunch, MemoryPool } from "./pool-cloud.ts";

/** A hook of a group; heartbeats can keep it open for 100 times its timeout at the most. */
export interface MemoryHook {
  readonly name: string;
  /** Default 300. */
  readonly heartbeatTimeoutSeconds?: number;
}

export const MAXIMUM_HEARTBEAT_TIMEOUTS = 100;

export type Ending = "completed" | "timed-out" | "reached-maximum";

export interface OpenHook {
  readonly name: string;
  readonly token: string;
  readonly heartbeatTimeoutSeconds: number;
  readonly maximumSeconds: number;
  readonly startedAt: number;
  lastHeartbeatAt: number;
  heartbeats: number;
  ending?: Ending;
}

export interface MemoryInstance {
  readonly id: string;
  readonly providerID: string;
  readonly groupName: string;
  readonly nodeName?: string;
  hooks: OpenHook[];
  /** When nothing held it any more, or it was terminated without a hold. */
  leavingSince?: number;
  gone: boolean;
  retained: boolean;
}

export interface MemoryGroup {
  readonly name: string;
  readonly clusterNames: readonly string[];
  readonly hooks: readonly MemoryHook[];
}

export interface MemoryState {
  readonly groups: Map<string, MemoryGroup>;
  readonly instances: Map<string, MemoryInstance>;
  readonly now: () => Date;
  /** Seconds from the last release to the end of the instance. */
  readonly shutdownSeconds: number;
  /** Groups that fill themselves; each is in `groups` too. */
  readonly pools: Map<string, MemoryPool>;
  /** By instance id. */
  readonly launches: Map<string, MemoryLaunch>;
  /** Seconds from a launch until the instance is in service. */
  readonly bootSeconds: number;
  /** Pools replace nothing by themselves: their provider leads, step by step. */
  readonly led: boolean;
  /** Hooks of every new pool. */
  readonly poolHooks: readonly MemoryHook[];
  /** What the cloud has told of instances that it takes out, oldest first. */
  readonly notices: LeavingInstance[];
}

/** Lets every clock that has run out by now take effect. Called before each look and each request. */
export function settle(state: MemoryState, instance: MemoryInstance): void {
  const now = state.now().getTime();
  for (const hook of instance.hooks) if (!hook.ending) expire(hook, now);
  if (instance.leavingSince === undefined && instance.hooks.length > 0) {
    if (instance.hooks.every((hook) => hook.ending)) {
      instance.leavingSince = Math.max(...instance.hooks.map((hook) => endOf(hook, now)));
    }
  }
  if (instance.leavingSince !== undefined && now >= instance.leavingSince + state.shutdownSeconds * 1000) {
    instance.gone = true;
  }
}

function expire(hook: OpenHook, now: number): void {
  const maximumAt = hook.startedAt + hook.maximumSeconds * 1000;
  const timeoutAt = hook.lastHeartbeatAt + hook.heartbeatTimeoutSeconds * 1000;
  if (now < Math.min(maximumAt, timeoutAt)) return;
  hook.ending = maximumAt <= timeoutAt ? "reached-maximum" : "timed-out";
}

function endOf(hook: OpenHook, now: number): number {
  if (hook.ending === "timed-out") return hook.lastHeartbeatAt + hook.heartbeatTimeoutSeconds * 1000;
  if (hook.ending === "reached-maximum") return hook.startedAt + hook.maximumSeconds * 1000;
  return now;
}

/** @throws ProviderError "not-found" */
export function groupOf(state: MemoryState, groupName: string): MemoryGroup {
  const group = state.groups.get(groupName);
  if (!group) throw new ProviderError("not-found", "memory.group", "", `no group ${groupName}`);
  return group;
}

export function openHook(hook: MemoryHook, token: string, now: Date): OpenHook {
  const heartbeatTimeoutSeconds = hook.heartbeatTimeoutSeconds ?? 300;
  return {
    name: hook.name,
    token,
    heartbeatTimeoutSeconds,
    maximumSeconds: MAXIMUM_HEARTBEAT_TIMEOUTS * heartbeatTimeoutSeconds,
    startedAt: now.getTime(),
    lastHeartbeatAt: now.getTime(),
    heartbeats: 0,
  };
}
