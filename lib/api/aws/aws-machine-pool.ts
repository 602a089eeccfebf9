/** infrastructure.cluster.x-k8s.io/v1beta2 AWSMachinePool, as far as a drain reads it (CAPA exp/api/v1beta2). */
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";

export const awsMachinePools: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
  plural: "awsmachinepools",
  kind: "AWSMachinePool",
};

export interface AwsLifecycleHook {
  readonly name: string;
  readonly lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" | "autoscaling:EC2_INSTANCE_TERMINATING";
  /** Kubernetes duration such as "5m0s"; AWS default 3600 s. */
  readonly heartbeatTimeout?: string;
  readonly defaultResult?: "CONTINUE" | "ABANDON";
}

/** The Auto Scaling group carries the pool's own name. */
export interface AwsMachinePool extends KubernetesObject {
  readonly spec: {
    /** ARN of the Auto Scaling group. */
    readonly providerID?: string;
    /** One `aws:///<zone>/<instance id>` per instance of the group. */
    readonly providerIDList?: readonly string[];
    readonly lifecycleHooks?: readonly AwsLifecycleHook[];
  };
  readonly status?: {
    /** `AWSMachine` when upstream keeps a Machine per instance. */
    readonly infrastructureMachineKind?: string;
  };
}
