/** core/v1 Pod and what decides about its leaving: Namespace, DaemonSet ownership, eviction. */
import type { KubernetesObject, Resource } from "./meta.ts";

export const pods: Resource = { apiVersion: "v1", plural: "pods", kind: "Pod" };
export const namespaces: Resource = { apiVersion: "v1", plural: "namespaces", kind: "Namespace" };
export const daemonSets: Resource = { apiVersion: "apps/v1", plural: "daemonsets", kind: "DaemonSet" };

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface PodVolume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly ephemeral?: object;
}

export interface Pod extends KubernetesObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly priority?: number;
    readonly priorityClassName?: string;
    readonly tolerations?: readonly Toleration[];
    readonly volumes?: readonly PodVolume[];
  };
  readonly status?: {
    readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
  };
}

/** Set by the kubelet on the mirror of a static pod. */
export const MIRROR_POD_ANNOTATION = "kubernetes.io/config.mirror";
export const SYSTEM_CRITICAL_PRIORITY_CLASSES: readonly string[] = ["system-cluster-critical", "system-node-critical"];
