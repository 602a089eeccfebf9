/** cluster.x-k8s.io/v1beta2 MachineDrainRule, whole (cluster-api api/core/v1beta2/machinedrainrule_types.go). */
import type { KubernetesObject, LabelSelector, Resource } from "../kubernetes/meta.ts";

export const machineDrainRules: Resource = {
  apiVersion: "cluster.x-k8s.io/v1beta2",
  plural: "machinedrainrules",
  kind: "MachineDrainRule",
};

export interface MachineDrainRule extends KubernetesObject {
  readonly spec: {
    readonly drain: {
      /** Drain | Skip | WaitCompleted; anything else is an error that is said. */
      readonly behavior: string;
      /** Lower leaves first; only with Drain; default 0. */
      readonly order?: number;
    };
    /** Absent: every Machine of the namespace. Entries are ORed, fields ANDed. */
    readonly machines?: readonly { readonly selector?: LabelSelector; readonly clusterSelector?: LabelSelector }[];
    /** Absent: every Pod. */
    readonly pods?: readonly { readonly selector?: LabelSelector; readonly namespaceSelector?: LabelSelector }[];
  };
}
