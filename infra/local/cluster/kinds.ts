/** The workload kinds that the simulated controllers keep, as far as they read them, and the questions they all ask. */
import type { KubernetesObject, LabelSelector, OwnerReference, Resource } from "../../../lib/api/kubernetes/meta.ts";
import type { Node, Taint } from "../../../lib/api/kubernetes/node.ts";
import type { Pod, Toleration } from "../../../lib/api/kubernetes/pod.ts";

const apps = (plural: string, kind: string): Resource => ({ apiVersion: "apps/v1", plural, kind });
export const deployments = apps("deployments", "Deployment");
export const replicaSets = apps("replicasets", "ReplicaSet");
export const statefulSets = apps("statefulsets", "StatefulSet");
export const disruptionBudgets: Resource = {
  apiVersion: "policy/v1",
  plural: "poddisruptionbudgets",
  kind: "PodDisruptionBudget",
};

/** What the simulated kubelet does with a pod, said on the pod. Numbers are seconds. */
export const SHUTDOWN_SECONDS = "local.lifeguard/shutdown-seconds";
export const COMPLETES_SECONDS = "local.lifeguard/completes-after-seconds";
/** "false": runs, but never turns Ready. */
export const BECOMES_READY = "local.lifeguard/becomes-ready";

export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: NonNullable<Pod["spec"]> & {
    readonly containers: readonly { readonly name: string; readonly image: string }[];
    readonly nodeSelector?: Readonly<Record<string, string>>;
  };
}

/** Deployment, ReplicaSet, StatefulSet and DaemonSet: what we read of them is the same. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector: LabelSelector;
    readonly template: PodTemplate;
    readonly serviceName?: string;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface DisruptionBudget extends KubernetesObject {
  readonly spec: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly selector?: LabelSelector;
    readonly unhealthyPodEvictionPolicy?: "IfHealthyBudget" | "AlwaysAllow";
  };
  readonly status?: Readonly<Record<string, unknown>> & { readonly disruptedPods?: Readonly<Record<string, string>> };
}

type WithConditions = { readonly status?: { readonly conditions?: readonly { type: string; status: string }[] } };
export const isReady = (object: WithConditions) =>
  object.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
export const isLeaving = (object: KubernetesObject) => object.metadata.deletionTimestamp !== undefined;
export const isFinished = (pod: Pod) => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
export const fullName = ({ metadata }: KubernetesObject) =>
  metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name;
export const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find(({ controller }) => controller);
export const isControlledBy = (object: KubernetesObject, owner: KubernetesObject) =>
  controllerOf(object)?.uid === owner.metadata.uid;
/** API times are whole seconds. */
export const apiTime = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");

const isTolerated = (taint: Taint, tolerations: readonly Toleration[]) =>
  tolerations.some(
    ({ key, operator, value, effect }) =>
      (key === undefined || key === taint.key) &&
      (effect === undefined || effect === taint.effect) &&
      (operator === "Exists" || (value ?? "") === (taint.value ?? "")),
  );

/** The taint that keeps such a pod off the Node; a running pod cares only about NoExecute. */
export const repellingTaint = (node: Node, tolerations: readonly Toleration[], effects: readonly string[]) =>
  node.spec?.taints?.find((taint) => effects.includes(taint.effect) && !isTolerated(taint, tolerations));

/** The reference by which a controller owns what it makes. */
export const controlledBy = ({ apiVersion, kind }: Resource, owner: KubernetesObject): OwnerReference => ({
  apiVersion,
  kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? "",
  controller: true,
  blockOwnerDeletion: true,
});
