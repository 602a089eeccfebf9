/** What the machines of an AzureMachinePool are made of: `spec.template` and the parts that other kinds of CAPZ share (CAPZ api/v1beta1/types.go). */

export interface AzureImagePlan {
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
}

/** Exactly one member is set. */
export interface AzureImage {
  /** ARM id of an image or of an image version. */
  readonly id?: string;
  readonly marketplace?: AzureImagePlan & { readonly version: string; readonly thirdPartyImage?: boolean };
  /** With subscription and resource group: a gallery of one's own; without: a community gallery. */
  readonly computeGallery?: {
    readonly gallery: string;
    readonly name: string;
    readonly version: string;
    readonly subscriptionID?: string;
    readonly resourceGroup?: string;
    readonly plan?: AzureImagePlan;
  };
  /** Deprecated. */
  readonly sharedGallery?: Partial<AzureImagePlan> & {
    readonly subscriptionID: string;
    readonly resourceGroup: string;
    readonly gallery: string;
    readonly name: string;
    readonly version: string;
  };
}

export interface AzureManagedDisk {
  readonly storageAccountType?: string;
  readonly diskEncryptionSet?: { readonly id?: string };
  readonly securityProfile?: {
    readonly diskEncryptionSet?: { readonly id?: string };
    readonly securityEncryptionType?: "VMGuestStateOnly" | "DiskWithVMGuestState";
  };
}

export type CachingType = "None" | "ReadOnly" | "ReadWrite";

export interface AzureOsDisk {
  /** Linux or Windows. */
  readonly osType: string;
  readonly diskSizeGB?: number;
  readonly managedDisk?: AzureManagedDisk;
  readonly diffDiskSettings?: {
    readonly option: "Local";
    readonly placement?: "CacheDisk" | "NvmeDisk" | "ResourceDisk";
  };
  readonly cachingType?: CachingType;
}

export interface AzureDataDisk {
  readonly nameSuffix: string;
  readonly diskSizeGB: number;
  readonly managedDisk?: AzureManagedDisk;
  readonly lun?: number;
  readonly cachingType?: CachingType;
}

export interface AzureNetworkInterface {
  /** Empty: the only subnet of role node. */
  readonly subnetName?: string;
  readonly privateIPConfigs?: number;
  readonly acceleratedNetworking?: boolean;
}

export interface AzureVmExtension {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly protectedSettings?: Readonly<Record<string, string>>;
}

export interface AzureMachinePoolTemplate {
  readonly vmSize: string;
  /** Absent: the community image of the Kubernetes version. */
  readonly image?: AzureImage;
  readonly osDisk: AzureOsDisk;
  readonly dataDisks?: readonly AzureDataDisk[];
  /** base64 of the line. */
  readonly sshPublicKey?: string;
  /** Deprecated: networkInterfaces[0]. */
  readonly acceleratedNetworking?: boolean;
  /** Deprecated: networkInterfaces[0]. */
  readonly subnetName?: string;
  readonly networkInterfaces?: readonly AzureNetworkInterface[];
  readonly additionalCapabilities?: { readonly ultraSSDEnabled?: boolean };
  readonly diagnostics?: {
    readonly boot?: {
      readonly storageAccountType: "Managed" | "UserManaged" | "Disabled";
      readonly userManaged?: { readonly storageAccountURI: string };
    };
  };
  /** Minutes, 5..15: Azure asks before it deletes an instance. */
  readonly terminateNotificationTimeout?: number;
  readonly securityProfile?: {
    readonly encryptionAtHost?: boolean;
    readonly securityType?: "ConfidentialVM" | "TrustedLaunch";
    readonly uefiSettings?: { readonly secureBootEnabled?: boolean; readonly vTpmEnabled?: boolean };
  };
  /** Present: Spot. */
  readonly spotVMOptions?: {
    /** A Kubernetes quantity in US dollars per hour. */
    readonly maxPrice?: string | number;
    readonly evictionPolicy?: "Deallocate" | "Delete";
  };
  readonly vmExtensions?: readonly AzureVmExtension[];
  /** Absent is treated as true. */
  readonly disableVMBootstrapExtension?: boolean;
}
