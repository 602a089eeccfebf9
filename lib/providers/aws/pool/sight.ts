/** What a pass over an AWSMachinePool knows: the wish worked out from the objects, and plain facts of what AWS has. */
import type { TemplateData } from "./template-fingerprint.ts";

export interface HookFacts {
  readonly name: string;
  readonly transition: string;
  readonly heartbeatSeconds: number;
  readonly defaultResult: string;
  /** "" where there is none, here and below. */
  readonly targetArn: string;
  readonly roleArn: string;
  readonly metadata: string;
}

export interface MixedPolicy {
  readonly instanceTypes: readonly string[];
  /** Absent: AWS's values are as good as any. */
  readonly distribution?: {
    readonly onDemandAllocationStrategy: string;
    readonly spotAllocationStrategy: string;
    readonly onDemandBaseCapacity: number;
    readonly onDemandPercentageAboveBaseCapacity: number;
  };
}

/** Everything of a group that its spec says, size excluded. */
export interface GroupShape {
  readonly minimum: number;
  readonly maximum: number;
  /** Sorted. */
  readonly subnetIds: readonly string[];
  readonly capacityRebalance: boolean;
  readonly cooldownSeconds: number;
  readonly warmupSeconds: number;
  readonly mixed?: MixedPolicy;
}

export interface InstanceFacts {
  readonly instanceId: string;
  readonly zone: string;
  readonly lifecycleState: string;
  readonly healthy: boolean;
  /** Absent: launched from no template. */
  readonly templateId?: string;
  readonly templateVersion?: number;
  readonly launchTime?: string;
}

export interface GroupFacts extends GroupShape {
  readonly arn: string;
  readonly desired: number;
  /** "Delete in progress", or absent. */
  readonly status?: string;
  readonly templateId?: string;
  readonly templateVersion?: string;
  readonly suspended: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly instances: readonly InstanceFacts[];
}

export interface VersionFacts {
  readonly number: number;
  readonly description: string;
  readonly createTime?: Date;
  readonly data: TemplateData;
}

export interface TemplateFacts {
  readonly id: string;
  readonly defaultVersion: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Ascending, at least one. */
  readonly versions: readonly VersionFacts[];
}

/** An object of the cluster's bucket, under this pool's prefix. */
export interface ObjectFacts {
  readonly key: string;
  readonly modifiedTime: Date;
}

/** Bootstrap data that is too secret, or too long, for a template. */
export interface WishedObject {
  readonly key: string;
  readonly body: Uint8Array;
}

export interface BucketFacts {
  readonly name: string;
  /** Nothing waits for an object that may not be deleted. */
  readonly bestEffort: boolean;
  readonly objects: readonly ObjectFacts[];
}

export interface RefreshFacts {
  readonly status: string;
  readonly reason?: string;
  readonly startTime?: Date;
  readonly endTime?: Date;
}

export interface PoolWish {
  readonly name: string;
  readonly templateData: TemplateData;
  /** What the template's user data names, if it names something. */
  readonly object?: WishedObject;
  /** Of the next version; also tells a later pass which lookup its image came from. */
  readonly templateDescription: string;
  readonly templateTags: Readonly<Record<string, string>>;
  readonly groupTags: Readonly<Record<string, string>>;
  readonly group: GroupShape;
  readonly hooks: readonly HookFacts[];
  readonly suspended: readonly string[];
  readonly refresh: {
    readonly disabled: boolean;
    readonly strategy: string;
    readonly instanceWarmup?: number;
    readonly minHealthyPercentage?: number;
    readonly maxHealthyPercentage?: number;
  };
  /** Absent: AWS decides (nobody asked, or somebody else does). */
  readonly replicas?: number;
}

/** Why there is no wish, or none that may be carried out: what a person has to mend. */
export interface Problem {
  readonly condition: "ASGReady" | "LaunchTemplateReady";
  readonly reason: string;
  readonly message: string;
}

export interface AwsSight {
  readonly name: string;
  readonly now: Date;
  /** Absent: see `problem`, or the pool is being deleted. */
  readonly wish?: PoolWish;
  readonly problem?: Problem;
  /** Ours. A group or template of our name without our tag is neither read nor touched. */
  readonly group?: GroupFacts;
  readonly template?: TemplateFacts;
  readonly foreign?: Problem;
  /** Absent: neither the wish nor a version of the template has anything in it. */
  readonly bucket?: BucketFacts;
  readonly hooks: readonly HookFacts[];
  /** Held by a launch hook, and their Nodes are Ready. */
  readonly joined?: readonly string[];
  /** The newest. */
  readonly refresh?: RefreshFacts;
  /** What AWS says about a launch that did not succeed and is still wanted. */
  readonly launchFailure?: string;
  /** Keys of additional tags that an earlier pass applied, from the pool's annotation. */
  readonly appliedTags: Readonly<Record<string, string>>;
  readonly additionalTags: Readonly<Record<string, string>>;
  readonly kubernetesVersion?: string;
}
