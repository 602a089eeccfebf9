/** Which differences between two template versions count: for a new version, and for replacing instances. */
import assert from "node:assert/strict";
import test from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  mustReplace,
  rollFingerprint,
  storedHash,
  type TemplateData,
  wholeFingerprint,
} from "../../../../lib/providers/aws/pool/template-fingerprint.ts";
import { DATA } from "./sights.ts";

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString("base64");
const spot = { InstanceMarketOptions: { MarketType: "spot" } };
const imds = { MetadataOptions: { HttpTokens: "required" } };
const disk = (size: number) => ({ BlockDeviceMappings: [{ DeviceName: "/dev/sda1", Ebs: { VolumeSize: size } }] });
const dns = { PrivateDnsNameOptions: { HostnameType: "ip-name", EnableResourceNameDnsARecord: false } };

interface Row {
  readonly name: string;
  readonly one: TemplateData;
  readonly other: TemplateData;
}

const differs: Row[] = [
  { name: "the image", one: {}, other: { ImageId: "ami-0b" } },
  { name: "the instance profile", one: {}, other: { IamInstanceProfile: { Name: "nodes" } } },
  { name: "the instance type", one: { InstanceType: "m7g.large" }, other: { InstanceType: "m7g.xlarge" } },
  { name: "metadata options added", one: {}, other: imds },
  { name: "metadata options taken away", one: imds, other: {} },
  { name: "an enclave added", one: {}, other: { EnclaveOptions: { Enabled: true } } },
  { name: "an enclave taken away", one: { EnclaveOptions: { Enabled: true } }, other: {} },
  { name: "Spot added", one: {}, other: spot },
  { name: "Spot taken away", one: spot, other: {} },
  {
    name: "another maximum price",
    one: spot,
    other: { InstanceMarketOptions: { MarketType: "spot", SpotOptions: { MaxPrice: "0.1" } } },
  },
  {
    name: "another market type, which upstream does not compare",
    one: spot,
    other: { InstanceMarketOptions: { MarketType: "capacity-block" } },
  },
  { name: "a key added", one: {}, other: { KeyName: "mine" } },
  { name: "another key", one: { KeyName: "yours" }, other: { KeyName: "mine" } },
  { name: "a private DNS name added", one: {}, other: dns },
  { name: "another private DNS name", one: dns, other: { PrivateDnsNameOptions: { HostnameType: "resource-name" } } },
  {
    name: "a capacity reservation",
    one: {},
    other: { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-1" } } },
  },
  {
    name: "a reservation preference, which upstream does not compare",
    one: {},
    other: { CapacityReservationSpecification: { CapacityReservationPreference: "none" } },
  },
  { name: "a volume's size, which upstream does not compare", one: disk(20), other: disk(40) },
  { name: "a volume added", one: {}, other: disk(20) },
  {
    name: "a security group taken away outside",
    one: { SecurityGroupIds: ["sg-node"] },
    other: { SecurityGroupIds: ["sg-lb", "sg-node"] },
  },
  {
    name: "a tag",
    one: { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "1" }] }] },
    other: { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "2" }] }] },
  },
  {
    name: "a tag without a value",
    one: { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "a", Value: "" }] }] },
    other: { TagSpecifications: [{ ResourceType: "instance", Tags: [] }] },
  },
  { name: "the bootstrap content", one: { UserData: base64("taints: a") }, other: { UserData: base64("taints: b") } },
];
for (const { name, one, other } of differs) {
  test(`${name} is a new version, and replaces instances`, () => {
    assert.notEqual(wholeFingerprint({ ...DATA, ...one }), wholeFingerprint({ ...DATA, ...other }));
    assert.notEqual(rollFingerprint({ ...DATA, ...one }), rollFingerprint({ ...DATA, ...other }));
  });
}

const same: Row[] = [
  {
    name: "security groups in another order",
    one: { SecurityGroupIds: ["a", "b"] },
    other: { SecurityGroupIds: ["b", "a"] },
  },
  { name: "no key and an empty one", one: {}, other: { KeyName: "" } },
  { name: "an enclave that is off and none", one: { EnclaveOptions: { Enabled: false } }, other: {} },
  {
    name: "an empty maximum price and none",
    one: { InstanceMarketOptions: { MarketType: "spot", SpotOptions: { MaxPrice: "" } } },
    other: spot,
  },
  {
    name: "metadata options that are AWS's own and none",
    one: {
      MetadataOptions: {
        HttpEndpoint: "enabled",
        HttpProtocolIpv6: "disabled",
        HttpTokens: "optional",
        HttpPutResponseHopLimit: 1,
      },
    },
    other: {},
  },
  {
    name: "a profile by its name and by its ARN",
    one: { IamInstanceProfile: { Name: "nodes" } },
    other: { IamInstanceProfile: { Arn: "arn:aws:iam::1:instance-profile/nodes" } },
  },
  {
    name: "volumes in another order",
    one: { BlockDeviceMappings: [{ DeviceName: "a" }, { DeviceName: "b" }] },
    other: { BlockDeviceMappings: [{ DeviceName: "b" }, { DeviceName: "a" }] },
  },
  {
    name: "a state that AWS adds",
    one: { MetadataOptions: { HttpTokens: "required", State: "applied" } },
    other: imds,
  },
  { name: "no user data and empty user data", one: { UserData: undefined }, other: { UserData: "" } },
];
for (const { name, one, other } of same) {
  test(`${name} are the same`, () => {
    assert.equal(wholeFingerprint({ ...DATA, ...one }), wholeFingerprint({ ...DATA, ...other }));
  });
}

