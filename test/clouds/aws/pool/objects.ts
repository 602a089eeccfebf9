/** Objects of a management cluster for pool tests: quiet ones, of which each test changes one thing. */
import type { AwsInfrastructure } from "../../../../lib/api/aws/aws-cluster.ts";
import type { AwsMachinePool, AwsMachinePoolSpec } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { Cluster } from "../../../../lib/api/core/cluster.ts";
import type { MachinePool } from "../../../../lib/api/core/machine-pool.ts";
import type { BootstrapData, PoolRequest } from "../../../../lib/providers/pool-provider.ts";

export const POOL = "workers-a";
export const TOKEN = "abcdef.0123456789abcdef";

const encoder = new TextEncoder();
export const bootstrapOf = (text: string, more: Partial<BootstrapData> = {}): BootstrapData => ({
  secretName: "workers-a-bootstrap",
  format: "cloud-config",
  value: encoder.encode(text),
  ...more,
});
export const joinData = (token = TOKEN, taint = "none") =>
  bootstrapOf(`#cloud-config\nwrite_files:\n- content: |\n    token: ${token}\n    taints: ${taint}\n`);

export const anInfrastructure = (spec: Partial<AwsInfrastructure["spec"]> = {}): AwsInfrastructure => ({
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
  kind: "AWSCluster",
  metadata: { name: "blue", namespace: "team" },
  spec: {
    region: "eu-west-1",
    network: {
      subnets: [
        { id: "blue-a", resourceID: "subnet-a", availabilityZone: "eu-west-1a" },
        { id: "subnet-b", availabilityZone: "eu-west-1b" },
        { id: "subnet-c", availabilityZone: "eu-west-1c", isPublic: true },
      ],
    },
    ...spec,
  },
  status: { ready: true, networkStatus: { securityGroups: { node: { id: "sg-node" }, lb: { id: "sg-lb" } } } },
});

export interface Overrides {
  readonly spec?: AwsMachinePoolSpec;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly status?: AwsMachinePool["status"];
  readonly deleting?: boolean;
  readonly replicas?: number;
  readonly version?: string;
  readonly failureDomains?: readonly string[];
  readonly managedBy?: string;
  readonly bootstrap?: BootstrapData | "none";
  readonly cluster?: Cluster["spec"];
}

export function aPool({ spec, annotations, namespace = "team", status, deleting }: Overrides = {}): AwsMachinePool {
  return {
    apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
    kind: "AWSMachinePool",
    metadata: {
      name: POOL,
      namespace,
      uid: "pool-uid",
      generation: 1,
      ...(annotations && { annotations }),
      ...(deleting && { deletionTimestamp: "2026-11-20T09:00:00Z" }),
    },
    spec: {
      minSize: 1,
      maxSize: 10,
      ...spec,
      awsLaunchTemplate: { ami: { id: "ami-0a" }, ...spec?.awsLaunchTemplate },
    },
    ...(status && { status }),
  };
}

export function aMachinePool({
  replicas = 3,
  version = "v1.34.0",
  failureDomains,
  managedBy,
  namespace = "team",
}: Overrides = {}): MachinePool {
  return {
    metadata: {
      name: POOL,
      namespace,
      ...(managedBy && { annotations: { "cluster.x-k8s.io/replicas-managed-by": managedBy } }),
    },
    spec: {
      clusterName: "blue",
      replicas,
      ...(failureDomains && { failureDomains }),
      template: {
        spec: {
          version,
          infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AWSMachinePool", name: POOL },
        },
      },
    },
  };
}

export function aCluster({ cluster, namespace = "team" }: Overrides = {}): Cluster {
  const infrastructureRef = { apiGroup: "infrastructure.cluster.x-k8s.io", kind: "AWSCluster", name: "blue" };
  return { metadata: { name: "blue", namespace }, spec: { infrastructureRef, ...cluster } };
}

export function aPoolRequest(overrides: Overrides = {}): Omit<PoolRequest, "read" | "now"> {
  const { bootstrap = joinData() } = overrides;
  return {
    pool: aPool(overrides),
    machinePool: aMachinePool(overrides),
    cluster: aCluster(overrides),
    ...(bootstrap !== "none" && { bootstrap }),
  };
}
