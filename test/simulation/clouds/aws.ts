/** AWS as a simulated cloud: Auto Scaling groups, lifecycle hooks, and events of EventBridge. */
import type { AwsCloud } from "../../../infra/local/aws/cloud.ts";
import { AwsError } from "../../../infra/local/aws/errors.ts";
import type { Clock } from "../../../infra/local/clock.ts";
import { awsClusters } from "../../../lib/api/aws/aws-cluster.ts";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import {
  readGroupChange,
  readHookEvent,
  readRebalance,
  readReclaim,
  readScheduledChange,
  readStateChange,
} from "../../../lib/providers/aws/events/index.ts";
import type { Reader } from "../../../lib/providers/aws/events/parser.ts";
import { instanceIdOf } from "../../../lib/providers/aws/provider-id.ts";
import { createCloud, HOOK_NAMES, providerFor } from "../cloud.ts";
import type { Plan } from "../plan.ts";
import { poolProviderFor } from "../pools/clients.ts";
import { IMAGE } from "../pools/objects.ts";
import { POOL } from "../scene.ts";
import { awsPoolObjects, awsUpstreamSpec, createAwsGroups } from "./aws-groups.ts";
import { awsShown } from "./aws-shown.ts";
import { type Machine, policiesOf, type SimulatedCloud } from "./simulated-cloud.ts";

type Instance = ReturnType<AwsCloud["instances"]>[number];

const READERS: readonly Reader[] = [readHookEvent, readReclaim, readRebalance, readStateChange, readScheduledChange];
/** Of the hook that pools of ours get without declaring one (lib/providers/aws/drain-hook.ts). */
const DEFAULT_SECONDS = 300;
const MOST_SECONDS = 172_800;
const MOST_HEARTBEATS = 100;

const machineOf = (instance: Instance): Machine => ({
  id: instance.id,
  providerID: `aws:///${instance.zone}/${instance.id}`,
  nodeName: instance.privateDnsName,
  state: instance.state,
  ...(instance.member && { group: instance.member.group }),
  isOurs: instance.tags["aws:autoscaling:groupName"] === POOL,
  isInService: instance.member?.lifecycleState === "InService",
  isCounted: /^(InService|Pending)/.test(instance.member?.lifecycleState ?? ""),
  launchTime: instance.launchTime,
});

/** The cloud's instances never change: each is worked out once, however often it is looked at. */
function machinesSeen(): (instance: Instance) => Machine {
  const seen = new WeakMap<Instance, Machine>();
  return (instance) => {
    const known = seen.get(instance) ?? machineOf(instance);
    seen.set(instance, known);
    return known;
  };
}

export function awsSimulation(clock: Clock, plan: Plan, seed: number): SimulatedCloud {
  const aws = createCloud(clock, seed);
  const toMachine = machinesSeen();
  const waitOf = ({ instanceId, hook, token }: ReturnType<AwsCloud["waiting"]>[number]) => {
    const heartbeatSeconds = plan.hooks.find(({ name }) => name === hook)?.heartbeatSeconds ?? DEFAULT_SECONDS;
    const mostSeconds = Math.min(MOST_SECONDS, MOST_HEARTBEATS * heartbeatSeconds);
    return { instanceId, hook, token, heartbeatSeconds, mostSeconds };
  };
  return {
    name: "aws",
    aws,
    kinds: { pools: awsMachinePools, machines: awsMachines, cluster: awsClusters },
    machines: () => aws.instances().map(toMachine),
    onMachine: (listener) =>
      void aws.onInstance(({ instance, state }) => listener({ machine: toMachine(instance), state })),
    onEvent: (listener) => void aws.onEvent((event) => listener(event, event["detail-type"])),
    read: async (event, { receivedAt, ownsPools }) => {
      const reading = { receivedAt, hookNames: HOOK_NAMES, ...policiesOf(plan) };
      for (const reader of ownsPools ? [...READERS, readGroupChange] : READERS) {
        const trigger = await reader(event, reading);
        if (trigger) return trigger;
      }
      return undefined;
    },
    // Hooks of others are theirs to answer.
    holds: () =>
      aws
        .waiting()
        .filter(({ hook }) => hook.startsWith("lifeguard-"))
        .map(waitOf),
    isHeld: (id) => aws.waiting().some(({ instanceId }) => instanceId === id),
    shown: () => awsShown(aws),
    doors: ({ wire, onRequest }) => {
      const door = {
        cloud: aws,
        wire,
        onRequest: (...[pass, action, input, isDone]: Parameters<Parameters<typeof providerFor>[0]["onRequest"]>) =>
          onRequest(pass, { action, input, isDone }),
      };
      return {
        providerFor: (pass) => providerFor(door, pass),
        poolProviderFor: (pass, now) => poolProviderFor(door, pass, now),
      };
    },
    isRead: (action) => /^(Describe|Get|List)/.test(action),
    instanceIdOf,
    strangersId: (number) => `aws:///eu-west-1a/i-f0e1${number}`,
    createGroups: () => createAwsGroups(aws, plan),
    upstreamSpec: () => awsUpstreamSpec(plan),
    poolObjects: () => awsPoolObjects(plan),
    replace: async ({ id }) => {
      const input = { InstanceId: id, ShouldDecrementDesiredCapacity: false };
      await aws.handle("autoscaling", "TerminateInstanceInAutoScalingGroup", input);
    },
    heal: () => {
      aws.lagDescribes(0);
      aws.images.restore(IMAGE);
    },
    refused: (error) => error instanceof AwsError,
  };
}
