/** How a pool's launch template becomes the data of a version, field by field. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsLaunchTemplate } from "../../../../lib/api/aws/aws-launch-template.ts";
import { templateData } from "../../../../lib/providers/aws/pool/template-data.ts";

const PARTS = {
  imageId: "ami-0a",
  rootDeviceName: "/dev/sda1",
  securityGroupIds: ["sg-node", "sg-lb", "sg-node"],
  userData: "eA==",
  bootstrapSecret: "team/workers-a",
  bootstrapHash: "5eb6",
  tags: { b: "2", a: "1" },
};

const rows: { name: string; spec: AwsLaunchTemplate; want: object }[] = [
  {
    name: "what every template has",
    spec: {},
    want: { ImageId: "ami-0a", UserData: "eA==", SecurityGroupIds: ["sg-lb", "sg-node"] },
  },
  {
    name: "type, key and profile",
    spec: { instanceType: "m7g.large", sshKeyName: "mine", iamInstanceProfile: "nodes" },
    want: { InstanceType: "m7g.large", KeyName: "mine", IamInstanceProfile: { Name: "nodes" } },
  },
  {
    name: "IMDS options, IPv6 too, which upstream never sends",
    spec: {
      instanceMetadataOptions: {
        httpEndpoint: "enabled",
        httpProtocolIpv6: "enabled",
        httpPutResponseHopLimit: 2,
        httpTokens: "required",
        instanceMetadataTags: "enabled",
      },
    },
    want: {
      MetadataOptions: {
        HttpEndpoint: "enabled",
        HttpProtocolIpv6: "enabled",
        HttpPutResponseHopLimit: 2,
        HttpTokens: "required",
        InstanceMetadataTags: "enabled",
      },
    },
  },
  { name: "an enclave", spec: { enclaveOptions: { enabled: true } }, want: { EnclaveOptions: { Enabled: true } } },
  {
    name: "Spot with a maximum price",
    spec: { spotMarketOptions: { maxPrice: "0.1" } },
    want: { InstanceMarketOptions: { MarketType: "spot", SpotOptions: { MaxPrice: "0.1" } } },
  },
  {
    name: "Spot with an empty price is Spot without one",
    spec: { spotMarketOptions: { maxPrice: "" } },
    want: { InstanceMarketOptions: { MarketType: "spot" } },
  },
  {
    name: "market type Spot without options, on which upstream crashes",
    spec: { marketType: "Spot" },
    want: { InstanceMarketOptions: { MarketType: "spot" } },
  },
  {
    name: "a capacity block with its reservation",
    spec: { marketType: "CapacityBlock", capacityReservationId: "cr-1" },
    want: {
      InstanceMarketOptions: { MarketType: "capacity-block" },
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-1" } },
    },
  },
  {
    name: "a reservation and a preference",
    spec: { capacityReservationId: "cr-1", capacityReservationPreference: "CapacityReservationsOnly" },
    want: {
      CapacityReservationSpecification: {
        CapacityReservationPreference: "capacity-reservations-only",
        CapacityReservationTarget: { CapacityReservationId: "cr-1" },
      },
    },
  },
  {
    name: "private DNS names",
    spec: { privateDnsName: { hostnameType: "resource-name", enableResourceNameDnsARecord: true } },
    want: {
      PrivateDnsNameOptions: {
        HostnameType: "resource-name",
        EnableResourceNameDnsARecord: true,
        EnableResourceNameDnsAAAARecord: false,
      },
    },
  },
  {
    name: "the root volume under the image's own device name",
    spec: { rootVolume: { size: 40, type: "gp3", throughput: 200 } },
    want: {
      BlockDeviceMappings: [
        {
          DeviceName: "/dev/sda1",
          Ebs: { DeleteOnTermination: true, VolumeSize: 40, VolumeType: "gp3", Throughput: 200 },
        },
      ],
    },
  },
  {
    name: "further volumes, encrypted by a key",
    spec: { nonRootVolumes: [{ deviceName: "/dev/sdb", size: 100, type: "io2", iops: 500, encryptionKey: "key" }] },
    want: {
      BlockDeviceMappings: [
        {
          DeviceName: "/dev/sdb",
          Ebs: {
            DeleteOnTermination: true,
            VolumeSize: 100,
            VolumeType: "io2",
            Iops: 500,
            Encrypted: true,
            KmsKeyId: "key",
          },
        },
      ],
    },
  },
];
for (const { name, spec, want } of rows) {
  test(`template data: ${name}`, () => assert.partialDeepStrictEqual(templateData(spec, PARTS), want));
}

const absent: [string, AwsLaunchTemplate, string][] = [
  ["no key for an empty name", { sshKeyName: "" }, "KeyName"],
  ["no market for on demand", { marketType: "OnDemand" }, "InstanceMarketOptions"],
  ["no enclave for one that is off", { enclaveOptions: { enabled: false } }, "EnclaveOptions"],
  ["no volumes where none are given", {}, "BlockDeviceMappings"],
  ["no reservation for an empty preference", { capacityReservationPreference: "" }, "CapacityReservationSpecification"],
];
for (const [name, spec, field] of absent) {
  test(`template data: ${name}`, () => assert.ok(!(field in templateData(spec, PARTS))));
}

test("template data: instances are tagged with their bootstrap data, volumes are not; sorted by key", () => {
  const [instances, volumes] = templateData({}, PARTS).TagSpecifications ?? [];
  assert.deepEqual(
    instances?.Tags?.map(({ Key }) => Key),
    [
      "a",
      "b",
      "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-hash",
      "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-secret",
    ],
  );
  assert.deepEqual(volumes, {
    ResourceType: "volume",
    Tags: [
      { Key: "a", Value: "1" },
      { Key: "b", Value: "2" },
    ],
  });
});
