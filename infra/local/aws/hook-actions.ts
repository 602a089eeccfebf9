/** Lifecycle actions: what holds an instance in a Wait state, for how long, and who may let it go. */

import type { Queues } from "../queues.ts";
import { validationError } from "./errors.ts";
import type { Fleet, Place } from "./fleet.ts";
import type { Group } from "./group.ts";
import { globalTimeoutOf, type Hook, type HookResult, TERMINATING, type Transition } from "./hook.ts";
import { queueNameOf } from "./sqs-api.ts";

interface OpenAction {
  readonly instanceId: string;
  readonly group: Group;
  readonly hook: Hook;
  readonly token: string;
  /** Milliseconds; no heartbeat leads beyond. */
  readonly endsAt: number;
  cancel: () => void;
}

/** How one hook's wait for one instance ended. "cut off": the instance left without it (reclaimed, terminated, force-deleted). */
export interface HookEnd {
  readonly instanceId: string;
  readonly hook: string;
  readonly how: "continued" | "abandoned" | "timed out" | "hook deleted" | "cut off";
}

export interface ActionName {
  readonly group: string;
  readonly hook: string;
  readonly token?: string | undefined;
  readonly instanceId?: string | undefined;
}

export function createHookActions({ clock, accountId, ids, bus }: Place, fleet: Fleet, queues: Queues) {
  const open = new Set<OpenAction>();
  const whenDone = new Map<string, (result: HookResult) => void>();
  const of = (instanceId: string) => [...open].filter((one) => one.instanceId === instanceId);

  const endListeners = new Set<(end: HookEnd) => void>();

  const close = (closed: OpenAction, how: HookEnd["how"]) => {
    closed.cancel();
    open.delete(closed);
    const end = { instanceId: closed.instanceId, hook: closed.hook.LifecycleHookName, how };
    for (const listener of endListeners) listener(end);
  };
  const finish = (finished: OpenAction, result: HookResult, how: HookEnd["how"]) => {
    close(finished, how);
    const { instanceId } = finished;
    if (result === "ABANDON") for (const other of of(instanceId)) close(other, "abandoned");
    if (of(instanceId).length > 0) return;
    const done = whenDone.get(instanceId);
    whenDone.delete(instanceId);
    done?.(result);
  };
  const arm = (armed: OpenAction) => {
    armed.cancel();
    const leftSeconds = (armed.endsAt - clock.now().getTime()) / 1000;
    const last = leftSeconds <= armed.hook.HeartbeatTimeout;
    const result = last ? "ABANDON" : armed.hook.DefaultResult;
    armed.cancel = clock.after(last ? leftSeconds : armed.hook.HeartbeatTimeout, () =>
      finish(armed, result, "timed out"),
    );
  };
  const announce = ({ group, hook, token, instanceId }: OpenAction) => {
    const { NotificationMetadata } = hook;
    const leaves = hook.LifecycleTransition === TERMINATING;
    const [Origin, Destination] = leaves ? ["AutoScalingGroup", "EC2"] : ["EC2", "AutoScalingGroup"];
    const detail = {
      LifecycleActionToken: token,
      AutoScalingGroupName: group.AutoScalingGroupName,
      LifecycleHookName: hook.LifecycleHookName,
      EC2InstanceId: instanceId,
      LifecycleTransition: hook.LifecycleTransition,
      ...(NotificationMetadata === undefined ? {} : { NotificationMetadata }),
      Origin,
      Destination,
    };
    const detailType = `EC2 Instance-${leaves ? "terminate" : "launch"} Lifecycle Action`;
    bus.emit({ source: "aws.autoscaling", detailType, resources: [group.AutoScalingGroupARN], detail });
    notify(hook, detail);
  };
  const notify = ({ NotificationTargetARN: target }: Hook, content: Readonly<Record<string, unknown>>) => {
    if (target === undefined) return;
    const general = {
      AccountId: accountId,
      RequestId: ids.uuid(),
      Service: "AWS Auto Scaling",
      Time: clock.now().toISOString(),
    };
    queues.send(queueNameOf(target), { body: JSON.stringify({ ...general, ...content }) });
  };
  const find = ({ group, hook, token, instanceId }: ActionName): OpenAction => {
    if (token === undefined && instanceId === undefined)
      throw validationError("Either LifecycleActionToken or InstanceId is needed.");
    const found = [...open].find(
      (one) =>
        one.group.AutoScalingGroupName === group &&
        one.hook.LifecycleHookName === hook &&
        (token ?? one.token) === one.token &&
        (instanceId ?? one.instanceId) === one.instanceId,
    );
    if (found) return found;
    const name = instanceId === undefined ? `token ${token}` : `instance ID ${instanceId}`;
    throw validationError(`No active Lifecycle Action found with ${name}`);
  };

  return {
    /** Holds the instance until every hook of the transition is over; without hooks `done` is called at once. */
    hold: (instanceId: string, group: Group, transition: Transition, done: (result: HookResult) => void): void => {
      const hooks = Object.values(group.hooks).filter((hook) => hook.LifecycleTransition === transition);
      if (hooks.length === 0) {
        done("CONTINUE");
        return;
      }
      fleet.setMember(instanceId, { lifecycleState: transition === TERMINATING ? "Terminating:Wait" : "Pending:Wait" });
      whenDone.set(instanceId, done);
      const started = hooks.map((hook) => {
        const endsAt = clock.now().getTime() + globalTimeoutOf(hook) * 1000;
        return { instanceId, group, hook, token: ids.uuid(), endsAt, cancel: () => {} };
      });
      for (const one of started) open.add(one);
      started.forEach(arm);
      started.forEach(announce);
    },
    heartbeat: (name: ActionName): void => arm(find(name)),
    complete: (name: ActionName, result: HookResult): void =>
      finish(find(name), result, result === "CONTINUE" ? "continued" : "abandoned"),
    /** The hook is deleted: who waits for it goes in the direction of the transition's ordinary end. */
    endHook: (group: string, hook: string): void => {
      for (const one of [...open].filter(
        (each) => each.group.AutoScalingGroupName === group && each.hook.LifecycleHookName === hook,
      )) {
        finish(one, one.hook.LifecycleTransition === TERMINATING ? "CONTINUE" : "ABANDON", "hook deleted");
      }
    },
    /** The instance is gone: nothing is left to wait for. */
    forget: (instanceId: string): void => {
      for (const one of of(instanceId)) close(one, "cut off");
      whenDone.delete(instanceId);
    },
    testNotification: ({ AutoScalingGroupARN, AutoScalingGroupName }: Group, hook: Hook): void => {
      try {
        notify(hook, { AutoScalingGroupARN, AutoScalingGroupName, Event: "autoscaling:TEST_NOTIFICATION" });
      } catch (error) {
        throw validationError(
          `Unable to publish test message to notification target ${hook.NotificationTargetARN}: ${String(error)}`,
        );
      }
    },
    onEnd: (listener: (end: HookEnd) => void) => {
      endListeners.add(listener);
      return () => void endListeners.delete(listener);
    },
    /** For people and tests: who waits for what. */
    waiting: () =>
      [...open].map(({ instanceId, hook, token }) => ({ instanceId, hook: hook.LifecycleHookName, token })),
  };
}
