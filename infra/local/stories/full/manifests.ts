/** What a user of the full profile applies: Cluster, network, bootstrap config, MachinePool and AWSMachinePool. */
import { awsClusters } from "../../../../lib/api/aws/aws-cluster.ts";
import { type AwsMachinePoolSpec, awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { clusters } from "../../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, WATCH_FILTER_LABEL } from "../../../../lib/api/core/labels.ts";
import { machinePools } from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import { BOOTSTRAP_KINDS } from "../../../../lib/api/pool-hint.ts";
import type { AwsCloud } from "../../aws/cloud.ts";
import { CLUSTER, NAMESPACE, POOL } from "../stage.ts";

/** Pools with this value of the label are reconciled by the functions. */
export const WATCH_FILTER = "lifeguard";
export const VERSION = "v1.34.1";
export const NEXT_VERSION = "v1.35.0";
export const REPLICAS = 3;

const [kubeadm] = BOOTSTRAP_KINDS;
if (!kubeadm) throw new Error("the functions know no kind of bootstrap config");
export const kubeadmConfigs: Resource = kubeadm;

export const of = ({ apiVersion, kind }: Resource) => ({ apiVersion, kind });
const groupOf = ({ apiVersion }: Resource) => apiVersion.split("/")[0] ?? "";
export const refTo = (resource: Resource, name: string) => ({ apiGroup: groupOf(resource), kind: resource.kind, name });

interface Whole extends KubernetesObject {
  readonly spec: object;
  readonly status: object;
}

/** Somebody else made the network already: subnets and security groups are those that the cloud has. */
export const clusterObjects = ({ region, subnets }: Pick<AwsCloud, "region" | "subnets">): [Whole, Whole] => [
  {
    ...of(clusters),
    metadata: { name: CLUSTER, namespace: NAMESPACE },
    spec: { infrastructureRef: refTo(awsClusters, CLUSTER) },
    status: { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } },
  },
  {
    ...of(awsClusters),
    metadata: { name: CLUSTER, namespace: NAMESPACE, labels: { [CLUSTER_NAME_LABEL]: CLUSTER } },
    spec: {
      region,
      network: { subnets: Object.entries(subnets).map(([id, availabilityZone]) => ({ id, availabilityZone })) },
    },
    status: {
      ready: true,
      networkStatus: { securityGroups: { node: { id: "sg-node", name: "node" }, lb: { id: "sg-lb", name: "lb" } } },
    },
  },
];

const labels = { [WATCH_FILTER_LABEL]: WATCH_FILTER };
const metadata = { name: POOL, namespace: NAMESPACE, labels };

/** One more than wished is launched before one goes, and counts when it has had time to become a Node. */
const refreshPreferences = (instanceWarmup: number) => ({
  minHealthyPercentage: 100,
  maxHealthyPercentage: 134,
  instanceWarmup,
});

/** @param warmupSeconds of a replacement in an instance refresh */
export const awsMachinePool = (spec: AwsMachinePoolSpec, warmupSeconds: number): object => ({
  ...of(awsMachinePools),
  metadata,
  spec: {
    minSize: 1,
    maxSize: 10,
    refreshPreferences: refreshPreferences(warmupSeconds),
    ...spec,
    awsLaunchTemplate: { instanceType: "m7g.large", ...spec.awsLaunchTemplate },
  },
});

export interface PoolNames {
  readonly namespace: string;
  readonly cluster: string;
  readonly pool: string;
  readonly infrastructure: Resource;
}

export const ON_AWS: PoolNames = {
  namespace: NAMESPACE,
  cluster: CLUSTER,
  pool: POOL,
  infrastructure: awsMachinePools,
};

export const machinePool = ({ namespace, cluster, pool, infrastructure }: PoolNames = ON_AWS): object => ({
  ...of(machinePools),
  metadata: { ...metadata, namespace, name: pool },
  spec: {
    clusterName: cluster,
    replicas: REPLICAS,
    template: {
      spec: {
        clusterName: cluster,
        version: VERSION,
        bootstrap: { configRef: refTo(kubeadmConfigs, pool) },
        infrastructureRef: refTo(infrastructure, pool),
      },
    },
  },
});

export const kubeadmConfig = ({ namespace, pool }: PoolNames = ON_AWS): object => ({
  ...of(kubeadmConfigs),
  metadata: { name: pool, namespace },
  spec: { joinConfiguration: { nodeRegistration: { name: "{{ ds.meta_data.local_hostname }}" } } },
});
