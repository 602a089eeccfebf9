/** The stage of every story: a cluster with a pool of three instances behind a terminate hook, and workloads that mind. */
import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters, kubeconfigSecretName } from "../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL } from "../../../lib/api/core/labels.ts";
import { type MachinePool, machinePools } from "../../../lib/api/core/machine-pool.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Pod, pods } from "../../../lib/api/kubernetes/pod.ts";
import { type Secret, secrets } from "../../../lib/api/kubernetes/secret.ts";
import { type InstanceTermination, instanceTerminations } from "../../../lib/api/lifecycle/instance-termination.ts";
import type { KubernetesClient } from "../../../lib/kubernetes/client.ts";
import type { Instance } from "../aws/fleet.ts";
import type { StoryClock } from "../clock.ts";
import { isReady, SHUTDOWN_SECONDS } from "../cluster/kinds.ts";
import { boundVolume, daemonSet, deployment, disruptionBudget, statefulSet } from "../cluster/manifests.ts";
import { type LocalBase, type LocalCloud, ROLES, roleUser } from "../local-cloud.ts";
import { createAll } from "../manifests.ts";
import type { Timeline } from "../timeline.ts";
import { awsInfrastructure, personsAutoScaling, providerIDOf } from "./aws-infrastructure.ts";
import { upstreamCrds } from "./crds.ts";
import type { Infrastructure } from "./infrastructure.ts";
import { type Watched, watchCloud } from "./observer.ts";
import { startUpstream } from "./upstream.ts";

export const NAMESPACE = "team-a";
export const CLUSTER = "shop";
/** MachinePool, AWSMachinePool and Auto Scaling group share it. */
export const POOL = "shop-workers";
export const HOOK = { LifecycleHookName: "lifeguard-drain", HeartbeatTimeout: 300, DefaultResult: "ABANDON" };

export interface StageOptions {
  readonly timeline: Timeline;
  /** Of the 6 pods of the Deployment `web`; default 4. */
  readonly webMinAvailable?: number;
  /** The group replaces an interrupted Spot instance through its hooks. */
  readonly spot?: boolean;
  /** From an instance's running to its Node, and from there to Ready; default 5. */
  readonly nodeSeconds?: number;
}

/** What can be counted whatever the cloud and the profile. */
export interface CountedStage {
  readonly cloud: LocalBase;
  readonly infrastructure: Infrastructure;
  readonly timeline: Timeline;
  readonly watched: Watched;
  /** Of this stage's pool. */
  readonly terminations: () => readonly InstanceTermination[];
}

export interface Stage extends CountedStage {
  readonly cloud: LocalCloud;
  /** As a person at a terminal would use it; not counted among the functions' calls. */
  readonly autoScaling: AutoScalingClient;
  /** In the group now, with their Nodes' names as `privateDnsName`. */
  readonly instances: () => readonly Instance[];
  /** Names of the pods on a Node. */
  readonly podsOn: (nodeName: string) => readonly string[];
  readonly strike: () => Promise<void>;
}

/** Of one pool. */
export const terminationsOf = ({ items }: Watched, pool: string): readonly InstanceTermination[] =>
  items<InstanceTermination>(instanceTerminations).filter(({ spec }) => spec.machinePoolName === pool);

const hookOfPool = {
  name: HOOK.LifecycleHookName,
  lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
  heartbeatTimeout: `${HOOK.HeartbeatTimeout}s`,
  defaultResult: HOOK.DefaultResult,
};

/** Cluster, MachinePool and AWSMachinePool as a user of upstream's drain profile has them. */
async function createPool(client: KubernetesClient): Promise<void> {
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AWSMachinePool", name: POOL };
  const { apiVersion, kind } = machinePools;
  const metadata = { name: POOL, namespace: NAMESPACE, labels: { [CLUSTER_NAME_LABEL]: CLUSTER } };
  const cluster = { apiVersion, kind: clusters.kind, metadata: { name: CLUSTER, namespace: NAMESPACE }, spec: {} };
  await client.create(clusters, cluster);
  const bootstrap = { dataSecretName: `${POOL}-bootstrap` };
  const template = { spec: { clusterName: CLUSTER, version: "v1.36.4", bootstrap, infrastructureRef } };
  const spec = { clusterName: CLUSTER, replicas: 3, template };
  const owner = await client.create<MachinePool>(machinePools, { apiVersion, kind, metadata, spec });
  const ownerReferences = [{ apiVersion, kind, name: POOL, uid: owner.metadata.uid ?? "" }];
  const group = { minSize: 1, maxSize: 5, awsLaunchTemplate: {}, lifecycleHooks: [hookOfPool] };
  await createAll(client, [{ ...awsMachinePools, metadata: { ...metadata, ownerReferences }, spec: group }]);
}

/** As upstream tags a group and its instances (CAPA api/v1beta2/tags.go). */
const GROUP_TAGS = Object.entries({
  [`kubernetes.io/cluster/${CLUSTER}`]: "owned",
  [`sigs.k8s.io/cluster-api-provider-aws/cluster/${CLUSTER}`]: "owned",
  "sigs.k8s.io/cluster-api-provider-aws/role": "node",
}).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true }));

