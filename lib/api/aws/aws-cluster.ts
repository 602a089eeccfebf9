/** What pools read of AWSCluster and AWSManagedControlPlane (CAPA api/v1beta2/awscluster_types.go, controlplane/eks/api/v1beta2). */
import type { KubernetesObject, Resource } from "../kubernetes/meta.ts";

export const awsClusters: Resource = {
  apiVersion: "infrastructure.cluster.x-k8s.io/v1beta2",
  plural: "awsclusters",
  kind: "AWSCluster",
};

export const awsManagedControlPlanes: Resource = {
  apiVersion: "controlplane.cluster.x-k8s.io/v1beta2",
  plural: "awsmanagedcontrolplanes",
  kind: "AWSManagedControlPlane",
};

export interface AwsSubnet {
  /** A name of the spec where `resourceID` is set, else the subnet's id. */
  readonly id?: string;
  readonly resourceID?: string;
  readonly availabilityZone?: string;
  readonly isPublic?: boolean;
  readonly zoneType?: "availability-zone" | "local-zone" | "wavelength-zone";
  readonly tags?: Readonly<Record<string, string>>;
}

export interface IdentityReference {
  readonly kind: string;
  readonly name: string;
}

/** Where bootstrap data of format ignition is kept; upstream makes it, with its policy and a lifecycle rule of one day. */
export interface AwsBucket {
  readonly name: string;
  /** Kubernetes duration; absent: instances read the bucket with their own profile. */
  readonly presignedURLDuration?: string;
  /** Objects that may not be deleted stay, and nothing waits for them. */
  readonly bestEffortDeleteObjects?: boolean;
}

export interface AwsInfrastructure extends KubernetesObject {
  readonly spec: {
    readonly region?: string;
    readonly partition?: string;
    readonly identityRef?: IdentityReference;
    readonly additionalTags?: Readonly<Record<string, string>>;
    readonly imageLookupFormat?: string;
    readonly imageLookupOrg?: string;
    readonly imageLookupBaseOS?: string;
    /** AWSCluster only. */
    readonly s3Bucket?: AwsBucket;
    readonly network?: { readonly subnets?: readonly AwsSubnet[] };
    /** AWSManagedControlPlane only. */
    readonly eksClusterName?: string;
  };
  readonly status?: {
    readonly ready?: boolean;
    readonly networkStatus?: {
      /** Role (node, lb, node-eks-additional ...) -> group. */
      readonly securityGroups?: Readonly<Record<string, { readonly id?: string }>>;
    };
  };
}
