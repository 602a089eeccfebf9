/** infrastructure.cluster.x-k8s.io/v1beta1 AzureMachinePool (CAPZ exp/api/v1beta1/azuremachinepool_types.go), letter for letter. */
import type { V1Beta1Condition } from "../core/v1beta1-condition.ts";
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";
import type { AzureImage, AzureMachinePoolTemplate } from "./azure-machine-template.ts";

export const azureMachinePools: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta1",
  plural: "azuremachinepools",
  kind: "AzureMachinePool",
};

/** Core's constant, reused by upstream for its own kind. */
export const AZURE_MACHINE_POOL_FINALIZER = "machinepool.cluster.x-k8s.io";
/** JSON object of the additional tags that were applied last, on the AzureMachinePool. */
export const LAST_APPLIED_TAGS_ANNOTATION = "sigs.k8s.io/cluster-api-provider-azure-last-applied-tags-vmss";
/** "true": clusterctl must wait until the pool is paused before it moves it. */
export const BLOCK_MOVE_ANNOTATION = "clusterctl.cluster.x-k8s.io/block-move";
/** On a Windows pool: which default image, e.g. "windows-2022". */
export const WINDOWS_VERSION_ANNOTATION = "windowsServerVersion";
/** On a Windows pool: "containerd" or nothing. */
export const RUNTIME_ANNOTATION = "runtime";

export type DeletePolicy = "Random" | "Newest" | "Oldest";
export type OrchestrationMode = "Flexible" | "Uniform";
/** A number, or a text such as "20%". */
export type IntOrString = number | string;

export interface RollingUpdateStrategy {
  readonly type?: "RollingUpdate";
  readonly rollingUpdate?: {
    /** Of the wished replicas, rounded down; default 0. */
    readonly maxUnavailable?: IntOrString;
    /** Of the wished replicas, rounded up; default 1. */
    readonly maxSurge?: IntOrString;
    readonly deletePolicy?: DeletePolicy;
  };
}

export interface AzureMachinePoolSpec {
  readonly location: string;
  readonly template: AzureMachinePoolTemplate;
  /** Merged over the cluster's. */
  readonly additionalTags?: Readonly<Record<string, string>>;
  /** `azure://` and the scale set's ARM id. */
  readonly providerID?: string;
  /** One `azure://...` per instance, sorted. */
  readonly providerIDList?: readonly string[];
  readonly identity?: "None" | "SystemAssigned" | "UserAssigned";
  readonly systemAssignedIdentityRole?: {
    /** A UUID. */
    readonly name?: string;
    /** ARM ids. */
    readonly definitionID?: string;
    readonly scope?: string;
  };
  /** `azure://` and ARM ids. */
  readonly userAssignedIdentities?: readonly { readonly providerID: string }[];
  /** Deprecated: systemAssignedIdentityRole.name. */
  readonly roleAssignmentName?: string;
  readonly strategy?: RollingUpdateStrategy;
  readonly orchestrationMode?: OrchestrationMode;
  readonly platformFaultDomainCount?: number;
  readonly zoneBalance?: boolean;
}

/** A resumable operation of Azure; `data` is base64url of the SDK's own text. */
export interface LongRunningOperationState {
  readonly type: string;
  readonly resourceGroup?: string;
  readonly serviceName: string;
  readonly name: string;
  readonly data: string;
}

export interface AzureMachinePoolStatus {
  readonly ready?: boolean;
  /** Instances whose Node is Ready, not the scale set's capacity. */
  readonly replicas?: number;
  /** The wish at the last pass that found no instance too many; below it, old instances go without being replaced. */
  readonly lastReconciledReplicas?: number;
  /** Creating, Deleting, Failed, Migrating, Succeeded, Updating, Canceled, Deleted. */
  readonly provisioningState?: string;
  readonly image?: AzureImage;
  readonly conditions?: readonly V1Beta1Condition[];
  readonly longRunningOperationStates?: readonly LongRunningOperationState[];
  /** `AzureMachinePoolMachine`: a Machine is kept per instance. */
  readonly infrastructureMachineKind?: string;
  /** Never written here; an old one stops upstream, and us, until a person takes it away. */
  readonly failureReason?: string;
  readonly failureMessage?: string;
  /** What a pass knows of each instance, for who makes the AzureMachinePoolMachines. */
  readonly instances?: readonly AzureInstanceStatus[];
}

export interface AzureInstanceStatus {
  readonly providerID?: string;
  readonly instanceID?: string;
  readonly instanceName?: string;
  readonly provisioningState?: string;
  readonly version?: string;
  /** Made from what the pool asks for now. */
  readonly latestModelApplied: boolean;
}

/** The scale set carries the pool's own name, on Windows a shorter one. */
export interface AzureMachinePool extends KubernetesObject {
  readonly spec: AzureMachinePoolSpec;
  readonly status?: AzureMachinePoolStatus;
}
