/** Small objects with good defaults: a test names only what it is about. */
import { type AwsMachinePool, awsMachinePools } from "../../lib/api/aws/aws-machine-pool.ts";
import { CLUSTER_NAME_LABEL } from "../../lib/api/core/labels.ts";
import { type Machine, machines } from "../../lib/api/core/machine.ts";
import type { MachineDrainRule } from "../../lib/api/core/machine-drain-rule.ts";
import { type MachinePool, machinePools } from "../../lib/api/core/machine-pool.ts";
import type { ObjectMeta } from "../../lib/api/kubernetes/meta.ts";
import type { Node } from "../../lib/api/kubernetes/node.ts";
import type { Pod } from "../../lib/api/kubernetes/pod.ts";
import {
  DRAIN_FINALIZER,
  INSTANCE_LABEL,
  type InstanceTermination,
  type InstanceTerminationSpec,
  type InstanceTerminationStatus,
  instanceTerminations,
} from "../../lib/api/lifecycle/instance-termination.ts";

export const NOTICE_TIME = "2026-03-01T12:00:00Z";
export const NOTICE_SECONDS = Date.parse(NOTICE_TIME) / 1000;
export const NAMESPACE = "team-a";
export const CLUSTER = "prod";
export const POOL = "workers";
export const PROVIDER_ID = "memory:///zone-a/i-1";

type Meta = Partial<ObjectMeta>;

/** The infrastructure pool, owned by the MachinePool of the same name. */
export const aPool = ({
  name = POOL,
  ids = [PROVIDER_ID],
  ...meta
}: Meta & { ids?: readonly string[] } = {}): AwsMachinePool => ({
  apiVersion: awsMachinePools.apiVersion,
  kind: awsMachinePools.kind,
  metadata: {
    name,
    namespace: NAMESPACE,
    labels: { [CLUSTER_NAME_LABEL]: CLUSTER },
    ownerReferences: [
      { apiVersion: machinePools.apiVersion, kind: machinePools.kind, name, uid: `uid-${name}`, controller: true },
    ],
    ...meta,
  },
  spec: { providerIDList: ids },
});

export interface MachinePoolWishes extends Meta {
  readonly ids?: readonly string[];
  readonly nodes?: readonly string[];
  readonly paused?: boolean;
  readonly deletion?: MachinePool["spec"]["template"]["spec"]["deletion"];
  readonly templateLabels?: Readonly<Record<string, string>>;
}

export const aMachinePool = ({
  name = POOL,
  ids = [PROVIDER_ID],
  nodes = ["node-1"],
  paused = false,
  deletion,
  templateLabels = {},
  ...meta
}: MachinePoolWishes = {}): MachinePool => ({
  apiVersion: machinePools.apiVersion,
  kind: machinePools.kind,
  metadata: { name, namespace: NAMESPACE, labels: { [CLUSTER_NAME_LABEL]: CLUSTER }, ...meta },
  spec: {
    clusterName: CLUSTER,
    providerIDList: ids,
    template: {
      metadata: { labels: templateLabels },
      spec: {
        infrastructureRef: { apiGroup: "infrastructure.cluster.x-k8s.io", kind: awsMachinePools.kind, name },
        ...(deletion && { deletion }),
      },
    },
  },
  status: {
    nodeRefs: nodes.map((node) => ({ name: node })),
    conditions: paused
      ? [{ type: "Paused", status: "True", reason: "Paused", message: "", lastTransitionTime: NOTICE_TIME }]
      : [],
  },
});

export const aMachine = ({
  name = "workers-x",
  providerID = PROVIDER_ID,
  node,
  deletion,
  ...meta
}: Meta & { providerID?: string; node?: string; deletion?: Machine["spec"]["deletion"] } = {}): Machine => ({
  apiVersion: machines.apiVersion,
  kind: machines.kind,
  metadata: {
    name,
    namespace: NAMESPACE,
    labels: { [CLUSTER_NAME_LABEL]: CLUSTER, "cluster.x-k8s.io/pool-name": POOL },
    ...meta,
  },
  spec: { clusterName: CLUSTER, providerID, ...(deletion && { deletion }) },
  ...(node !== undefined && { status: { nodeRef: { name: node } } }),
});

export interface NodeWishes extends Meta {
  readonly providerID?: string;
  readonly ready?: "True" | "False" | "Unknown";
  readonly readySince?: string;
  readonly unschedulable?: boolean;
  readonly taints?: NonNullable<Node["spec"]>["taints"];
  readonly volumesAttached?: readonly string[];
}

export const aNode = ({
  name = "node-1",
  providerID = PROVIDER_ID,
  ready = "True",
  readySince = NOTICE_TIME,
  unschedulable,
  taints,
  volumesAttached,
  ...meta
}: NodeWishes = {}): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, ...meta },
  spec: { providerID, ...(unschedulable !== undefined && { unschedulable }), ...(taints && { taints }) },
  status: {
    conditions: [{ type: "Ready", status: ready, lastTransitionTime: readySince }],
    ...(volumesAttached && { volumesAttached: volumesAttached.map((volume) => ({ name: volume, devicePath: "" })) }),
  },
});

export interface PodWishes extends Meta {
  readonly node?: string;
  readonly graceSeconds?: number;
  readonly phase?: NonNullable<Pod["status"]>["phase"];
  /** "DaemonSet/agent"; "" for none. */
  readonly controller?: string;
  readonly priorityClassName?: string;
  readonly tolerations?: NonNullable<Pod["spec"]>["tolerations"];
  readonly volumes?: NonNullable<Pod["spec"]>["volumes"];
  readonly ready?: boolean;
}

/** A running, Ready pod of a ReplicaSet. */
export const aPod = ({
  name = "web-1",
  node = "node-1",
  graceSeconds = 30,
  phase = "Running",
  controller = "ReplicaSet/web",
  priorityClassName,
  tolerations,
  volumes,
  ready = true,
  ...meta
}: PodWishes = {}): Pod => {
  const [kind = "", owner = ""] = controller.split("/");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: "default",
      ...(controller !== "" && {
        ownerReferences: [{ apiVersion: "apps/v1", kind, name: owner, uid: `uid-${owner}`, controller: true }],
      }),
      ...meta,
    },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: graceSeconds,
      ...(priorityClassName && { priorityClassName }),
      ...(tolerations && { tolerations }),
      ...(volumes && { volumes }),
    },
    status: { phase, conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
};

export const aRule = (
  name: string,
  drain: MachineDrainRule["spec"]["drain"],
  rest: Omit<MachineDrainRule["spec"], "drain"> = {},
): MachineDrainRule => ({
  apiVersion: "cluster.x-k8s.io/v1beta2",
  kind: "MachineDrainRule",
  metadata: { name, namespace: NAMESPACE },
  spec: { drain, ...rest },
});

export const aTermination = (
  spec: Partial<InstanceTerminationSpec> = {},
  { status, ...meta }: Meta & { status?: InstanceTerminationStatus } = {},
): InstanceTermination => ({
  apiVersion: instanceTerminations.apiVersion,
  kind: instanceTerminations.kind,
  metadata: {
    name: `${POOL}-i-1`,
    namespace: NAMESPACE,
    labels: { [CLUSTER_NAME_LABEL]: CLUSTER, [INSTANCE_LABEL]: "i-1" },
    finalizers: [DRAIN_FINALIZER],
    ...meta,
  },
  spec: {
    clusterName: CLUSTER,
    machinePoolName: POOL,
    providerID: PROVIDER_ID,
    cause: "TerminationHook",
    noticeTime: NOTICE_TIME,
    ...spec,
  },
  ...(status && { status }),
});
