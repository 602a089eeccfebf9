/** A pool of the full profile and all it refers to, with good defaults: a test names only what it is about. */
import { type AwsMachinePool, awsMachinePools } from "../../../../lib/api/aws/aws-machine-pool.ts";
import type { BootstrapConfig } from "../../../../lib/api/core/bootstrap-config.ts";
import { type Cluster, clusters } from "../../../../lib/api/core/cluster.ts";
import { CLUSTER_NAME_LABEL, WATCH_FILTER_LABEL } from "../../../../lib/api/core/labels.ts";
import {
  MACHINE_POOL_FINALIZER,
  type MachinePool,
  type MachinePoolSpec,
  type MachinePoolStatus,
  machinePools,
} from "../../../../lib/api/core/machine-pool.ts";
import type { KubernetesObject, ObjectMeta, Resource } from "../../../../lib/api/kubernetes/meta.ts";
import type { Node } from "../../../../lib/api/kubernetes/node.ts";
import { aNode, CLUSTER, NAMESPACE, type NodeWishes, POOL } from "../../../support/builders.ts";
import { kubeadmConfigs } from "./crds.ts";

export const FILTER = "lifeguard";
/** After so long a list without an instance is no old state of the cloud. */
export const LATE_SECONDS = 5 * 60;
export const idOf = (number: number): string => `memory:///zone-a/i-${number}`;
export const idsTo = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => idOf(index + 1));

type Meta = Partial<ObjectMeta>;

export const theCluster = (spec: Cluster["spec"] = { paused: false }, meta: Meta = {}): Cluster => ({
  apiVersion: clusters.apiVersion,
  kind: clusters.kind,
  metadata: { name: CLUSTER, namespace: NAMESPACE, ...meta },
  spec,
});

type TemplateSpec = MachinePoolSpec["template"]["spec"];

export interface PoolWishes extends Meta {
  readonly replicas?: number;
  readonly ids?: readonly string[];
  readonly template?: Partial<TemplateSpec>;
  readonly templateLabels?: Readonly<Record<string, string>>;
  readonly templateAnnotations?: Readonly<Record<string, string>>;
  readonly status?: MachinePoolStatus;
}

/** As a person applies it; it refers to a KubeadmConfig and an infrastructure pool of its own name. */
export const poolOf = ({
  replicas = 1,
  ids,
  template = {},
  templateLabels,
  templateAnnotations,
  status,
  ...meta
}: PoolWishes = {}): MachinePool => ({
  apiVersion: machinePools.apiVersion,
  kind: machinePools.kind,
  metadata: { name: POOL, namespace: NAMESPACE, labels: { [WATCH_FILTER_LABEL]: FILTER }, ...meta },
  spec: {
    clusterName: CLUSTER,
    replicas,
    ...(ids && { providerIDList: ids }),
    template: {
      ...((templateLabels || templateAnnotations) && {
        metadata: {
          ...(templateLabels && { labels: templateLabels }),
          ...(templateAnnotations && { annotations: templateAnnotations }),
        },
      }),
      spec: {
        clusterName: CLUSTER,
        bootstrap: { configRef: { apiGroup: "bootstrap.cluster.x-k8s.io", kind: "KubeadmConfig", name: POOL } },
        infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name: POOL },
        ...template,
      },
    },
  },
  ...(status && { status }),
});

/** In use for a while: finalizer, label and list are there. */
export const livingPool = (wishes: PoolWishes = {}): MachinePool =>
  poolOf({
    finalizers: [MACHINE_POOL_FINALIZER],
    labels: { [WATCH_FILTER_LABEL]: FILTER, [CLUSTER_NAME_LABEL]: CLUSTER },
    ...wishes,
  });

export const configOf = (
  status: NonNullable<BootstrapConfig["status"]> = {
    initialization: { dataSecretCreated: true },
    dataSecretName: "data-1",
  },
  { resource = kubeadmConfigs, ...meta }: Meta & { readonly resource?: Resource } = {},
): BootstrapConfig => ({
  apiVersion: resource.apiVersion,
  kind: resource.kind,
  metadata: { name: POOL, namespace: NAMESPACE, ...meta },
  status,
});

export interface InfrastructureWishes extends Meta {
  readonly ids?: readonly string[];
  readonly status?: object;
}

/** Ready, with an instance per id. */
export const infrastructureOf = ({
  ids = [idOf(1)],
  status = {},
  ...meta
}: InfrastructureWishes = {}): AwsMachinePool & KubernetesObject => ({
  apiVersion: awsMachinePools.apiVersion,
  kind: awsMachinePools.kind,
  metadata: { name: POOL, namespace: NAMESPACE, ...meta },
  spec: { providerIDList: ids } as AwsMachinePool["spec"],
  status: { ready: true, replicas: ids.length, ...status } as NonNullable<AwsMachinePool["status"]>,
});

/** The Node of instance `number`, Ready; with a kubelet of this version. */
export const nodeOf = (
  number: number,
  { version, ...wishes }: NodeWishes & { readonly version?: string } = {},
): Node => {
  const node = aNode({ name: `node-${number}`, providerID: idOf(number), ...wishes });
  if (version === undefined) return node;
  const empty = { architecture: "", bootID: "", containerRuntimeVersion: "", kernelVersion: "", kubeProxyVersion: "" };
  const rest = { machineID: "", operatingSystem: "linux", osImage: "", systemUUID: "" };
  return { ...node, status: { ...node.status, nodeInfo: { ...empty, ...rest, kubeletVersion: version } } };
};
