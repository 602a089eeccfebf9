/** What a pass over an AzureMachinePool knows: the wish worked out from the objects, and plain facts of what Azure has. */
import type { ImageReference, VirtualMachineScaleSet } from "@azure/arm-compute";
import type { AzureImage, AzureImagePlan } from "../../../api/azure/azure-machine-template.ts";
import type { PoolMember } from "../../pool-provider.ts";
import type { AzureMachineId, ScaleSetId } from "../provider-id.ts";
import type { Operation } from "./operations.ts";

export interface MachineFacts {
  readonly id: AzureMachineId;
  /** Succeeded, Creating, Updating, Failed, Deleting ... */
  readonly provisioningState: string;
  readonly image?: ImageReference;
  readonly timeCreated?: Date;
  /** Spot evicted it and kept its shell, or somebody stopped it: it counts, and does nothing. */
  readonly deallocated: boolean;
  /** Absent: cannot be told in this mode. */
  readonly protectedFromScaleIn?: boolean;
}

export interface ScaleSetFacts {
  readonly id: ScaleSetId;
  readonly location: string;
  readonly etag?: string;
  readonly provisioningState: string;
  readonly capacity: number;
  readonly size: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Sorted. */
  readonly zones: readonly string[];
  readonly image?: ImageReference;
  readonly identity: IdentitySeen;
  /** Of the system-assigned identity. */
  readonly principalId?: string;
  /** Lines of keys that its model has. */
  readonly sshKeys: readonly string[];
  /** What lets others than us delete instances; empty: nothing. */
  readonly foreignRules: readonly string[];
}

export interface IdentitySeen {
  readonly system: boolean;
  /** ARM ids, sorted, in lower case. */
  readonly userAssigned: readonly string[];
}

export interface IdentityWish {
  readonly type: "None" | "SystemAssigned" | "UserAssigned";
  /** ARM ids, sorted, in lower case. */
  readonly userAssigned: readonly string[];
}

export interface PoolWish {
  readonly id: ScaleSetId;
  /** Absent: nobody asks for a number. */
  readonly replicas?: number;
  readonly size: string;
  readonly zones: readonly string[];
  readonly identity: IdentityWish;
  readonly image: AzureImage;
  readonly imageReference: ImageReference;
  readonly plan?: AzureImagePlan;
  readonly tags: Readonly<Record<string, string>>;
  /** Everything but size, custom data, networks, secrets that are made up anew, and tags. */
  readonly model: VirtualMachineScaleSet;
  /** Of `model`: another one makes the instances outdated. */
  readonly modelHash: string;
  /** base64. */
  readonly customData: string;
  /** As upstream has it in its tag. */
  readonly customDataHash: string;
  readonly isWindows: boolean;
  readonly roleAssignment?: RoleAssignmentWish;
}

export interface RoleAssignmentWish {
  readonly name: string;
  readonly scope: string;
  readonly definitionId: string;
}

/** Why there is no wish, or none that may be carried out: what a person has to mend. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
}

export interface AzureSight {
  readonly id: ScaleSetId;
  readonly now: Date;
  /** Absent: see `problem`, or the pool is being deleted. */
  readonly wish?: PoolWish;
  readonly problem?: Problem;
  /** Ours. A scale set of our name without our tag is neither read nor touched. */
  readonly scaleSet?: ScaleSetFacts;
  readonly foreign?: Problem;
  /** Of our scale set. */
  readonly machines: readonly MachineFacts[];
  /** By providerID: what the management cluster knows of each. */
  readonly members: ReadonlyMap<string, PoolMember>;
  /** Newest word of an operation that was started and whose end has not been replaced by a newer one. */
  readonly operation?: Operation;
  /** The size has been looked up and fits: done only when a model is about to be written. */
  readonly creation?: Creation;
  /** Absent: no role is asked for. */
  readonly role?: RoleAssignmentWish;
  /** Whose the assignment is; "unmanaged": this deployment may not give that role, and does not ask. Absent: it was not asked. */
  readonly roleAssigned?: "missing" | "right" | "other" | "unmanaged";
  /** Keys of additional tags that an earlier pass applied, from the pool's annotation. */
  readonly appliedTags: Readonly<Record<string, string>>;
  readonly additionalTags: Readonly<Record<string, string>>;
  readonly deleting: boolean;
  readonly externallyManaged: boolean;
  /** What the last converged pass wanted. */
  readonly lastReconciledReplicas?: number;
  readonly kubernetesVersion?: string;
}

export interface Creation {
  readonly networkProfile: NonNullable<NonNullable<VirtualMachineScaleSet["virtualMachineProfile"]>["networkProfile"]>;
}
