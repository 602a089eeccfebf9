/** Workloads as people write them, shortened to what the simulated cluster reads: plain objects, ready to be created. */
import type { ObjectMeta } from "../../../lib/api/kubernetes/meta.ts";
import { daemonSets, type Pod } from "../../../lib/api/kubernetes/pod.ts";
import type { PersistentVolume } from "../../../lib/api/kubernetes/volume.ts";
import {
  type DisruptionBudget,
  deployments,
  disruptionBudgets,
  type PodTemplate,
  statefulSets,
  type Workload,
} from "./kinds.ts";

export interface PodOptions {
  readonly namespace?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly graceSeconds?: number;
  /** Further fields of the pod's spec. */
  readonly spec?: Partial<PodTemplate["spec"]>;
}

const templateOf = (name: string, { annotations, labels, graceSeconds = 30, spec }: PodOptions): PodTemplate => ({
  metadata: { labels: { app: name, ...labels }, ...(annotations && { annotations }) },
  spec: {
    terminationGracePeriodSeconds: graceSeconds,
    containers: [{ name: "main", image: `registry.local/${name}:1` }],
    ...spec,
  },
});
const metadataOf = (name: string, { namespace = "default" }: PodOptions): ObjectMeta => ({ name, namespace });
const selectorOf = (name: string) => ({ matchLabels: { app: name } });

export const deployment = (name: string, replicas: number, pod: PodOptions = {}): Workload => ({
  apiVersion: deployments.apiVersion,
  kind: deployments.kind,
  metadata: metadataOf(name, pod),
  spec: { replicas, selector: selectorOf(name), template: templateOf(name, pod) },
});

export const statefulSet = (
  name: string,
  replicas: number,
  pod: PodOptions & { claims?: string[] } = {},
): Workload => ({
  apiVersion: statefulSets.apiVersion,
  kind: statefulSets.kind,
  metadata: metadataOf(name, pod),
  spec: {
    replicas,
    serviceName: name,
    selector: selectorOf(name),
    template: templateOf(name, pod),
    volumeClaimTemplates: (pod.claims ?? []).map((claim) => ({ metadata: { name: claim } })),
  },
});

export const daemonSet = (name: string, pod: PodOptions = {}): Workload => ({
  apiVersion: daemonSets.apiVersion,
  kind: daemonSets.kind,
  metadata: metadataOf(name, pod),
  spec: { selector: selectorOf(name), template: templateOf(name, pod) },
});

/** A pod that nobody makes again. */
export const barePod = (name: string, pod: PodOptions & { finalizers?: string[] } = {}): Pod => {
  const { metadata, spec } = templateOf(name, pod);
  const { finalizers } = pod;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadataOf(name, pod), ...metadata, ...(finalizers && { finalizers }) },
    spec,
  };
};

export const disruptionBudget = (
  app: string,
  rule: Omit<DisruptionBudget["spec"], "selector">,
  { name = app, namespace = "default" } = {},
): DisruptionBudget => ({
  apiVersion: disruptionBudgets.apiVersion,
  kind: disruptionBudgets.kind,
  metadata: { name, namespace },
  spec: { ...rule, selector: selectorOf(app) },
});

/** Bound to a claim of a pod, e.g. "data-db-0". */
export const boundVolume = (claim: string, namespace = "default"): PersistentVolume => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: `volume-${claim}` },
  spec: {
    csi: { driver: "csi.local", volumeHandle: `handle-${claim}` },
    claimRef: { kind: "PersistentVolumeClaim", namespace, name: claim },
  },
});