async function createGroup({ aws }: LocalCloud, spot: boolean): Promise<void> {
  await aws.cloud.handle("ec2", "CreateLaunchTemplate", {
    LaunchTemplateName: POOL,
    LaunchTemplateData: {
      ImageId: "ami-0123456789abcdef0",
      InstanceType: "m7g.large",
      ...(spot ? { InstanceMarketOptions: { MarketType: "spot" } } : {}),
    },
  });
  await aws.cloud.handle("autoscaling", "CreateAutoScalingGroup", {
    AutoScalingGroupName: POOL,
    MinSize: 1,
    MaxSize: 5,
    DesiredCapacity: 3,
    VPCZoneIdentifier: Object.keys(aws.cloud.subnets).join(","),
    LaunchTemplate: { LaunchTemplateName: POOL, Version: "$Latest" },
    CapacityRebalance: spot,
    Tags: GROUP_TAGS,
    LifecycleHookSpecificationList: [{ ...HOOK, LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING" }],
  });
}

/** Running instances get a kubelet; one that shuts down takes it along. */
function attachMachines({ aws, cluster }: LocalCloud, seconds: number): void {
  const speed = { bootSeconds: seconds, readySeconds: seconds };
  aws.cloud.onInstance(({ instance, state }) => {
    const providerID = providerIDOf(instance);
    if (state === "shutting-down") cluster.instanceGone(providerID);
    if (state !== "running") return;
    const { zone, instanceType, privateDnsName: name } = instance;
    cluster.bootNode({ name, providerID, zone, region: aws.cloud.region, instanceType, ...speed });
  });
}

const takes = (seconds: number) => ({ [SHUTDOWN_SECONDS]: String(seconds) });
const storedDatabase = (): object[] => [
  ...["data-db-0", "data-db-1"].map((claim) => boundVolume(claim)),
  statefulSet("db", 2, { claims: ["data"], graceSeconds: 60, annotations: takes(25) }),
];
/** Of what a bare API server serves, and quick, since people wait for the real clock. */
const bareDatabase = (): object[] => [deployment("db", 2, { graceSeconds: 15, annotations: takes(8) })];

export const database = (real: boolean): object[] => (real ? bareDatabase() : storedDatabase());

const workloads = (webMinAvailable: number, real: boolean): object[] => [
  deployment("web", 6),
  disruptionBudget("web", { minAvailable: webMinAvailable }),
  ...database(real),
  // As node agents do, it stays wherever there is a Node.
  daemonSet("agent", { namespace: "kube-system", spec: { tolerations: [{ operator: "Exists" }] } }),
];

const PODS = 6 + 2 + 3;
const SETTING_SECONDS = 300;

async function untilReady({ items }: Watched, clock: StoryClock): Promise<void> {
  const allReady = (objects: readonly (Pod | Node)[], count: number) =>
    objects.length === count &&
    objects.every(({ status }) => isReady({ status: { conditions: status?.conditions ?? [] } }));
  const done = () => allReady(items<Node>(nodes), 3) && allReady(items<Pod>(pods), PODS);
  if (await clock.run({ maxSeconds: SETTING_SECONDS, done })) return;
  throw new Error(
    `the stage is not ready after ${SETTING_SECONDS} seconds: ${items(pods).length} of ${PODS} pods are there`,
  );
}

/** @returns once three Nodes and all pods are Ready */
export async function setStage(cloud: LocalCloud, clock: StoryClock, options: StageOptions): Promise<Stage> {
  const { management, workload, aws } = cloud;
  await createAll(management.client, [
    ...upstreamCrds,
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
  ]);
  await createPool(management.client);
  await management.client.create<Secret>(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: kubeconfigSecretName(CLUSTER), namespace: NAMESPACE },
    type: "cluster.x-k8s.io/secret",
    data: { value: Buffer.from(workload.kubeconfig("lifeguard", ROLES.map(roleUser))).toString("base64") },
  });
  attachMachines(cloud, options.nodeSeconds ?? 5);
  await createGroup(cloud, options.spot ?? false);
  const instances = () => aws.cloud.instances().filter(({ member }) => member?.group === POOL);
  await createAll(workload.client, workloads(options.webMinAvailable ?? 4, cloud.real));
  const stopUpstream = startUpstream(
    {
      clock,
      management: management.client,
      workload: workload.client,
      pool: { namespace: NAMESPACE, name: POOL },
      providerIDs: () => instances().map(providerIDOf),
    },
    (message) => options.timeline.say("story", "upstream", message),
  );
  const infrastructure = awsInfrastructure(cloud, POOL);
  const watched = await watchCloud(cloud, options.timeline, NAMESPACE);
  infrastructure.say(options.timeline);
  await untilReady(watched, clock);
  const autoScaling = personsAutoScaling(aws);
  const podsOn = (nodeName: string) =>
    watched
      .items<Pod>(pods)
      .filter(({ spec }) => spec?.nodeName === nodeName)
      .map(({ metadata }) => metadata.name);
  const strike = async () => {
    stopUpstream();
    watched.stop();
    autoScaling.destroy();
    await cloud.stop();
  };
  const terminations = () => terminationsOf(watched, POOL);
  const { timeline } = options;
  return { cloud, infrastructure, timeline, watched, terminations, autoScaling, instances, podsOn, strike };
}
