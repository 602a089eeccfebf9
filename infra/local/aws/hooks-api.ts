/** The lifecycle hook operations of Auto Scaling. */
import { z } from "zod";
import { type Actions, action, read } from "./action.ts";
import { AwsError } from "./errors.ts";
import { globalTimeoutOf, hookResult, hookSpecification } from "./hook.ts";
import type { Scaling } from "./scaling.ts";

const MOST_HOOKS = 50;
const name = z.string().min(1);
const hookName = z.object({ AutoScalingGroupName: name, LifecycleHookName: name });
const actionName = hookName.extend({ InstanceId: name.optional(), LifecycleActionToken: name.optional() });
const describing = z.object({ AutoScalingGroupName: name, LifecycleHookNames: z.array(z.string()).optional() });

export function hookOperations({ groupOf, groups, hooks }: Scaling): Actions {
  const named = (input: z.output<typeof actionName>) => ({
    group: groupOf(input.AutoScalingGroupName).AutoScalingGroupName,
    hook: input.LifecycleHookName,
    token: input.LifecycleActionToken,
    instanceId: input.InstanceId,
  });

  return {
    /** Creates a hook, or changes what is named of one. */
    PutLifecycleHook: action(z.looseObject(hookName.shape), (input) => {
      const group = groupOf(input.AutoScalingGroupName);
      const old = group.hooks[input.LifecycleHookName];
      const hook = read(hookSpecification, { ...old, ...input });
      if (!old && Object.keys(group.hooks).length >= MOST_HOOKS) {
        throw new AwsError("LimitExceeded", `A group may have ${MOST_HOOKS} lifecycle hooks.`);
      }
      hooks.testNotification(group, hook);
      groups.put(group.AutoScalingGroupName, { ...group, hooks: { ...group.hooks, [hook.LifecycleHookName]: hook } });
      return {};
    }),
    DeleteLifecycleHook: action(hookName, (input) => {
      const group = groupOf(input.AutoScalingGroupName);
      const { [input.LifecycleHookName]: _, ...kept } = group.hooks;
      groups.put(group.AutoScalingGroupName, { ...group, hooks: kept });
      hooks.endHook(group.AutoScalingGroupName, input.LifecycleHookName);
      return {};
    }),
    DescribeLifecycleHooks: action(describing, ({ AutoScalingGroupName, LifecycleHookNames: wanted }) => {
      const all = Object.values(groupOf(AutoScalingGroupName).hooks);
      const found = all.filter((hook) => wanted?.includes(hook.LifecycleHookName) ?? true);
      return {
        LifecycleHooks: found.map((hook) => ({ ...hook, AutoScalingGroupName, GlobalTimeout: globalTimeoutOf(hook) })),
      };
    }),
    CompleteLifecycleAction: action(actionName.extend({ LifecycleActionResult: hookResult }), (input) => {
      hooks.complete(named(input), input.LifecycleActionResult);
      return {};
    }),
    RecordLifecycleActionHeartbeat: action(actionName, (input) => {
      hooks.heartbeat(named(input));
      return {};
    }),
  };
}
