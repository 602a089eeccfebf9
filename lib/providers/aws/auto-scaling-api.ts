/** The few calls to Auto Scaling that we use, as plain functions over plain data; SDK types end here. */
import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { asAws } from "./errors.ts";

export interface GroupMember {
  readonly instanceId: string;
  readonly groupName: string;
  readonly zone: string;
  /** E.g. "InService", "Terminating:Wait", "Warmed:Stopped". */
  readonly lifecycleState: string;
}

export interface ScalingGroup {
  readonly name: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly members: readonly GroupMember[];
}

export interface LiveHook {
  readonly name: string;
  readonly transition: string;
  readonly heartbeatTimeoutSeconds?: number;
}

/** One waiting action of one instance; with a token exactly that one, without the present one. */
export interface HookAction {
  readonly groupName: string;
  readonly hookName: string;
  readonly instanceId: string;
  readonly token?: string;
}

/** Every call throws ProviderError. */
export interface AutoScalingApi {
  /** undefined: in no group. */
  describeInstance(instanceId: string): Promise<GroupMember | undefined>;
  /** In pages; at most 100 names per call. Unknown names are left out. */
  describeGroups(names: readonly string[]): AsyncIterable<readonly ScalingGroup[]>;
  describeHooks(groupName: string): Promise<readonly LiveHook[]>;
  heartbeat(action: HookAction): Promise<void>;
  /** CONTINUE, always: ABANDON would cut short everybody else's hooks and may retain the instance. */
  complete(action: HookAction): Promise<void>;
  /** Out of its group, through the group's hooks. */
  terminate(instanceId: string, decrement: boolean): Promise<void>;
}

/** @param signal ends calls in flight with the invocation */
export function autoScalingApi(client: AutoScalingClient, signal?: AbortSignal): AutoScalingApi {
  const options = signal ? { abortSignal: signal } : {};
  return {
    describeInstance: (instanceId) =>
      asAws("autoscaling:DescribeAutoScalingInstances", async () => {
        const command = new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] });
        const { AutoScalingInstances } = await client.send(command, options);
        const found = AutoScalingInstances?.find((one) => one.InstanceId === instanceId);
        return found && member(found, found.AutoScalingGroupName ?? "");
      }),
    describeGroups: async function* (names) {
      let token: string | undefined;
      do {
        const input = { AutoScalingGroupNames: [...names], MaxRecords: 100, ...(token ? { NextToken: token } : {}) };
        const command = new DescribeAutoScalingGroupsCommand(input);
        const page = await asAws("autoscaling:DescribeAutoScalingGroups", () => client.send(command, options));
        yield (page.AutoScalingGroups ?? []).map((group) => ({
          name: group.AutoScalingGroupName ?? "",
          tags: (group.Tags ?? []).map(({ Key = "", Value = "" }) => ({ key: Key, value: Value })),
          members: (group.Instances ?? []).map((one) => member(one, group.AutoScalingGroupName ?? "")),
        }));
        token = page.NextToken;
      } while (token);
    },
    describeHooks: (groupName) =>
      asAws("autoscaling:DescribeLifecycleHooks", async () => {
        const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: groupName });
        const { LifecycleHooks } = await client.send(command, options);
        return (LifecycleHooks ?? []).map((hook) => ({
          name: hook.LifecycleHookName ?? "",
          transition: hook.LifecycleTransition ?? "",
          ...(hook.HeartbeatTimeout ? { heartbeatTimeoutSeconds: hook.HeartbeatTimeout } : {}),
        }));
      }),
    heartbeat: async (action) => {
      const command = new RecordLifecycleActionHeartbeatCommand(waiting(action));
      await asAws("autoscaling:RecordLifecycleActionHeartbeat", () => client.send(command, options));
    },
    complete: async (action) => {
      const command = new CompleteLifecycleActionCommand({ ...waiting(action), LifecycleActionResult: "CONTINUE" });
      await asAws("autoscaling:CompleteLifecycleAction", () => client.send(command, options));
    },
    terminate: async (instanceId, decrement) => {
      const wanted = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: decrement };
      const command = new TerminateInstanceInAutoScalingGroupCommand(wanted);
      await asAws("autoscaling:TerminateInstanceInAutoScalingGroup", () => client.send(command, options));
    },
  };
}

const waiting = ({ groupName, hookName, instanceId, token }: HookAction) => ({
  AutoScalingGroupName: groupName,
  LifecycleHookName: hookName,
  InstanceId: instanceId,
  ...(token === undefined ? {} : { LifecycleActionToken: token }),
});

interface SdkMember {
  readonly InstanceId?: string | undefined;
  readonly AvailabilityZone?: string | undefined;
  readonly LifecycleState?: string | undefined;
}

const member = (one: SdkMember, groupName: string): GroupMember => ({
  instanceId: one.InstanceId ?? "",
  groupName,
  zone: one.AvailabilityZone ?? "",
  lifecycleState: one.LifecycleState ?? "",
});
