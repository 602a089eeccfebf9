/** What a user of the full profile applies: Cluster, network, bootstrap data, MachinePool and AWSMachinePool. */
import { awsClusters } from "../../../lib/api/aws/aws-cluster.ts";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, WATCH_FILTER_LABEL } from "../../../lib/api/core/labels.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../lib/api/kubernetes/meta.ts";
import { secrets } from "../../../lib/api/kubernetes/secret.ts";
import type { Plan } from "../plan.ts";
import { CLUSTER, NAMESPACE, POOL, type Scene } from "../scene.ts";
import type { PoolPlan } from "./plan.ts";

export const WATCH_FILTER = "lifeguard";
export const SECRET = `${POOL}-data`;
export const IMAGE = "ami-0a1b2c3d";

const of = ({ apiVersion, kind }: Resource) => ({ apiVersion, kind });
const meta = (name: string, labels: Readonly<Record<string, string>> = {}) => ({ name, namespace: NAMESPACE, labels });
const refTo = ({ apiVersion, kind }: Resource, name: string) => ({ apiGroup: apiVersion.split("/")[0], kind, name });

/** As kubeadm spells tokens; `content` is what must reach running instances. */
export const bootstrapData = (token: number, content: number) => ({
  value: Buffer.from(
    `#cloud-config\ntoken: token0.${String(token).padStart(16, "0")}\nnodeLabels: generation=${content}\n`,
  ).toString("base64"),
});

type Whole = KubernetesObject & { readonly spec?: object; readonly status?: object; readonly data?: object };

const network = (): readonly (readonly [Resource, Whole])[] => [
  [
    awsClusters,
    {
      ...of(awsClusters),
      metadata: meta(CLUSTER, { [CLUSTER_NAME_LABEL]: CLUSTER }),
      spec: {
        region: "eu-west-1",
        network: {
          subnets: ["a", "b"].map((zone) => ({ id: `subnet-${zone}`, availabilityZone: `eu-west-1${zone}` })),
        },
      },
      status: { ready: true, networkStatus: { securityGroups: { node: { id: "sg-node" }, lb: { id: "sg-lb" } } } },
    },
  ],
  [secrets, { ...of(secrets), metadata: meta(SECRET, { [CLUSTER_NAME_LABEL]: CLUSTER }), data: bootstrapData(1, 1) }],
];

const hooksOf = ({ hooks }: Plan) =>
  hooks.map(({ name, heartbeatSeconds }) => ({
    name,
    lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
    heartbeatTimeout: `${heartbeatSeconds}s`,
    defaultResult: "CONTINUE",
  }));

function pool(plan: Plan, own: PoolPlan): readonly (readonly [Resource, Whole])[] {
  const labels = { [WATCH_FILTER_LABEL]: WATCH_FILTER };
  const deletion = {
    nodeDeletionTimeoutSeconds: 10,
    nodeDrainTimeoutSeconds: plan.drainTimeoutSeconds ?? 0,
    ...(plan.volumes?.timeoutSeconds && { nodeVolumeDetachTimeoutSeconds: plan.volumes.timeoutSeconds }),
  };
  const template = {
    spec: {
      clusterName: CLUSTER,
      version: "v1.34.1",
      bootstrap: { dataSecretName: SECRET },
      infrastructureRef: refTo(awsMachinePools, POOL),
      deletion,
    },
  };
  const spec = { clusterName: CLUSTER, replicas: own.replicas, template };
  const { minSize, maxSize, refreshPreferences } = own;
  const awsLaunchTemplate = { instanceType: "m7g.large", ami: { id: IMAGE } };
  const lifecycleHooks = hooksOf(plan);
  const group = {
    minSize,
    maxSize,
    refreshPreferences,
    awsLaunchTemplate,
    capacityRebalance: plan.capacityRebalance,
    ...(lifecycleHooks.length > 0 && { lifecycleHooks }),
  };
  return [
    [machinePools, { ...of(machinePools), metadata: meta(POOL, labels), spec }],
    [awsMachinePools, { ...of(awsMachinePools), metadata: meta(POOL, labels), spec: group }],
  ];
}

/** The Cluster is there already; its infrastructure becomes ready, and the pool is applied. */
export async function applyPool({ management, plan }: Scene, own: PoolPlan): Promise<void> {
  const who = "a person";
  const cluster = management.find(clusters, CLUSTER, NAMESPACE);
  if (!cluster) throw new Error("the Cluster is not there");
  const spec = { infrastructureRef: refTo(awsClusters, CLUSTER) };
  await management.merge(who, clusters, cluster, { body: { spec } });
  const status = { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } };
  await management.merge(who, clusters, cluster, { body: { status }, subresource: "status" });
  for (const [resource, object] of [...network(), ...pool(plan, own)]) await management.create(who, resource, object);
}
