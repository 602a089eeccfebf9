/** What the stories leave out of a pool's life: hooks, processes, tags and filters that come and go, identities, EKS, lost instances. */
import { createAll } from "../../../infra/local/manifests.ts";
import { upstreamCrds } from "../../../infra/local/stories/crds.ts";
import { NEXT_VERSION, VERSION, WATCH_FILTER } from "../../../infra/local/stories/full/manifests.ts";
import { openFullScene } from "../../../infra/local/stories/full/open.ts";
import { createWhole } from "../../../infra/local/stories/full/pool-stage.ts";
import { type FullStage, POOL_AT } from "../../../infra/local/stories/full/stage.ts";
import { CLUSTER, NAMESPACE } from "../../../infra/local/stories/stage.ts";
import { awsClusters, awsManagedControlPlanes } from "../../../lib/api/aws/aws-cluster.ts";
import {
  awsControllerIdentities,
  awsRoleIdentities,
  awsStaticIdentities,
} from "../../../lib/api/aws/aws-identities.ts";
import { awsMachines } from "../../../lib/api/aws/aws-machine.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { type Machine, machines } from "../../../lib/api/core/machine.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { Resource } from "../../../lib/api/kubernetes/meta.ts";
import { type Node, nodes } from "../../../lib/api/kubernetes/node.ts";
import { type Secret, secrets } from "../../../lib/api/kubernetes/secret.ts";
import { changed, fixture } from "../../clouds/aws/fixture.ts";
import { EXTRA_CRDS } from "./extra-crds.ts";
import { joinPool } from "./joining.ts";
import { startRecording, type Uses } from "./record.ts";
import { takenPool } from "./taken-pool.ts";

/** Lets so many virtual seconds pass. */
type Wait = (seconds: number) => Promise<unknown>;

const ROLE = "arn:aws:iam::210987654321:role/pools";
const of = ({ apiVersion, kind }: Resource) => ({ apiVersion, kind });

const CHANGED = {
  suspendProcesses: { processes: { azRebalance: true } },
  lifecycleHooks: [
    {
      name: "team-launch",
      lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
      heartbeatTimeout: "30s",
      defaultResult: "CONTINUE",
    },
  ],
  additionalTags: { team: "shop" },
  subnets: [{ filters: [{ name: "availability-zone", values: ["eu-west-1*"] }] }],
  refreshPreferences: { disable: true },
};
const CHANGED_BACK = { suspendProcesses: null, lifecycleHooks: null, additionalTags: null, subnets: null };

const patchPool = ({ management }: FullStage, spec: object) =>
  management.patch(awsMachinePools, POOL_AT, { type: "merge", body: { spec } });

/** Each identity in turn, the last one taken away. */
async function useIdentities(stage: FullStage, wait: Wait): Promise<void> {
  const { management, cloud } = stage;
  const allowedNamespaces = { selector: { matchLabels: { "kubernetes.io/metadata.name": NAMESPACE } } };
  cloud.aws.cloud.roles.trust({ arn: ROLE });
  await management.create(namespacesOf, { apiVersion: "v1", kind: "Namespace", metadata: { name: "capa-system" } });
  const keys = { AccessKeyID: "static", SecretAccessKey: "static" };
  const data = Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  );
  await management.create<Secret>(secrets, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "keys", namespace: "capa-system" },
    data,
  });
  const specs: readonly (readonly [Resource, object])[] = [
    [awsControllerIdentities, {}],
    [awsStaticIdentities, { secretRef: "keys" }],
    [awsRoleIdentities, { roleARN: ROLE, sessionName: "pools", durationSeconds: 900 }],
  ];
  for (const [resource, spec] of specs) {
    const identity = { ...of(resource), metadata: { name: "default" }, spec: { allowedNamespaces, ...spec } };
    await management.create(resource, identity);
    await refer(stage, { kind: resource.kind, name: "default" });
    await touch(stage);
    await wait(30);
  }
  await refer(stage, null);
}
const namespacesOf: Resource = { apiVersion: "v1", kind: "Namespace", plural: "namespaces" };

