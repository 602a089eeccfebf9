/** An AWS account on the wire for provider tests: a group of cluster "blue" with two hooks of ours, and one of nobody's. */
import assert from "node:assert/strict";
import { Agent } from "node:https";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  type Tag,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import { startAws } from "../../../infra/local/aws/server.ts";
import { createAuthority } from "../../../infra/local/tls.ts";
import { manualClock } from "../../support/manual-clock.ts";

export const HOOKS = ["lifeguard-drain", "lifeguard-audit"];
export const GROUP = "workers-a";
const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

export async function startAwsRig() {
  const clock = manualClock(new Date("2026-11-20T08:00:00Z"));
  const aws = await startAws({ clock, authority: await createAuthority() });
  const httpsAgent = new Agent({ ca: aws.caPem, keepAlive: true });
  const options = {
    endpoint: aws.endpoint,
    region: aws.cloud.region,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "not-a-secret" },
    requestHandler: { httpsAgent },
    // The suite plants one refusal per question; a second try would swallow it.
    maxAttempts: 1,
  };
  const autoScaling = new AutoScalingClient(options);
  const ec2 = new EC2Client(options);

  await ec2.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "workers",
      LaunchTemplateData: { ImageId: "ami-0a", InstanceType: "m7g.large" },
    }),
  );
  const addGroup = (
    name: string,
    more: { readonly Tags?: Tag[]; readonly hooks?: readonly string[]; readonly template?: string },
  ) =>
    autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        MinSize: 0,
        MaxSize: 100,
        DesiredCapacity: 0,
        VPCZoneIdentifier: "subnet-a,subnet-b",
        LaunchTemplate: { LaunchTemplateName: more.template ?? "workers", Version: "$Latest" },
        Tags: more.Tags ?? [],
        InstanceLifecyclePolicy: { RetentionTriggers: { TerminateHookAbandon: "retain" } },
        LifecycleHookSpecificationList: (more.hooks ?? []).map((hook) => ({
          LifecycleHookName: hook,
          LifecycleTransition: TERMINATING,
          HeartbeatTimeout: 300,
          DefaultResult: "CONTINUE",
        })),
      }),
    );
  const inServiceIn = async (name: string) => {
    const found = await autoScaling.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
    const instances = found.AutoScalingGroups?.[0]?.Instances ?? [];
    return instances.filter((one) => one.LifecycleState === "InService").map((one) => one.InstanceId ?? "");
  };
  /** One more instance, in service. */
  const launch = async (name = GROUP): Promise<{ readonly instanceId: string; readonly zone: string }> => {
    const before = await inServiceIn(name);
    const wish = { AutoScalingGroupName: name, DesiredCapacity: before.length + 1, HonorCooldown: false };
    await autoScaling.send(new SetDesiredCapacityCommand(wish));
    clock.advance(60);
    const instanceId = (await inServiceIn(name)).find((id) => !before.includes(id));
    assert.ok(instanceId, "an instance came into service");
    const zone = aws.cloud.instances().find(({ id }) => id === instanceId)?.zone;
    assert.ok(zone);
    return { instanceId, zone };
  };
  return {
    aws,
    clock,
    autoScaling,
    ec2,
    options,
    addGroup,
    launch,
    close: async () => {
      autoScaling.destroy();
      ec2.destroy();
      httpsAgent.destroy();
      await aws.close();
    },
  };
}

export const blueTags = (groupName: string): Tag[] => [
  {
    Key: "sigs.k8s.io/cluster-api-provider-aws/cluster/blue",
    Value: "owned",
    PropagateAtLaunch: true,
    ResourceId: groupName,
    ResourceType: "auto-scaling-group",
  },
];
