/** What the local AWS knows of our group, asked as an operator would. */
import type { AwsCloud } from "../../../infra/local/aws/cloud.ts";
import { POOL } from "../scene.ts";
import type { Shown } from "./simulated-cloud.ts";

const OVER = ["Successful", "Failed", "Cancelled"];

interface ShownGroup {
  readonly DesiredCapacity: number;
  readonly Tags: readonly { readonly Key: string }[];
}

/** The local AWS answers at once. */
function ask<T>(aws: AwsCloud, service: string, action: string, input: object): T | undefined {
  try {
    return aws.handle(service, action, input) as T;
  } catch {
    return undefined;
  }
}

export function awsShown(aws: AwsCloud): Shown {
  const name = { AutoScalingGroupName: POOL };
  const groups = ask<{ AutoScalingGroups: ShownGroup[] }>(aws, "autoscaling", "DescribeAutoScalingGroups", {
    AutoScalingGroupNames: [POOL],
  });
  const group = groups?.AutoScalingGroups[0];
  const hooks = ask<{ LifecycleHooks: { LifecycleHookName: string }[] }>(
    aws,
    "autoscaling",
    "DescribeLifecycleHooks",
    name,
  );
  const refreshes = ask<{ InstanceRefreshes: { Status: string }[] }>(
    aws,
    "autoscaling",
    "DescribeInstanceRefreshes",
    name,
  );
  const template = ask<{ LaunchTemplates: unknown[] }>(aws, "ec2", "DescribeLaunchTemplates", {
    LaunchTemplateNames: [POOL],
  });
  return {
    ...(group && { group: { desired: group.DesiredCapacity, tagKeys: group.Tags.map(({ Key }) => Key) } }),
    hooks: hooks?.LifecycleHooks.map(({ LifecycleHookName }) => LifecycleHookName) ?? [],
    isChanging: refreshes?.InstanceRefreshes.some(({ Status }) => !OVER.includes(Status)) ?? false,
    leftovers: (template?.LaunchTemplates.length ?? 0) > 0 ? ["the template"] : [],
  };
}