const refer = ({ management }: FullStage, identityRef: object | null) =>
  management.patch(
    awsClusters,
    { namespace: NAMESPACE, name: CLUSTER },
    { type: "merge", body: { spec: { identityRef } } },
  );

let touches = 0;
const touch = ({ management }: FullStage) =>
  management.patch(awsMachinePools, POOL_AT, {
    type: "merge",
    body: { metadata: { annotations: { "example.com/touched": String(++touches) } } },
  });

/** A MachinePool with everything that belongs to it. */
function eksPool(kind: string): readonly object[] {
  const name = kind.toLowerCase();
  const at = { namespace: NAMESPACE, name };
  const metadata = { ...at, labels: { [WATCH_FILTER_LABEL]: WATCH_FILTER } };
  const template = {
    clusterName: "eks",
    version: "v1.34.1",
    bootstrap: { configRef: { apiGroup: "bootstrap.cluster.x-k8s.io", kind, name } },
    infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name },
  };
  const created = { initialization: { dataSecretCreated: true }, dataSecretName: name };
  return [
    { apiVersion: "v1", kind: "Secret", metadata: at, stringData: { value: "#cloud-config\n" } },
    { apiVersion: "bootstrap.cluster.x-k8s.io/v1beta2", kind, metadata: at, status: created },
    { ...of(awsMachinePools), metadata, spec: { minSize: 0, maxSize: 1 } },
    { ...of(machinePools), metadata, spec: { clusterName: "eks", replicas: 0, template: { spec: template } } },
  ];
}

/** Pools on EKS with the images that AWS publishes for it, made and deleted before anything runs. */
async function eksPools({ management, cloud }: FullStage, wait: Wait): Promise<void> {
  const metadata = { name: "eks", namespace: NAMESPACE };
  const controlPlane = { apiGroup: "controlplane.cluster.x-k8s.io", kind: awsManagedControlPlanes.kind, name: "eks" };
  const status = { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } };
  const subnets = Object.entries(cloud.aws.cloud.subnets).map(([id, availabilityZone]) => ({ id, availabilityZone }));
  const eks = { region: "eu-west-1", eksClusterName: "eks", network: { subnets } };
  await createWhole(management, [
    { ...of(awsManagedControlPlanes), metadata, spec: eks, status: { ready: true } },
    { ...of(clusters), metadata, spec: { infrastructureRef: controlPlane, controlPlaneRef: controlPlane } },
  ]);
  await management.patch(clusters, metadata, { type: "merge", body: { status } }, "status");
  const kinds = ["EKSConfig", "NodeadmConfig"];
  await createWhole(management, kinds.flatMap(eksPool));
  await wait(60);
  for (const kind of kinds) await management.delete(machinePools, { namespace: NAMESPACE, name: kind.toLowerCase() });
  await wait(60);
}

const BUCKET = "cluster-api-provider-aws-local";

/** A pool whose bootstrap data lies in the cluster's bucket, made and deleted before anything runs. */
async function storedPool({ management, cloud }: FullStage, wait: Wait): Promise<void> {
  const name = "stored";
  const at = { namespace: NAMESPACE, name };
  cloud.aws.cloud.buckets.create(BUCKET);
  const cluster = { namespace: NAMESPACE, name: CLUSTER };
  const patchCluster = (s3Bucket: object | null) =>
    management.patch(awsClusters, cluster, { type: "merge", body: { spec: { s3Bucket } } });
  await patchCluster({ name: BUCKET });
  const data = { format: "ignition", value: '{"ignition":{"version":"3.4.0"}}' };
  const metadata = { ...at, labels: { [WATCH_FILTER_LABEL]: WATCH_FILTER } };
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name };
  const bootstrap = { dataSecretName: name };
  const template = { spec: { clusterName: CLUSTER, version: VERSION, bootstrap, infrastructureRef } };
  const ignition = { storageType: "ClusterObjectStore", version: "3.4" };
  await createAll(management, [
    { apiVersion: "v1", kind: "Secret", metadata: at, stringData: data },
    { ...of(awsMachinePools), metadata, spec: { minSize: 0, maxSize: 1, ignition } },
    { ...of(machinePools), metadata, spec: { clusterName: CLUSTER, replicas: 0, template } },
  ]);
  await wait(30);
  await management.delete(machinePools, at);
  await wait(60);
  await patchCluster(null);
}

