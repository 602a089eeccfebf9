/** A local AWS on a virtual clock with the official SDKs pointed at it, and groups to play with. */
import { Agent } from "node:https";
import type { TestContext } from "node:test";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  DescribeAutoScalingInstancesCommand,
  type LifecycleHookSpecification,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { CloudEvent } from "../../../infra/local/aws/bus.ts";
import { startAws } from "../../../infra/local/aws/server.ts";
import { type StoryClock, virtualClock } from "../../../infra/local/clock.ts";
import { createAuthority } from "../../../infra/local/tls.ts";

export type Rig = Awaited<ReturnType<typeof startRig>>;

const authority = createAuthority();

export async function startRig(
  context: TestContext,
  clock: StoryClock = virtualClock(new Date("2026-11-20T08:00:00Z"), 1),
) {
  const timing = { bootSeconds: 2, shutdownSeconds: 2, healthCheckSeconds: 5 };
  const aws = await startAws({ clock, authority: await authority, timing });
  const httpsAgent = new Agent({ ca: aws.caPem, keepAlive: true });
  const options = {
    endpoint: aws.endpoint,
    region: aws.cloud.region,
    credentials: { accessKeyId: "AKIATEST", secretAccessKey: "secret" },
    requestHandler: { httpsAgent },
  };
  const events: CloudEvent[] = [];
  aws.cloud.onEvent((event) => void events.push(event));
  const clients = {
    autoscaling: new AutoScalingClient(options),
    ec2: new EC2Client(options),
    sqs: new SQSClient(options),
    secrets: new SecretsManagerClient(options),
    ssm: new SSMClient(options),
  };
  context.after(async () => {
    for (const client of Object.values(clients)) client.destroy();
    httpsAgent.destroy();
    await aws.close();
  });
  const pass = (seconds: number) => clock.run({ maxSeconds: seconds });
  return { aws, cloud: aws.cloud, clock, pass, events, options, httpsAgent, ...clients };
}

export const GROUP = "workers-a";
export const DRAIN: LifecycleHookSpecification = {
  LifecycleHookName: "drain",
  LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  HeartbeatTimeout: 60,
  DefaultResult: "CONTINUE",
};

/** Makes a group from the template "plain" and lets its instances boot. */
export async function startGroup(rig: Rig, settings: Partial<CreateAutoScalingGroupCommandInput> = {}) {
  await rig.ec2
    .send(new CreateLaunchTemplateCommand({ LaunchTemplateName: "plain", LaunchTemplateData: {} }))
    .catch(ignoreExisting);
  await rig.autoscaling.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: GROUP,
      MinSize: 0,
      MaxSize: 10,
      DesiredCapacity: 2,
      VPCZoneIdentifier: "subnet-a,subnet-b",
      ...(settings.MixedInstancesPolicy ? {} : { LaunchTemplate: { LaunchTemplateName: "plain" } }),
      ...settings,
    }),
  );
  await rig.pass(3);
}

function ignoreExisting(error: unknown) {
  if (!(error instanceof Error) || error.name !== "InvalidLaunchTemplateName.AlreadyExistsException") throw error;
}

/** Instance id -> LifecycleState, as the SDK sees it. */
export async function lifecycleStates(rig: Rig): Promise<Record<string, string>> {
  const { AutoScalingInstances = [] } = await rig.autoscaling.send(new DescribeAutoScalingInstancesCommand({}));
  return Object.fromEntries(AutoScalingInstances.map((one) => [one.InstanceId ?? "", one.LifecycleState ?? ""]));
}

/** The ids of the instances in this state. */
export async function inState(rig: Rig, state: string): Promise<string[]> {
  return Object.entries(await lifecycleStates(rig)).flatMap(([id, found]) => (found === state ? [id] : []));
}

/** The only one; a test that finds none or two is wrong. */
export function only<Item>(items: readonly Item[]): Item {
  const [first, ...others] = items;
  if (first === undefined || others.length > 0) throw new Error(`expected one, found ${items.length}`);
  return first;
}
