/** One pool as upstream leaves it, its group in AWS with our hook, and the Nodes of its instances. */
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { secrets } from "../../../../lib/api/kubernetes/secret.ts";
import { createUpstreamPool } from "../../upstream-pool.ts";
import { createAny, type Harness } from "./harness.ts";

export const NAMESPACE = "team-a";
export const POOL = "workers-a";
const CLUSTER = "blue";
const HOOK = "lifeguard-drain";

export interface StagedInstance {
  readonly id: string;
  readonly providerID: string;
  readonly nodeName: string;
}

/** @returns the instances, in service, each with its Node */
export async function setStage(harness: Harness, count: number): Promise<readonly StagedInstance[]> {
  const { aws, clock, management, workload } = harness;
  await aws.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: POOL,
    LaunchTemplateData: { ImageId: "ami-0a", InstanceType: "m7g.large" },
  });
  await addGroup(harness, POOL, count);
  clock.advance(60);
  const instances = aws.cloud.instances().map(({ id, zone, privateDnsName }) => ({
    id,
    providerID: `aws:///${zone}/${id}`,
    nodeName: privateDnsName,
  }));
  await createAny(management.client, "namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: NAMESPACE },
  });
  await management.client.create(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `${CLUSTER}-kubeconfig`, namespace: NAMESPACE },
    data: { value: Buffer.from(workload.api.kubeconfig("lifeguard")).toString("base64") },
  });
  const nodeRefs = await Promise.all(instances.map((instance) => createNode(harness, instance)));
  await createPool(harness, instances, nodeRefs);
  return instances;
}

async function createNode({ workload }: Harness, { nodeName, providerID }: StagedInstance) {
  const { metadata } = await workload.client.create<Node>(nodes, {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: nodeName },
    spec: { providerID },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
  return { apiVersion: "v1", kind: "Node", name: metadata.name, uid: metadata.uid };
}

/** A group in AWS alone; with tags of a cluster only when it is our pool's. */
export async function addGroup({ aws }: Harness, name: string, count: number): Promise<void> {
  const owned = {
    Key: `sigs.k8s.io/cluster-api-provider-aws/cluster/${CLUSTER}`,
    Value: "owned",
    PropagateAtLaunch: true,
  };
  await aws.cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: name,
    MinSize: 0,
    MaxSize: 20,
    DesiredCapacity: count,
    VPCZoneIdentifier: "subnet-a,subnet-b",
    LaunchTemplate: { LaunchTemplateName: POOL, Version: "$Latest" },
    Tags: name === POOL ? [owned] : [],
    LifecycleHookSpecificationList: [
      {
        LifecycleHookName: HOOK,
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout: 300,
        DefaultResult: "CONTINUE",
      },
    ],
  });
}

async function createPool(
  { management }: Harness,
  instances: readonly StagedInstance[],
  nodeRefs: readonly object[],
): Promise<void> {
  const hook = { name: HOOK, lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING", heartbeatTimeout: "5m0s" };
  await createUpstreamPool(management.client, {
    namespace: NAMESPACE,
    name: POOL,
    clusterName: CLUSTER,
    infrastructure: awsMachinePools,
    providerIDList: instances.map(({ providerID }) => providerID),
    nodeRefs,
    spec: { minSize: 0, maxSize: 20, awsLaunchTemplate: {}, lifecycleHooks: [hook] },
  });
}

/** The group takes the instance out; answers the event of its hook as EventBridge carries it. */
export async function takeOut(
  { aws, clock }: Harness,
  { id }: StagedInstance,
): Promise<Readonly<Record<string, unknown>>> {
  await aws.cloud.handle("autoscaling", "TerminateInstanceInAutoScalingGroup", {
    InstanceId: id,
    ShouldDecrementDesiredCapacity: true,
  });
  const waiting = aws.cloud.waiting().find(({ instanceId }) => instanceId === id);
  return hookEvent({ instanceId: id, token: waiting?.token ?? "", time: clock.now().toISOString() });
}

export const hookEvent = (said: { instanceId: string; token?: string; time: string; groupName?: string }) => ({
  version: "0",
  id: "6a1f2c9e-0d34-4b7a-9a57-1c0f5d2e8b11",
  "detail-type": "EC2 Instance-terminate Lifecycle Action",
  source: "aws.autoscaling",
  time: said.time,
  region: "eu-west-1",
  resources: [],
  detail: {
    LifecycleActionToken: said.token ?? "7d1f2c9e-0d34-4b7a-9a57-1c0f5d2e8b11",
    AutoScalingGroupName: said.groupName ?? POOL,
    LifecycleHookName: HOOK,
    EC2InstanceId: said.instanceId,
    LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
    Origin: "AutoScalingGroup",
    Destination: "EC2",
  },
});
