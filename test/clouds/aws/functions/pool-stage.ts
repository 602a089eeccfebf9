/** What stands before the functions reconcile a pool: its two manifests, a cluster that is there, and bootstrap data. */
import { awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../../lib/api/core/cluster.ts";
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import { namespaces } from "../../../../lib/api/kubernetes/pod.ts";
import { secrets } from "../../../../lib/api/kubernetes/secret.ts";
import type { Harness } from "./harness.ts";

export const NAMESPACE = "team-a";
export const CLUSTER = "blue";
export const NAME = "workers-b";

const base64 = (text: string) => Buffer.from(text).toString("base64");

export async function setPoolStage({ management, workload }: Harness): Promise<void> {
  const { client } = management;
  const create = async (resource: Resource, object: object): Promise<void> => {
    const whole = { apiVersion: resource.apiVersion, kind: resource.kind, ...object } as KubernetesObject;
    const made = await client.create(resource, whole);
    const { status } = object as { status?: object };
    const { namespace, name } = made.metadata;
    const at = namespace === undefined ? { name } : { namespace, name };
    if (status) await client.patch(resource, at, { type: "merge", body: { status } }, "status");
  };
  const infrastructure = "infrastructure.cluster.x-k8s.io";
  const awsClusters = { apiVersion: `${infrastructure}/v1beta2`, plural: "awsclusters", kind: "AWSCluster" };
  await create(namespaces, { metadata: { name: NAMESPACE } });
  // What all functions together may do there.
  const groups = ["termination-recorder", "drain-continued", "pool-continued"].map((role) => `lifeguard:${role}`);
  const kubeconfig = workload.api.kubeconfig("lifeguard", groups);
  const secret = (name: string, value: string) =>
    create(secrets, { metadata: { name, namespace: NAMESPACE }, data: { value: base64(value) } });
  await secret(`${CLUSTER}-kubeconfig`, kubeconfig);
  await secret("workers-b-data", "#cloud-config\nruncmd: [kubeadm join]\n");
  await create(clusters, {
    metadata: { name: CLUSTER, namespace: NAMESPACE },
    spec: { infrastructureRef: { apiGroup: infrastructure, kind: "AWSCluster", name: CLUSTER } },
    status: { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } },
  });
  await create(awsClusters, {
    metadata: { name: CLUSTER, namespace: NAMESPACE },
    spec: {
      network: {
        subnets: [
          { id: "subnet-a", availabilityZone: "eu-west-1a" },
          { id: "subnet-b", availabilityZone: "eu-west-1b" },
        ],
      },
    },
    status: { ready: true, networkStatus: { securityGroups: { node: { id: "sg-node" }, lb: { id: "sg-lb" } } } },
  });
  await createManifests(create);
}

/** The two that a person applies. */
async function createManifests(create: (resource: Resource, object: object) => Promise<void>): Promise<void> {
  const labels = { "cluster.x-k8s.io/watch-filter": "lifeguard", "cluster.x-k8s.io/cluster-name": CLUSTER };
  const metadata = { name: NAME, namespace: NAMESPACE, labels };
  const ref = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name: NAME };
  await create(awsMachinePools, {
    metadata,
    spec: { minSize: 0, maxSize: 5, awsLaunchTemplate: { ami: { id: "ami-0a" }, instanceType: "m7g.large" } },
  });
  const bootstrap = { dataSecretName: "workers-b-data" };
  const template = { spec: { clusterName: CLUSTER, bootstrap, infrastructureRef: ref } };
  await create(machinePools, { metadata, spec: { clusterName: CLUSTER, replicas: 3, template } });
}
