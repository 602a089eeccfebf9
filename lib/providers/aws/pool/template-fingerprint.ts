/** Compares launch template versions by what matters: the wish and what AWS gives back are brought into one form first. */
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

export interface TemplateTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export interface TemplateTagSpecification {
  readonly ResourceType?: string | undefined;
  readonly Tags?: readonly TemplateTag[] | undefined;
}

/** RequestLaunchTemplateData and ResponseLaunchTemplateData of EC2, as far as we fill them; times and numbers as EC2 takes them. */
export interface TemplateData {
  readonly ImageId?: string | undefined;
  readonly InstanceType?: string | undefined;
  readonly KeyName?: string | undefined;
  /** Base64. */
  readonly UserData?: string | undefined;
  readonly IamInstanceProfile?: { readonly Arn?: string | undefined; readonly Name?: string | undefined } | undefined;
  readonly MetadataOptions?: object | undefined;
  readonly EnclaveOptions?: { readonly Enabled?: boolean | undefined } | undefined;
  readonly InstanceMarketOptions?:
    | {
        readonly MarketType?: string | undefined;
        readonly SpotOptions?: { readonly MaxPrice?: string | undefined } | undefined;
      }
    | undefined;
  readonly CapacityReservationSpecification?: object | undefined;
  readonly PrivateDnsNameOptions?: object | undefined;
  readonly SecurityGroupIds?: readonly string[] | undefined;
  readonly BlockDeviceMappings?: readonly { readonly DeviceName?: string | undefined }[] | undefined;
  readonly TagSpecifications?: readonly TemplateTagSpecification[] | undefined;
}

/** Of the bootstrap data as a whole, token included: it changes with every rotation and rolls nothing. */
export const BOOTSTRAP_HASH_TAG = "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-hash";
/** Of what it says, tokens aside; only where the user data does not hold it but names where it lies. Ours, upstream has none. */
export const BOOTSTRAP_CONTENT_TAG = "lifecycle.cluster.x-k8s.io/bootstrap-content-hash";
export const BOOTSTRAP_SECRET_TAG = "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-secret";

/** What EC2 and the CRD fill in where nothing is said. */
const METADATA_DEFAULTS = {
  HttpEndpoint: "enabled",
  HttpProtocolIpv6: "disabled",
  HttpPutResponseHopLimit: 1,
  HttpTokens: "optional",
  InstanceMetadataTags: "disabled",
};
const DNS_DEFAULTS = { EnableResourceNameDnsAAAARecord: false, EnableResourceNameDnsARecord: false };

/** Everything: another text asks for a new version. */
export const wholeFingerprint = (data: TemplateData): string => canonical(normalised(data, sha256(bytesOf(data))));

const HASH_TAGS: readonly (string | undefined)[] = [BOOTSTRAP_HASH_TAG, BOOTSTRAP_CONTENT_TAG];

/**
 * What a running instance must not differ in: a token that was rotated does not count, nor where the bootstrap data lies and
 * how long it may be read there.
 */
export function rollFingerprint(data: TemplateData, content = contentOf(data)): string {
  const withoutHashes = (data.TagSpecifications ?? []).map((one) => ({
    ...one,
    Tags: (one.Tags ?? []).filter(({ Key }) => !HASH_TAGS.includes(Key)),
  }));
  return canonical(normalised({ ...data, TagSpecifications: withoutHashes }, content));
}

/**
 * Instances launched from the one version have to be replaced by instances of the other. Of content that upstream keeps
 * elsewhere only the hash as a whole is known: then its Secret's name must speak, which is one of the tags.
 */
export function mustReplace(old: TemplateData, next: TemplateData): boolean {
  const isUnknown = [old, next].some(isElsewhere);
  const content = isUnknown ? "elsewhere" : undefined;
  return rollFingerprint(old, content) !== rollFingerprint(next, content);
}

const tagOf = ({ TagSpecifications = [] }: TemplateData, wanted: string): string | undefined =>
  TagSpecifications.find(({ ResourceType }) => ResourceType === "instance")?.Tags?.find(({ Key }) => Key === wanted)
    ?.Value;

const contentOf = (data: TemplateData): string => tagOf(data, BOOTSTRAP_CONTENT_TAG) ?? contentHash(bytesOf(data));

/** The hash under which the bootstrap data is stored, where the user data names it by that; undefined: it is there itself. */
export function storedHash(data: TemplateData): string | undefined {
  const hash = tagOf(data, BOOTSTRAP_HASH_TAG);
  return hash && bytesOf(data).includes(`/${hash}`) ? hash : undefined;
}

const isElsewhere = (data: TemplateData) =>
  tagOf(data, BOOTSTRAP_CONTENT_TAG) === undefined && storedHash(data) !== undefined;

/**
 * kubeadm's bootstrap tokens (`abcdef.0123456789abcdef`), also right after an URL escape as ignition's data URLs have it.
 * Upstream rotates them about every half of their life, and instances that have joined need none any more.
 */
const TOKEN = /(^|[^a-z0-9]|%[0-9A-Fa-f]{2})[a-z0-9]{6}\.[a-z0-9]{16}(?![a-z0-9])/g;

export const contentHash = (bytes: Buffer): string =>
  sha256(Buffer.from(bytes.toString("latin1").replace(TOKEN, "$1<token>"), "latin1"));

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

function bytesOf({ UserData = "" }: TemplateData): Buffer {
  const bytes = Buffer.from(UserData, "base64");
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch {
    // Not ours: somebody's data that only begins like gzip is compared as it is.
    return bytes;
  }
}

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function normalised(data: TemplateData, userData: string): object {
  const market = data.InstanceMarketOptions;
  const profile = data.IamInstanceProfile;
  return {
    image: data.ImageId,
    type: data.InstanceType,
    key: data.KeyName,
    profile: profile?.Name ?? profile?.Arn?.split("/").at(-1),
    metadata: { ...METADATA_DEFAULTS, ...defined(data.MetadataOptions) },
    enclave: data.EnclaveOptions?.Enabled ?? false,
    market: market?.MarketType && { type: market.MarketType, price: market.SpotOptions?.MaxPrice },
    reservation: data.CapacityReservationSpecification,
    dns: data.PrivateDnsNameOptions && { ...DNS_DEFAULTS, ...defined(data.PrivateDnsNameOptions) },
    securityGroups: [...(data.SecurityGroupIds ?? [])].sort(byName),
    volumes: [...(data.BlockDeviceMappings ?? [])].sort((a, b) => byName(a.DeviceName ?? "", b.DeviceName ?? "")),
    tags: tagsOf(data),
    userData,
  };
}

const tagsOf = ({ TagSpecifications = [] }: TemplateData) =>
  Object.fromEntries(
    TagSpecifications.map(({ ResourceType = "", Tags = [] }) => [
      ResourceType,
      Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, `=${Value}`])),
    ]),
  );

const isNothing = (value: unknown) => value === undefined || value === null || value === "";

const defined = (record: object | undefined) =>
  Object.fromEntries(Object.entries(record ?? {}).filter(([, value]) => !isNothing(value)));

/** JSON with sorted keys, without what says nothing; AWS adds a state to some answers, which is no setting. */
export function canonical(value: unknown): string {
  const tidy = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(tidy);
    if (typeof one !== "object" || one === null) return one;
    const members = Object.entries(one).filter(([name, inner]) => name !== "State" && !isNothing(inner));
    return Object.fromEntries(members.sort(([a], [b]) => byName(a, b)).map(([name, inner]) => [name, tidy(inner)]));
  };
  return JSON.stringify(tidy(value));
}
