/** What every bootstrap config has in common, in both contracts (cluster-api book, "Contract rules for BootstrapConfig"). */
import type { Condition, KubernetesObject } from "../kubernetes/meta.ts";
import type { V1Beta1Condition } from "./v1beta1-condition.ts";

export interface BootstrapConfig extends KubernetesObject {
  readonly status?: {
    /** The Secret with the data, key `value`, in the config's namespace. */
    readonly dataSecretName?: string;
    /** Contract v1beta2. */
    readonly initialization?: { readonly dataSecretCreated?: boolean };
    /** Contract v1beta1. */
    readonly ready?: boolean;
    /** Of either flavour; both have type, status, reason and message. */
    readonly conditions?: readonly (Condition | V1Beta1Condition)[];
  };
}
