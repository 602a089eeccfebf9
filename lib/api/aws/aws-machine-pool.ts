/** infrastructure.cluster.x-k8s.io/v1beta2 AWSMachinePool (CAPA exp/api/v1beta2/awsmachinepool_types.go), letter for letter. */
import type { V1Beta1Condition } from "../core/v1beta1-condition.ts";
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { AwsLaunchTemplate, AwsResourceReference } from "./aws-launch-template.ts";

export const awsMachinePools: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
  plural: "awsmachinepools",
  kind: "AWSMachinePool",
};

export const AWS_MACHINE_POOL_FINALIZER = "awsmachinepool.infrastructure.cluster.x-k8s.io";
/** JSON object of the additional tags that were applied last, on the AWSMachinePool. */
export const LAST_APPLIED_TAGS_ANNOTATION = "sigs.k8s.io/cluster-api-provider-aws-last-applied-tags";
/** "true" on every AWSMachinePool that was reconciled. */
export const CAPA_ANNOTATION = "cluster-api-provider-aws";
/** "false" on an AWSMachinePool: its group gets no terminate hook of ours. */
export const DRAIN_HOOK_ANNOTATION = "lifecycle.cluster.x-k8s.io/drain-hook";

export interface AwsLifecycleHook {
  readonly name: string;
  readonly lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" | "autoscaling:EC2_INSTANCE_TERMINATING";
  /** Both or neither: SNS or SQS target and the role that may publish there. */
  readonly notificationTargetARN?: string;
  readonly roleARN?: string;
  /** Kubernetes duration such as "5m0s"; AWS default 3600 s. */
  readonly heartbeatTimeout?: string;
  readonly defaultResult?: "CONTINUE" | "ABANDON";
  readonly notificationMetadata?: string;
}

export interface AwsMixedInstancesPolicy {
  readonly instancesDistribution?: {
    readonly onDemandAllocationStrategy?: string;
    readonly spotAllocationStrategy?: string;
    readonly onDemandBaseCapacity?: number;
    readonly onDemandPercentageAboveBaseCapacity?: number;
  };
  readonly overrides?: readonly { readonly instanceType: string }[];
}

export interface AwsRefreshPreferences {
  readonly disable?: boolean;
  readonly strategy?: string;
  /** Seconds. */
  readonly instanceWarmup?: number;
  readonly minHealthyPercentage?: number;
  readonly maxHealthyPercentage?: number;
}

export type SuspendedProcessName =
  | "launch"
  | "terminate"
  | "addToLoadBalancer"
  | "alarmNotification"
  | "azRebalance"
  | "healthCheck"
  | "instanceRefresh"
  | "replaceUnhealthy"
  | "scheduledActions";

export interface AwsIgnition {
  /** Of the config that names the object; what `UnencryptedUserData` brings has a version of its own. */
  readonly version?: "2.3" | "3.0" | "3.1" | "3.2" | "3.3" | "3.4";
  readonly storageType?: "ClusterObjectStore" | "UnencryptedUserData";
  readonly proxy?: {
    readonly httpProxy?: string;
    readonly httpsProxy?: string;
    readonly noProxy?: readonly string[];
  };
  /** URLs of bundles in PEM form; `data:` URLs too. */
  readonly tls?: { readonly certificateAuthorities?: readonly string[] };
}

export interface AwsMachinePoolSpec {
  /** ARN of the Auto Scaling group. */
  readonly providerID?: string;
  /** One `aws:///<zone>/<instance id>` per instance of the group. */
  readonly providerIDList?: readonly string[];
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly availabilityZones?: readonly string[];
  readonly availabilityZoneSubnetType?: "public" | "private" | "all";
  /** Wins over availabilityZones. */
  readonly subnets?: readonly AwsResourceReference[];
  /** Merged over the cluster's. */
  readonly additionalTags?: Readonly<Record<string, string>>;
  readonly awsLaunchTemplate?: AwsLaunchTemplate;
  readonly mixedInstancesPolicy?: AwsMixedInstancesPolicy;
  /** Kubernetes durations. */
  readonly defaultCoolDown?: string;
  readonly defaultInstanceWarmup?: string;
  readonly refreshPreferences?: AwsRefreshPreferences;
  readonly capacityRebalance?: boolean;
  readonly suspendProcesses?: {
    readonly all?: boolean;
    readonly processes?: Readonly<Partial<Record<SuspendedProcessName, boolean>>>;
  };
  readonly ignition?: AwsIgnition;
  readonly lifecycleHooks?: readonly AwsLifecycleHook[];
}

export interface AwsMachinePoolStatus {
  readonly ready?: boolean;
  readonly replicas?: number;
  readonly conditions?: readonly V1Beta1Condition[];
  /** `version` is the Kubernetes version; absent where the instance is older than what the pool asks for. */
  readonly instances?: readonly { readonly instanceID?: string; readonly version?: string }[];
  readonly launchTemplateID?: string;
  /** The latest version's number, decimal. */
  readonly launchTemplateVersion?: string;
  /** `AWSMachine` when a Machine is kept per instance. */
  readonly infrastructureMachineKind?: string;
  /** Never written here; an old one stops upstream, and us, until a person takes it away. */
  readonly failureReason?: string;
  readonly failureMessage?: string;
  readonly asgStatus?: string;
}

/** The Auto Scaling group and the launch template carry the pool's own name. */
export interface AwsMachinePool extends KubernetesObject {
  readonly spec: AwsMachinePoolSpec;
  readonly status?: AwsMachinePoolStatus;
}
