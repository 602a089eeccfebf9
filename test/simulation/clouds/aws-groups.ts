/** Auto Scaling groups as a run begins with them, and the AWS half of what users and upstream apply. */
import type { AwsCloud } from "../../../infra/local/aws/cloud.ts";
import { awsClusters } from "../../../lib/api/aws/aws-cluster.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../../lib/api/core/labels.ts";
import type { Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { Plan } from "../plan.ts";
import { IMAGE, metaOf, ownLabels } from "../pools/objects.ts";
import { CLUSTER, POOL, STRANGERS, TWINS } from "../scene.ts";
import type { Whole } from "./simulated-cloud.ts";

const TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING";

export const awsUpstreamSpec = ({ hooks }: Plan): object => ({
  lifecycleHooks: hooks.map(({ name, heartbeatSeconds }) => ({
    name,
    lifecycleTransition: TERMINATING,
    heartbeatTimeout: `${heartbeatSeconds}s`,
  })),
});

/** A pool of ours makes a template of its own name. */
const templateName = ({ pool }: Plan): string => (pool ? "others" : POOL);

/** Somebody else's hook is on our group only. */
const hooksOn = (group: string, { hooks, foreignHook }: Plan) =>
  group === POOL && foreignHook ? [...hooks, foreignHook] : hooks;

export async function createAwsGroups(aws: AwsCloud, plan: Plan): Promise<void> {
  await aws.handle("ec2", "CreateLaunchTemplate", { LaunchTemplateName: templateName(plan) });
  const tag = (clusterName: string) => ({
    Key: `sigs.k8s.io/cluster-api-provider-aws/cluster/${clusterName}`,
    Value: "owned",
    PropagateAtLaunch: true,
  });
  const groups = [
    { name: POOL, size: plan.instances, tags: [tag(CLUSTER)] },
    { name: STRANGERS, size: 1, tags: [] },
    { name: TWINS, size: 1, tags: [tag(CLUSTER)] },
  ];
  for (const { name, size, tags } of groups.filter((one) => !plan.pool || one.name !== POOL))
    await aws.handle("autoscaling", "CreateAutoScalingGroup", {
      AutoScalingGroupName: name,
      MinSize: 0,
      MaxSize: 8,
      DesiredCapacity: size,
      VPCZoneIdentifier: "subnet-a,subnet-b",
      LaunchTemplate: { LaunchTemplateName: templateName(plan), Version: "$Latest" },
      Tags: tags,
      CapacityRebalance: name === POOL && plan.capacityRebalance,
      LifecycleHookSpecificationList: hooksOn(name, plan).map((hook) => ({
        LifecycleHookName: hook.name,
        LifecycleTransition: TERMINATING,
        HeartbeatTimeout: hook.heartbeatSeconds,
        DefaultResult: "CONTINUE",
      })),
    });
}

const network: Whole = {
  apiVersion: awsClusters.apiVersion,
  kind: awsClusters.kind,
  metadata: metaOf(CLUSTER, { [CLUSTER_NAME_LABEL]: CLUSTER }),
  spec: {
    region: "eu-west-1",
    network: {
      subnets: ["a", "b"].map((zone) => ({ id: `subnet-${zone}`, availabilityZone: `eu-west-1${zone}` })),
    },
  },
  status: { ready: true, networkStatus: { securityGroups: { node: { id: "sg-node" }, lb: { id: "sg-lb" } } } },
};

const hooksOf = ({ hooks }: Plan) =>
  hooks.map(({ name, heartbeatSeconds }) => ({
    name,
    lifecycleTransition: TERMINATING,
    heartbeatTimeout: `${heartbeatSeconds}s`,
    defaultResult: "CONTINUE",
  }));

export function awsPoolObjects(plan: Plan): readonly (readonly [Resource, Whole])[] {
  const { minSize, maxSize, refreshPreferences } = plan.pool ?? {};
  const lifecycleHooks = hooksOf(plan);
  const spec = {
    minSize,
    maxSize,
    refreshPreferences,
    awsLaunchTemplate: { instanceType: "m7g.large", ami: { id: IMAGE } },
    capacityRebalance: plan.capacityRebalance,
    ...(lifecycleHooks.length > 0 && { lifecycleHooks }),
  };
  const { apiVersion, kind } = awsMachinePools;
  return [
    [awsClusters, network],
    [awsMachinePools, { apiVersion, kind, metadata: metaOf(POOL, ownLabels), spec }],
  ];
}
