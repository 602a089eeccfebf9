/** The contract of provider.ts on the cloud in memory: what every other cloud's provider is compared with. */
import type { Resource } from "../../api/kubernetes/meta.ts";
import type { Hold } from "../../api/lifecycle/hold.ts";
import type { LeavingInstance } from "../../api/trigger.ts";
import { ProviderError } from "../errors.ts";
import type { HoldTerms, InstanceView, PoolKind, TerminationProvider } from "../provider.ts";
import {
  groupOf,
  MAXIMUM_HEARTBEAT_TIMEOUTS,
  type MemoryInstance,
  type MemoryState,
  type OpenHook,
  settle,
} from "./cloud.ts";
import { takeOut } from "./pool-cloud.ts";

const PROVIDER_ID = /^memory:\/\/\/[^/]+\/([^/]+)$/;

/** Says that an operation is about to run; throws when a fault was planted for it. */
export type Gate = (operation: string, target: string) => void;

export const memoryPools = (resource: Resource): PoolKind => ({
  resource,
  poolNameOf: (groupName) => groupName,
  groupNameOf: (pool) => pool.metadata.name,
  instanceIdOf: (providerID) => PROVIDER_ID.exec(providerID)?.[1],
  completeHold: (hold) => hold,
  infrastructureMachineKind: "AWSMachine",
  infrastructureMachine: (_pool, providerID) => ({
    finalizer: "memorymachine.infrastructure.cluster.x-k8s.io",
    spec: { providerID },
    status: { ready: true },
    interruptible: false,
  }),
});

export const memoryProvider = (state: MemoryState, pools: PoolKind, gate: Gate): TerminationProvider => ({
  pools,
  locate: async (instanceId) => {
    gate("locate", instanceId);
    const instance = find(state, instanceId);
    if (!instance || instance.gone) {
      throw new ProviderError("not-found", "memory.locate", "", `no instance ${instanceId}`);
    }
    const { providerID, groupName } = instance;
    return { providerID, groupName };
  },
  nodeNameOf: async (providerID) => {
    gate("nodeNameOf", providerID);
    return find(state, pools.instanceIdOf(providerID))?.nodeName;
  },
  groupOwner: async (groupName) => {
    gate("groupOwner", groupName);
    return { clusterNames: groupOf(state, groupName).clusterNames };
  },
  observeInstance: async (providerID) => {
    gate("observeInstance", providerID);
    return view(find(state, pools.instanceIdOf(providerID)));
  },
  terms,
  heartbeat: async (providerID, hold) => {
    gate("heartbeat", providerID);
    const open = openHooksOf(state, pools.instanceIdOf(providerID), hold);
    for (const hook of open) {
      hook.lastHeartbeatAt = state.now().getTime();
      hook.heartbeats++;
    }
    return open.length > 0 ? "accepted" : "not-held";
  },
  release: async (providerID, hold) => {
    gate("release", providerID);
    const open = openHooksOf(state, pools.instanceIdOf(providerID), hold);
    for (const hook of open) hook.ending = "completed";
    // The last release starts the instance's end now, not when somebody looks.
    find(state, pools.instanceIdOf(providerID));
    return open.length > 0 ? "accepted" : "not-held";
  },
  terminate: async (providerID, { decrement }) => {
    gate("terminate", providerID);
    const instance = find(state, pools.instanceIdOf(providerID));
    if (instance && !instance.gone) takeOut(state, instance, decrement);
  },
  findHeld: async (groupNames, now) => {
    gate("findHeld", groupNames.join(" "));
    const held: LeavingInstance[] = [];
    for (const { id } of state.instances.values()) {
      const instance = find(state, id);
      if (!instance || !groupNames.includes(instance.groupName) || stateOf(instance) !== "held") continue;
      const hooks = instance.hooks.map(({ name, heartbeatTimeoutSeconds }) => ({ name, heartbeatTimeoutSeconds }));
      held.push({
        instanceId: id,
        groupName: instance.groupName,
        cause: "TerminationHook",
        noticeTime: now.toISOString(),
        hold: { autoScaling: { groupName: instance.groupName, hooks } },
      });
    }
    return held;
  },
});

function find(state: MemoryState, instanceId: string | undefined): MemoryInstance | undefined {
  const instance = instanceId === undefined ? undefined : state.instances.get(instanceId);
  if (instance) settle(state, instance);
  return instance;
}

function openHooksOf(state: MemoryState, instanceId: string | undefined, hold: Hold): OpenHook[] {
  const instance = find(state, instanceId);
  if (!instance || instance.gone) return [];
  const asked = hold.autoScaling?.hooks ?? [];
  return instance.hooks.filter((hook) => asked.some(({ name }) => !hook.ending && name === hook.name));
}

const CLOUD_STATES = { running: "Running", held: "Waiting", leaving: "ShuttingDown", retained: "Kept", gone: "Gone" };

function view(instance: MemoryInstance | undefined): InstanceView {
  const state = stateOf(instance);
  const advice = state === "retained" ? { advice: "call terminate() of the cloud in memory" } : {};
  return { state, cloudState: CLOUD_STATES[state], ...advice };
}

export function stateOf(instance: MemoryInstance | undefined): InstanceView["state"] {
  if (!instance || instance.gone) return "gone";
  if (instance.retained) return "retained";
  if (instance.leavingSince !== undefined) return "leaving";
  return instance.hooks.length > 0 ? "held" : "running";
}

/** The shortest clock of all hooks counts, and so does the shortest maximum. */
function terms(hold: Hold): HoldTerms {
  const hooks = hold.autoScaling?.hooks ?? [];
  const timeouts = hooks.flatMap((hook) => hook.heartbeatTimeoutSeconds ?? []);
  const shortest = Math.min(...timeouts);
  return {
    names: hooks.map((hook) => `hook ${hook.name} of ${hold.autoScaling?.groupName}`),
    ...(timeouts.length > 0
      ? { heartbeatTimeoutSeconds: shortest, maximumSeconds: MAXIMUM_HEARTBEAT_TIMEOUTS * shortest }
      : {}),
  };
}
