/** The stories' view of the local AWS: Auto Scaling groups, their instances and hooks. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { z } from "zod";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import type { Instance } from "../aws/fleet.ts";
import type { LocalCloud } from "../local-cloud.ts";
import type { Infrastructure, StoryInstance } from "./infrastructure.ts";

/** As a person at a terminal would use it; not counted among the functions' calls. */
export const personsAutoScaling = ({ cloud, endpoint }: LocalCloud["aws"]): AutoScalingClient =>
  new AutoScalingClient({
    region: cloud.region,
    endpoint,
    credentials: { accessKeyId: "person", secretAccessKey: "local" },
  });

export const providerIDOf = ({ zone, id }: Instance): string => `aws:///${zone}/${id}`;

const groups = z.object({ AutoScalingGroups: z.array(z.object({ AutoScalingGroupName: z.string() })) });
const templates = z.object({ LaunchTemplates: z.array(z.object({ LaunchTemplateName: z.string() })) });

async function leftOver({ aws: { cloud } }: Pick<LocalCloud, "aws">): Promise<readonly string[]> {
  const { AutoScalingGroups } = groups.parse(await cloud.handle("autoscaling", "DescribeAutoScalingGroups", {}));
  const { LaunchTemplates } = templates.parse(await cloud.handle("ec2", "DescribeLaunchTemplates", {}));
  return [
    ...AutoScalingGroups.map(({ AutoScalingGroupName: name }) => `group ${name}`),
    ...LaunchTemplates.map(({ LaunchTemplateName: name }) => `launch template ${name}`),
    ...cloud
      .instances()
      .filter(({ state }) => state !== "terminated")
      .map(({ id }) => id),
  ];
}

const toStory = (instance: Instance): StoryInstance => ({
  id: instance.id,
  node: instance.privateDnsName,
  providerID: providerIDOf(instance),
  serves: instance.member?.lifecycleState === "InService",
});

export function awsInfrastructure(local: Pick<LocalCloud, "aws">, pool: string): Infrastructure {
  const { cloud, calls } = local.aws;
  return {
    name: "AWS",
    poolKind: awsMachinePools,
    machineKind: awsMachines,
    calls,
    instances: () =>
      cloud
        .instances()
        .filter(({ member }) => member?.group === pool)
        .map(toStory),
    isThere: (id) => cloud.instances().some((one) => one.id === id && one.state !== "terminated"),
    onInstance: (listener) => void cloud.onInstance(({ instance, state }) => listener(toStory(instance), state)),
    idOf: (providerID) => providerID.split("/").at(-1) ?? "",
    onHoldEnd: (listener) => void cloud.onHookEnd(listener),
    openHolds: cloud.waiting,
    deadLetters: () =>
      cloud.queues
        .names()
        .filter((name) => name.endsWith("DeadLetters"))
        .reduce((sum, name) => sum + cloud.queues.counts(name).visible, 0),
    leftOver: () => leftOver(local),
    isWrite: ({ server, what }) =>
      server !== "sqs" && server !== "secretsmanager" && !/^(Describe|Get|Assume)/.test(what),
    say: (timeline) => {
      cloud.onEvent((event) => {
        if (event["detail-type"] === "EC2 Instance State-change Notification") return;
        const { EC2InstanceId: id, "instance-id": ec2Id, LifecycleHookName: hook } = event.detail;
        const name = [id, ec2Id].find((one) => typeof one === "string") ?? "";
        timeline.say("cloud", name, `${event["detail-type"]}${typeof hook === "string" ? `, hook ${hook}` : ""}`);
      });
      cloud.onInstance(({ instance, state }) => timeline.say("cloud", instance.id, `instance ${state}`));
    },
  };
}
