/** The local AWS without sockets, and the provider's own few calls to it with the wire in between. */
import { type AwsCloud, createAwsCloud } from "../../infra/local/aws/cloud.ts";
import { AwsError } from "../../infra/local/aws/errors.ts";
import type { Clock } from "../../infra/local/clock.ts";
import type { AutoScalingApi, GroupMember, HookAction } from "../../lib/providers/aws/auto-scaling-api.ts";
import type { Ec2Api } from "../../lib/providers/aws/ec2-api.ts";
import { asAws } from "../../lib/providers/aws/errors.ts";
import { hookNames } from "../../lib/providers/aws/hook-names.ts";
import { awsProvider } from "../../lib/providers/aws/index.ts";
import type { TerminationProvider } from "../../lib/providers/provider.ts";
import type { Pass } from "./pass.ts";
import { DONE_ALL_THE_SAME, type Refusals, type Wire } from "./wire.ts";

export const HOOK_NAMES = hookNames("lifeguard-");

export const createCloud = (clock: Clock, seed: number): AwsCloud =>
  createAwsCloud({ clock, region: "eu-west-1", accountId: "123456789012", seed: String(seed) });

type Said = Readonly<Record<string, unknown>>;

/** As the SDK throws it: the name is the code on the wire. */
function sdkError(code: string, message: string, httpStatusCode: number): Error {
  return Object.assign(new Error(message), { name: code, $metadata: { httpStatusCode } });
}

const refuse = (code: string, status: number) => (): never => {
  throw sdkError(code, `injected: ${code}`, status);
};

const REFUSALS: Refusals<Said> = {
  answers: {
    Throttling: refuse("Throttling", 400),
    InternalFailure: refuse("InternalFailure", 500),
    ResourceContention: refuse("ResourceContention", 400),
    AccessDenied: refuse("AccessDenied", 403),
    [`InternalFailure${DONE_ALL_THE_SAME}`]: refuse("InternalFailure", 500),
  },
  unanswered: () => sdkError("TimeoutError", "injected: no answer", 0),
};

/** Told of every request that reached the cloud: what a pass asked for, and whether it was done. */
export type CloudListener = (pass: Pass, action: string, input: Said, isDone: boolean) => void;

export interface CloudDoor {
  readonly cloud: AwsCloud;
  readonly wire: Wire;
  readonly onRequest: CloudListener;
}

export type AskCloud = (service: string, action: string, input: Said) => Promise<Said>;

/** One call of a pass, over the wire; throws as the SDK does. */
export function askerFor({ cloud, wire, onRequest }: CloudDoor, pass: Pass): AskCloud {
  const run = async (service: string, action: string, input: Said): Promise<Said> => {
    try {
      const said = await cloud.handle(service, action, input);
      onRequest(pass, action, input, true);
      return said;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      onRequest(pass, action, input, false);
      throw sdkError(error.code, error.message, error.status);
    }
  };
  return (service, action, input) =>
    wire.send({ pass, to: "cloud", what: action, risk: "cloud" }, REFUSALS, () => run(service, action, input));
}

export function providerFor(door: CloudDoor, pass: Pass): TerminationProvider {
  const over = askerFor(door, pass);
  const ask: Ask = (service, action, input) => asAws(`${service}:${action}`, () => over(service, action, input));
  return awsProvider({ autoScaling: autoScaling(ask), ec2: ec2(ask) }, { hookNames: HOOK_NAMES });
}

type Ask = (service: "autoscaling" | "ec2", action: string, input: Said) => Promise<Said>;

interface ShownMember {
  readonly InstanceId: string;
  readonly AvailabilityZone: string;
  readonly LifecycleState: string;
}
interface ShownGroup {
  readonly AutoScalingGroupName: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly Instances: readonly ShownMember[];
}
interface ShownHook {
  readonly LifecycleHookName: string;
  readonly LifecycleTransition: string;
  readonly HeartbeatTimeout: number;
}

const member = (shown: ShownMember, groupName: string): GroupMember => ({
  instanceId: shown.InstanceId,
  groupName,
  zone: shown.AvailabilityZone,
  lifecycleState: shown.LifecycleState,
});

const named = ({ groupName, hookName, instanceId, token }: HookAction) => ({
  AutoScalingGroupName: groupName,
  LifecycleHookName: hookName,
  InstanceId: instanceId,
  ...(token !== undefined && { LifecycleActionToken: token }),
});

const autoScaling = (ask: Ask): AutoScalingApi => ({
  describeInstance: async (instanceId) => {
    const said = await ask("autoscaling", "DescribeAutoScalingInstances", { InstanceIds: [instanceId] });
    const [found] = said.AutoScalingInstances as (ShownMember & { readonly AutoScalingGroupName: string })[];
    return found && member(found, found.AutoScalingGroupName);
  },
  describeGroups: async function* (names) {
    let token: unknown;
    do {
      const input = { AutoScalingGroupNames: [...names], ...(token !== undefined && { NextToken: token }) };
      const said = await ask("autoscaling", "DescribeAutoScalingGroups", input);
      yield (said.AutoScalingGroups as ShownGroup[]).map(({ AutoScalingGroupName: name, Tags, Instances }) => ({
        name,
        tags: Tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
        members: Instances.map((one) => member(one, name)),
      }));
      token = said.NextToken;
    } while (token !== undefined);
  },
  describeHooks: async (groupName) => {
    const said = await ask("autoscaling", "DescribeLifecycleHooks", { AutoScalingGroupName: groupName });
    return (said.LifecycleHooks as ShownHook[]).map((hook) => ({
      name: hook.LifecycleHookName,
      transition: hook.LifecycleTransition,
      heartbeatTimeoutSeconds: hook.HeartbeatTimeout,
    }));
  },
  heartbeat: async (action) => void (await ask("autoscaling", "RecordLifecycleActionHeartbeat", named(action))),
  terminate: async (instanceId, decrement) => {
    const input = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: decrement };
    await ask("autoscaling", "TerminateInstanceInAutoScalingGroup", input);
  },
  complete: async (action) => {
    const input = { ...named(action), LifecycleActionResult: "CONTINUE" };
    await ask("autoscaling", "CompleteLifecycleAction", input);
  },
});

interface ShownInstance {
  readonly InstanceId: string;
  readonly State: { readonly Name: string };
}

const ec2 = (ask: Ask): Ec2Api => ({
  instanceState: async (instanceId) => {
    try {
      const said = await ask("ec2", "DescribeInstances", { InstanceIds: [instanceId] });
      const found = (said.Reservations as { readonly Instances: readonly ShownInstance[] }[]).flatMap(
        ({ Instances }) => Instances,
      );
      return found.find(({ InstanceId }) => InstanceId === instanceId)?.State.Name;
    } catch (error) {
      if (error instanceof Error && "kind" in error && error.kind === "not-found") return undefined;
      throw error;
    }
  },
  instancesOfReservation: async () => [],
});
