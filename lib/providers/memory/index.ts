/** A cloud in memory on an injected clock: it passes the suite every cloud passes, and drives tests and demonstrations. */
import { awsMachinePools } from "../../api/aws/aws-machine-pool.ts";
import type { Resource } from "../../api/kubernetes/meta.ts";
import type { Cause } from "../../api/lifecycle/instance-termination.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import type { ProviderError } from "../errors.ts";
import type { PoolProvider } from "../pool-provider.ts";
import type { TerminationProvider } from "../provider.ts";
import { groupOf, type MemoryGroup, type MemoryHook, type MemoryInstance, type MemoryState, settle } from "./cloud.ts";
import { beginTermination } from "./leaving.ts";
import { memoryPoolProvider } from "./pool.ts";
import { type MemoryPool, settlePool } from "./pool-cloud.ts";
import { memoryPools, memoryProvider } from "./provider.ts";

export interface MemoryCall {
  readonly at: Date;
  /** The contract's verb, e.g. "heartbeat". */
  readonly operation: string;
  readonly target: string;
}

export interface MemoryCloudOptions {
  readonly now: () => Date;
  /** The kind that stands for a pool; default AWSMachinePool, which the local clusters serve. */
  readonly poolResource?: Resource;
  /** Seconds from the last release to the end of the instance; default 10. */
  readonly shutdownSeconds?: number;
  /** Seconds from a launch until an instance of a pool is in service; default 30. */
  readonly bootSeconds?: number;
  /** Pools replace nothing by themselves: their provider leads, step by step. Default false. */
  readonly led?: boolean;
  /** Hooks of every pool; default none. */
  readonly poolHooks?: readonly MemoryHook[];
}

export interface NewInstance {
  readonly id: string;
  readonly groupName: string;
  /** Default "zone-a". */
  readonly zone?: string;
  readonly nodeName?: string;
}

export interface MemoryCloud {
  readonly provider: TerminationProvider;
  readonly poolProvider: PoolProvider;
  /** Every verb the provider was asked for, faults included. */
  readonly calls: MemoryCall[];
  addGroup(group: MemoryGroup): void;
  /** @returns the providerID, `memory:///<zone>/<id>` */
  addInstance(instance: NewInstance): string;
  /**
   * Begins a termination that waits for hooks (default: those of the group; without any, the instance is leaving at once).
   * @returns what the cloud's event would say; without a hold when nothing waits
   */
  beginTermination(instanceId: string, options?: { readonly hooks?: readonly MemoryHook[] }): LeavingInstance;
  /** A notice with a deadline and no hold; the instance dies at the deadline if `terminate` says so, not by itself. */
  notice(instanceId: string, cause: Cause, seconds: number): LeavingInstance;
  /** The instance is gone at once, whatever held it. */
  terminate(instanceId: string): void;
  /** The cloud keeps it, out of its group, until somebody says otherwise. */
  retain(instanceId: string): void;
  /** The next `times` (default 1) calls of this verb throw. */
  fail(operation: string, error: ProviderError, times?: number): void;
  /** Every verb throws from now on; without an error the outage ends. */
  outage(error?: ProviderError): void;
  /** As it stands now, clocks applied: hooks with their heartbeats and endings. */
  inspect(instanceId: string): Readonly<MemoryInstance> | undefined;
  /** A group that a pool made, as it stands now. */
  inspectPool(groupName: string): Readonly<MemoryPool> | undefined;
  /** Somebody else than us asks for so many. */
  resize(groupName: string, desired: number): void;
  /** The cloud's own checks find it sick from now on. */
  sicken(instanceId: string): void;
  /** What the cloud told since the last time of instances that it takes out. */
  takeNotices(): readonly LeavingInstance[];
}

/**
 * Holds use Hold.autoScaling: the shape (group, hooks by name, token, heartbeat timeout) is what a holding cloud has in
 * general, and a member of its own would need a place in the CRD that no real cloud fills.
 */
export function createMemoryCloud(options: MemoryCloudOptions): MemoryCloud {
  const state: MemoryState = {
    groups: new Map(),
    instances: new Map(),
    now: options.now,
    shutdownSeconds: options.shutdownSeconds ?? 10,
    pools: new Map(),
    launches: new Map(),
    bootSeconds: options.bootSeconds ?? 30,
    led: options.led ?? false,
    poolHooks: options.poolHooks ?? [],
    notices: [],
  };
  const kind = memoryPools(options.poolResource ?? awsMachinePools);
  const calls: MemoryCall[] = [];
  const faults: { readonly operation: string; readonly error: ProviderError }[] = [];
  let outage: ProviderError | undefined;
  const gate = (operation: string, target: string) => {
    calls.push({ at: options.now(), operation, target });
    if (outage) throw outage;
    const index = faults.findIndex((fault) => fault.operation === operation);
    const [fault] = index < 0 ? [] : faults.splice(index, 1);
    if (fault) throw fault.error;
  };
  const known = (instanceId: string): MemoryInstance => {
    const instance = state.instances.get(instanceId);
    if (!instance) throw new Error(`the cloud in memory has no instance ${instanceId}: add it first`);
    return instance;
  };

  return {
    provider: memoryProvider(state, kind, gate),
    poolProvider: memoryPoolProvider(state, kind, gate),
    ...poolViews(state),
    calls,
    addGroup: (group) => void state.groups.set(group.name, group),
    addInstance: (wanted) => addInstance(state, wanted),
    beginTermination: (instanceId, { hooks } = {}) => beginTermination(state, known(instanceId), hooks),
    notice: (instanceId, cause, seconds) => {
      const { id, groupName } = known(instanceId);
      const now = options.now();
      const deadlineTime = new Date(now.getTime() + seconds * 1000).toISOString();
      return { instanceId: id, groupName, cause, noticeTime: now.toISOString(), deadlineTime };
    },
    terminate: (instanceId) => {
      known(instanceId).gone = true;
    },
    retain: (instanceId) => {
      known(instanceId).retained = true;
    },
    fail: (operation, error, times = 1) => {
      for (let i = 0; i < times; i++) faults.push({ operation, error });
    },
    outage: (error) => {
      outage = error;
    },
    inspect: (instanceId) => {
      const instance = state.instances.get(instanceId);
      if (instance) settle(state, instance);
      return instance;
    },
  };
}

function addInstance(state: MemoryState, { id, groupName, zone = "zone-a", nodeName }: NewInstance): string {
  groupOf(state, groupName);
  const providerID = `memory:///${zone}/${id}`;
  const instance = { id, providerID, groupName, hooks: [], gone: false, retained: false };
  state.instances.set(id, nodeName ? { ...instance, nodeName } : instance);
  return providerID;
}

function poolViews(state: MemoryState): Pick<MemoryCloud, "inspectPool" | "resize" | "sicken" | "takeNotices"> {
  const settleAll = () => {
    for (const pool of state.pools.values()) settlePool(state, pool);
  };
  return {
    inspectPool: (groupName) => {
      settleAll();
      return state.pools.get(groupName);
    },
    resize: (groupName, desired) => {
      const pool = state.pools.get(groupName);
      if (pool) pool.desired = desired;
      settleAll();
    },
    sicken: (instanceId) => {
      const launch = state.launches.get(instanceId);
      if (launch) launch.healthy = false;
    },
    takeNotices: () => {
      settleAll();
      return state.notices.splice(0);
    },
  };
}