/** So old a Node is no longer taken for one whose instance the cloud has yet to show. */
const OLD_SECONDS = 6 * 60;

/** A Node of the pool whose instance nobody has heard of. */
async function leaveNode({ cloud: { workload }, watched }: FullStage): Promise<void> {
  const [like] = watched.items<Node>(nodes);
  const { labels = {}, annotations = {} } = like?.metadata ?? {};
  await workload.client.create<Node>(nodes, {
    ...of(nodes),
    metadata: { name: "left-over", labels, annotations },
    spec: { providerID: "aws:///eu-west-1a/i-0f0f0f0f0f0f0f0f0" },
  });
}

async function changeShape(stage: FullStage, wait: Wait): Promise<void> {
  await patchPool(stage, CHANGED);
  await wait(60);
  await patchPool(stage, CHANGED_BACK);
  await wait(60);
  const additionalSecurityGroups = [{ filters: [{ name: "group-name", values: ["*"] }] }];
  await patchPool(stage, { awsLaunchTemplate: { additionalSecurityGroups } });
  await wait(30);
  await patchPool(stage, { awsLaunchTemplate: { additionalSecurityGroups: null } });
}

/** Somebody writes on an infrastructure machine: whose pool is it? */
async function touchMachine({ management, machines: present }: FullStage, wait: Wait): Promise<void> {
  const [{ spec }] = present() as [Machine];
  const at = { namespace: NAMESPACE, name: spec.infrastructureRef?.name ?? "" };
  const body = { metadata: { annotations: { "example.com/touched": "by hand" } } };
  await management.patch(awsMachines, at, { type: "merge", body });
  await wait(30);
}

/** Whose instances are recorded already: for a planned retirement, and by a notice that was called off. */
async function deleteMachines({ management, cloud, machines: present }: FullStage, wait: Wait): Promise<void> {
  const [retired, calledOff] = present();
  if (!retired || !calledOff) throw new Error("the pool has not two Machines");
  const idOf = ({ spec }: Machine) => spec.providerID?.split("/").at(-1) ?? "";
  const time = (secondsAgo: number) => new Date(cloud.clock.now().getTime() - secondsAgo * 1000).toISOString();
  const health = changed(fixture("scheduled-change"), "detail.affectedEntities", [{ entityValue: idOf(retired) }]);
  cloud.host.publish(changed(health, "time", time(0)));
  const hook = changed(fixture("terminate-hook-eventbridge"), "detail.AutoScalingGroupName", POOL_AT.name);
  cloud.host.publish(changed(changed(hook, "detail.EC2InstanceId", idOf(calledOff)), "time", time(300)));
  await wait(3);
  await management.delete(machines, { namespace: NAMESPACE, name: retired.metadata.name });
  await wait(30);
  await management.delete(machines, { namespace: NAMESPACE, name: calledOff.metadata.name });
  await wait(200);
}

/** Faster than a refresh, and oftener than old versions of a template are kept. */
async function changeVersions(stage: FullStage, wait: Wait): Promise<void> {
  await patchPool(stage, { refreshPreferences: { disable: false } });
  for (const version of [NEXT_VERSION, VERSION, NEXT_VERSION, VERSION, NEXT_VERSION]) {
    const body = { spec: { template: { spec: { version } } } };
    await stage.management.patch(machinePools, POOL_AT, { type: "merge", body });
    await wait(30);
  }
  await wait(240);
}

export async function playPoolMoments(): Promise<Uses> {
  const scene = await openFullScene({ pool: {}, crds: [...upstreamCrds, ...EXTRA_CRDS] });
  const { clock, stage } = scene;
  const wait: Wait = (maxSeconds) => clock.run({ maxSeconds });
  try {
    const uses = startRecording(stage.cloud);
    const parts = [changeShape, touchMachine, useIdentities, eksPools, storedPool, takenPool, deleteMachines, joinPool];
    for (const part of [...parts, changeVersions]) await part(stage, wait);
    await leaveNode(stage);
    await wait(OLD_SECONDS);
    return uses();
  } finally {
    await scene.close();
  }
}
