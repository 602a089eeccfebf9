/** The launch template inside AWSMachinePool (CAPA api/v1beta2/awslaunchtemplate_types.go), letter for letter. */

export interface AwsResourceReference {
  readonly id?: string;
  /** Exactly one of the two. */
  readonly filters?: readonly { readonly name: string; readonly values: readonly string[] }[];
}

export type EksLookupType = "AmazonLinux" | "AmazonLinuxGPU" | "AmazonLinux2023" | "AmazonLinux2023GPU";

export interface AwsVolume {
  readonly deviceName?: string;
  /** GiB, at least 8. */
  readonly size: number;
  readonly type?: string;
  readonly iops?: number;
  readonly throughput?: number;
  readonly encrypted?: boolean;
  readonly encryptionKey?: string;
}

export interface InstanceMetadataOptions {
  readonly httpEndpoint?: "enabled" | "disabled";
  readonly httpProtocolIpv6?: "enabled" | "disabled";
  readonly httpPutResponseHopLimit?: number;
  readonly httpTokens?: "optional" | "required";
  readonly instanceMetadataTags?: "enabled" | "disabled";
}

export interface AwsLaunchTemplate {
  readonly name?: string;
  readonly iamInstanceProfile?: string;
  readonly ami?: { readonly id?: string; readonly eksLookupType?: EksLookupType };
  readonly imageLookupFormat?: string;
  readonly imageLookupOrg?: string;
  readonly imageLookupBaseOS?: string;
  readonly instanceType?: string;
  readonly rootVolume?: AwsVolume;
  readonly nonRootVolumes?: readonly AwsVolume[];
  readonly sshKeyName?: string;
  readonly additionalSecurityGroups?: readonly AwsResourceReference[];
  readonly spotMarketOptions?: { readonly maxPrice?: string };
  readonly instanceMetadataOptions?: InstanceMetadataOptions;
  readonly enclaveOptions?: { readonly enabled?: boolean };
  readonly privateDnsName?: {
    readonly enableResourceNameDnsAAAARecord?: boolean;
    readonly enableResourceNameDnsARecord?: boolean;
    readonly hostnameType?: "ip-name" | "resource-name";
  };
  readonly capacityReservationId?: string;
  /** "", None, CapacityReservationsOnly or Open. */
  readonly capacityReservationPreference?: string;
  readonly marketType?: "OnDemand" | "Spot" | "CapacityBlock";
}
