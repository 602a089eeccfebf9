/** Maps the launch template of a pool to the data of a launch template version (CAPA pkg/cloud/services/ec2/launchtemplate.go). */

import type { AwsLaunchTemplate, AwsVolume } from "../../../api/aws/aws-launch-template.ts";
import type { Tags } from "../../applied-tags.ts";
import { tagList } from "./tags.ts";
import {
  BOOTSTRAP_CONTENT_TAG,
  BOOTSTRAP_HASH_TAG,
  BOOTSTRAP_SECRET_TAG,
  type TemplateData,
} from "./template-fingerprint.ts";

/** What had to be looked up or worked out before. */
export interface TemplateParts {
  readonly imageId: string;
  /** Needed where rootVolume names none. */
  readonly rootDeviceName?: string;
  readonly securityGroupIds: readonly string[];
  /** Base64. */
  readonly userData: string;
  /** namespace/name */
  readonly bootstrapSecret: string;
  readonly bootstrapHash: string;
  /** Where the user data only names the bootstrap data: of its content, tokens aside. */
  readonly contentHash?: string;
  readonly tags: Tags;
}

export function templateData(spec: AwsLaunchTemplate, parts: TemplateParts): TemplateData {
  const volumes = volumesOf(spec, parts.rootDeviceName);
  const market = marketOf(spec);
  const reservation = reservationOf(spec);
  return {
    ImageId: parts.imageId,
    UserData: parts.userData,
    SecurityGroupIds: [...new Set(parts.securityGroupIds)].sort(),
    ...(spec.instanceType && { InstanceType: spec.instanceType }),
    ...(spec.sshKeyName && { KeyName: spec.sshKeyName }),
    ...(spec.iamInstanceProfile && { IamInstanceProfile: { Name: spec.iamInstanceProfile } }),
    ...(spec.instanceMetadataOptions && { MetadataOptions: metadataOf(spec.instanceMetadataOptions) }),
    ...(spec.enclaveOptions?.enabled && { EnclaveOptions: { Enabled: true } }),
    ...(spec.privateDnsName && { PrivateDnsNameOptions: dnsOf(spec.privateDnsName) }),
    ...(market && { InstanceMarketOptions: market }),
    ...(reservation && { CapacityReservationSpecification: reservation }),
    ...(volumes.length > 0 && { BlockDeviceMappings: volumes }),
    TagSpecifications: [
      {
        ResourceType: "instance",
        Tags: tagList({
          ...parts.tags,
          [BOOTSTRAP_SECRET_TAG]: parts.bootstrapSecret,
          [BOOTSTRAP_HASH_TAG]: parts.bootstrapHash,
          ...(parts.contentHash && { [BOOTSTRAP_CONTENT_TAG]: parts.contentHash }),
        }),
      },
      { ResourceType: "volume", Tags: tagList(parts.tags) },
    ],
  };
}

/** Upstream compares httpProtocolIpv6 and never sends it, so that `enabled` gives a new version at each pass. */
const metadataOf = (options: NonNullable<AwsLaunchTemplate["instanceMetadataOptions"]>) => ({
  ...(options.httpEndpoint && { HttpEndpoint: options.httpEndpoint }),
  ...(options.httpProtocolIpv6 && { HttpProtocolIpv6: options.httpProtocolIpv6 }),
  ...(options.httpPutResponseHopLimit && { HttpPutResponseHopLimit: options.httpPutResponseHopLimit }),
  ...(options.httpTokens && { HttpTokens: options.httpTokens }),
  ...(options.instanceMetadataTags && { InstanceMetadataTags: options.instanceMetadataTags }),
});

const dnsOf = (given: NonNullable<AwsLaunchTemplate["privateDnsName"]>) => ({
  ...(given.hostnameType && { HostnameType: given.hostnameType }),
  EnableResourceNameDnsARecord: given.enableResourceNameDnsARecord ?? false,
  EnableResourceNameDnsAAAARecord: given.enableResourceNameDnsAAAARecord ?? false,
});

/** marketType Spot without spotMarketOptions, on which upstream crashes, means no maximum price. */
function marketOf({ marketType, spotMarketOptions }: AwsLaunchTemplate): TemplateData["InstanceMarketOptions"] {
  if (marketType === "CapacityBlock") return { MarketType: "capacity-block" };
  if (marketType === "OnDemand" || (marketType !== "Spot" && !spotMarketOptions)) return undefined;
  const price = spotMarketOptions?.maxPrice;
  return { MarketType: "spot", ...(price && { SpotOptions: { MaxPrice: price } }) };
}

const PREFERENCES: Readonly<Record<string, string>> = {
  None: "none",
  CapacityReservationsOnly: "capacity-reservations-only",
  Open: "open",
};

function reservationOf(spec: AwsLaunchTemplate): TemplateData["CapacityReservationSpecification"] {
  const { capacityReservationId, capacityReservationPreference } = spec;
  const preference = PREFERENCES[capacityReservationPreference ?? ""];
  if (!capacityReservationId && !preference) return undefined;
  return {
    ...(preference && { CapacityReservationPreference: preference }),
    ...(capacityReservationId && { CapacityReservationTarget: { CapacityReservationId: capacityReservationId } }),
  };
}

function volumesOf({ rootVolume, nonRootVolumes = [] }: AwsLaunchTemplate, rootDeviceName: string | undefined) {
  const root = rootVolume ? [mapping(rootVolume, rootVolume.deviceName || rootDeviceName || "")] : [];
  return [...root, ...nonRootVolumes.map((one) => mapping(one, one.deviceName ?? ""))];
}

const mapping = (volume: AwsVolume, deviceName: string) => ({
  DeviceName: deviceName,
  Ebs: {
    DeleteOnTermination: true,
    VolumeSize: volume.size,
    ...(volume.type && { VolumeType: volume.type }),
    ...(volume.iops && { Iops: volume.iops }),
    ...(volume.throughput && { Throughput: volume.throughput }),
    ...(volume.encryptionKey
      ? { Encrypted: true, KmsKeyId: volume.encryptionKey }
      : volume.encrypted !== undefined && { Encrypted: volume.encrypted }),
  },
});
