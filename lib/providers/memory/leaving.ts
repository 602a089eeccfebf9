/** How an instance of the cloud in memory begins to leave: at once, or held by the hooks of its group. */
import type { LeavingInstance } from "../../api/trigger.ts";
import { groupOf, type MemoryInstance, type MemoryState, openHook } from "./cloud.ts";

/** @returns what the cloud's event would say; without a hold when nothing waits */
export function beginTermination(
  state: MemoryState,
  instance: MemoryInstance,
  hooks = groupOf(state, instance.groupName).hooks,
): LeavingInstance {
  const now = state.now();
  const { id, groupName } = instance;
  const said = { instanceId: id, groupName, cause: "TerminationHook", noticeTime: now.toISOString() } as const;
  if (hooks.length === 0) {
    instance.leavingSince = now.getTime();
    return said;
  }
  instance.hooks = hooks.map((hook) => openHook(hook, `${hook.name}-${id}-${now.getTime()}`, now));
  const told = instance.hooks.map(({ name, token, heartbeatTimeoutSeconds }) => ({
    name,
    token,
    heartbeatTimeoutSeconds,
  }));
  return { ...said, hold: { autoScaling: { groupName, hooks: told } } };
}

/** In service, or on its way there. */
export const isInService = ({ gone, leavingSince, hooks }: MemoryInstance): boolean =>
  !gone && leavingSince === undefined && hooks.length === 0;