const hashTag = (Value: string): TemplateData => ({
  TagSpecifications: [
    { ResourceType: "instance", Tags: [{ Key: "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-hash", Value }] },
  ],
});
const tokens: Row[] = [
  {
    name: "a token in a cloud-config",
    one: { UserData: base64("token: abcdef.0123456789abcdef\n") },
    other: { UserData: base64("token: zyxwvu.fedcba9876543210\n") },
  },
  {
    name: "a token in an URL of ignition",
    one: { UserData: base64("data:,token%3A%20abcdef.0123456789abcdef%0A") },
    other: { UserData: base64("data:,token%3A%20zyxwvu.fedcba9876543210%0A") },
  },
  {
    name: "a token under gzip",
    one: { UserData: base64(gzipSync("token: abcdef.0123456789abcdef")) },
    other: { UserData: base64(gzipSync("token: zyxwvu.fedcba9876543210")) },
  },
  { name: "the hash of the bootstrap data", one: hashTag("1"), other: hashTag("2") },
];
for (const { name, one, other } of tokens) {
  test(`${name} is a new version that replaces nobody`, () => {
    assert.notEqual(wholeFingerprint({ ...DATA, ...one }), wholeFingerprint({ ...DATA, ...other }));
    assert.equal(rollFingerprint({ ...DATA, ...one }), rollFingerprint({ ...DATA, ...other }));
  });
}

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789".split("");
const token = fc
  .tuple(
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 6, maxLength: 6 }),
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 16, maxLength: 16 }),
  )
  .map((parts) => parts.join("."));

test("whatever the token, the rest of the data decides", () => {
  const bytes = (text: string, one: string) => base64(`${text}\ntoken: ${one}\n${text}`);
  fc.assert(
    fc.property(fc.string(), token, token, (text, one, other) => {
      const [a, b] = [bytes(text, one), bytes(text, other)];
      assert.equal(rollFingerprint({ ...DATA, UserData: a }), rollFingerprint({ ...DATA, UserData: b }));
    }),
  );
});

test("data that only looks like gzip is compared as it is", () => {
  const odd = (last: number) => ({ ...DATA, UserData: base64(new Uint8Array([0x1f, 0x8b, last])) });
  assert.equal(rollFingerprint(odd(1)), rollFingerprint(odd(1)));
  assert.notEqual(rollFingerprint(odd(1)), rollFingerprint(odd(2)));
});

/** The small config of `source`, as it stands in a version, with the tags that say what lies there. */
const stored = (source: string, tags: Readonly<Record<string, string>>): TemplateData => ({
  ...DATA,
  UserData: base64(`{"ignition":{"version":"3.4.0","config":{"merge":[{"source":"${source}"}]}}}`),
  TagSpecifications: [{ ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }],
});
const HASH = "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-hash";
const SECRET = "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-secret";
const CONTENT = "lifecycle.cluster.x-k8s.io/bootstrap-content-hash";
const ours = stored("s3://b/machine-pool/p/5eb6", { [HASH]: "5eb6", [CONTENT]: "c1" });
const upstream = stored("s3://b/machine-pool/p/0ld0", { [HASH]: "0ld0", [SECRET]: "team/a" });
const held = (source: string, content: string) => stored(source, { [HASH]: "beef", [CONTENT]: content });

const replacements: { name: string; old: TemplateData; next: TemplateData; want: boolean }[] = [
  {
    name: "another object of the same content",
    old: ours,
    next: held("s3://b/machine-pool/p/beef", "c1"),
    want: false,
  },
  { name: "the same object, signed anew", old: ours, next: held("https://b.s3/x?X-Amz-Date=1", "c1"), want: false },
  { name: "another content", old: ours, next: held("s3://b/machine-pool/p/beef", "c2"), want: true },
  {
    name: "what upstream stored, taken over with the same Secret",
    old: upstream,
    next: stored("s3://b/machine-pool/p/beef", { [HASH]: "beef", [CONTENT]: "c1", [SECRET]: "team/a" }),
    want: false,
  },
  {
    name: "what upstream stored, and then another Secret",
    old: upstream,
    next: stored("s3://b/machine-pool/p/beef", { [HASH]: "beef", [CONTENT]: "c1", [SECRET]: "team/b" }),
    want: true,
  },
  {
    name: "what upstream stored, and then another image",
    old: upstream,
    next: {
      ...stored("s3://b/machine-pool/p/beef", { [HASH]: "beef", [CONTENT]: "c1", [SECRET]: "team/a" }),
      ImageId: "ami-9",
    },
    want: true,
  },
];
for (const { name, old, next, want } of replacements) {
  test(`${name} ${want ? "replaces" : "does not replace"} instances, and is another version`, () => {
    assert.equal(mustReplace(old, next), want);
    assert.notEqual(wholeFingerprint(old), wholeFingerprint(next));
  });
}

test("only data that names its own hash is stored elsewhere", () => {
  assert.equal(storedHash(ours), "5eb6");
  assert.equal(storedHash(stored("s3://b/machine-pool/p/another", { [HASH]: "5eb6" })), undefined);
  assert.equal(storedHash({ ...DATA, UserData: base64("s3://b/machine-pool/p/5eb6") }), undefined);
});
