/** Which machine image a pool gets: given, by name, by EKS's parameters, and kept while the question stays the same. */
import assert from "node:assert/strict";
import test from "node:test";
import type { AwsInfrastructure } from "../../../../lib/api/aws/aws-cluster.ts";
import type { AwsLaunchTemplate } from "../../../../lib/api/aws/aws-launch-template.ts";
import { chooseImage } from "../../../../lib/providers/aws/pool/image.ts";
import type { Lookups } from "../../../../lib/providers/aws/pool/lookups.ts";
import { anInfrastructure } from "./objects.ts";
import { version } from "./sights.ts";

/** Answers with the question itself, so that a row can read it. */
const asking = (found = true): Lookups => ({
  subnets: async () => [],
  securityGroups: async () => [],
  rootDevice: async () => undefined,
  architecture: async (type) => (type.includes("g.") ? "arm64" : "x86_64"),
  newestImage: async ({ owner, name, architecture }) => (found ? `${owner} ${name} ${architecture}` : undefined),
  parameter: async (name) => (found ? name : undefined),
});
const EKS = "/aws/service/eks/optimized-ami";

interface Row {
  readonly name: string;
  readonly template?: AwsLaunchTemplate;
  readonly cluster?: Partial<AwsInfrastructure["spec"]>;
  readonly isEks?: boolean;
  readonly version?: string;
  readonly want: string;
}

const rows: Row[] = [
  {
    name: "a given id wins over everything",
    template: { ami: { id: "ami-0a" }, imageLookupFormat: "x" },
    isEks: true,
    want: "ami-0a",
  },
  {
    name: "by name, with Cluster API's own images as default",
    want: "819546954734 capa-ami-ubuntu-24.04-?1.34.0-* x86_64",
  },
  {
    name: "an arm type gets an arm image",
    template: { instanceType: "m7g.large" },
    want: "819546954734 capa-ami-ubuntu-24.04-?1.34.0-* arm64",
  },
  {
    name: "the cluster's format, owner and base OS are the next choice",
    cluster: {
      imageLookupFormat: "img-{{ .BaseOS }}-{{.K8sVersion}}",
      imageLookupOrg: "42",
      imageLookupBaseOS: "rhel",
    },
    want: "42 img-rhel-1.34.0 x86_64",
  },
  {
    name: "the pool's win over the cluster's",
    template: { imageLookupOrg: "43" },
    cluster: { imageLookupOrg: "42" },
    want: "43 capa-ami-ubuntu-24.04-?1.34.0-* x86_64",
  },
  {
    name: "EKS from 1.33 on is Amazon Linux 2023 by default",
    isEks: true,
    want: `${EKS}/1.34/amazon-linux-2023/x86_64/standard/recommended/image_id`,
  },
  {
    name: "EKS before 1.33 is Amazon Linux 2, as upstream has it",
    isEks: true,
    version: "v1.32.5",
    want: `${EKS}/1.32/amazon-linux-2/recommended/image_id`,
  },
  {
    name: "EKS on arm",
    isEks: true,
    template: { instanceType: "m7g.large", ami: { eksLookupType: "AmazonLinux" } },
    want: `${EKS}/1.34/amazon-linux-2-arm64/recommended/image_id`,
  },
  {
    name: "EKS Amazon Linux 2023 on arm",
    isEks: true,
    template: { instanceType: "m7g.large" },
    want: `${EKS}/1.34/amazon-linux-2023/arm64/standard/recommended/image_id`,
  },
  {
    name: "EKS with GPU ignores the architecture",
    isEks: true,
    template: { ami: { eksLookupType: "AmazonLinux2023GPU" } },
    want: `${EKS}/1.34/amazon-linux-2023/x86_64/nvidia/recommended/image_id`,
  },
  {
    name: "EKS with the old GPU images",
    isEks: true,
    template: { ami: { eksLookupType: "AmazonLinuxGPU" } },
    want: `${EKS}/1.34/amazon-linux-2-gpu/recommended/image_id`,
  },
  {
    name: "a lookup format turns EKS's parameters off",
    isEks: true,
    template: { imageLookupOrg: "42" },
    want: "42 capa-ami-ubuntu-24.04-?1.34.0-* x86_64",
  },
];
const wishOf = ({
  template = {},
  cluster = {},
  isEks = false,
  version: kubernetesVersion = "v1.34.0",
}: Omit<Row, "name" | "want">) => ({
  template,
  infrastructure: anInfrastructure(cluster),
  isEks,
  kubernetesVersion,
});
for (const { name, want, ...row } of rows) {
  test(`image: ${name}`, async () => {
    const found = await chooseImage(wishOf(row), undefined, asking());
    assert.equal("imageId" in found ? found.imageId : found.refused, want);
  });
}

test("image: neither id nor version is refused with what to set", async () => {
  const found = await chooseImage({ ...wishOf({}), kubernetesVersion: undefined }, undefined, asking());
  assert.match("refused" in found ? found.refused : "", /ami\.id/);
});
for (const isEks of [true, false]) {
  test(`image: none ${isEks ? "published by EKS" : "of that name"} is refused with what was asked`, async () => {
    const found = await chooseImage(wishOf({ isEks }), undefined, asking(false));
    assert.match("refused" in found ? found.refused : "", /1\.34/);
  });
}

test("image: a newer one of the same name rolls nothing; another Kubernetes version asks anew", async () => {
  const first = await chooseImage(wishOf({}), undefined, asking());
  const description = "description" in first ? first.description : "";
  const latest = { ...version(1), description, data: { ImageId: "ami-0old" } };
  const kept = await chooseImage(wishOf({}), latest, asking());
  assert.equal("imageId" in kept && kept.imageId, "ami-0old");
  const bumped = await chooseImage(wishOf({ version: "v1.35.0" }), latest, asking());
  assert.match("imageId" in bumped ? bumped.imageId : "", /1\.35\.0/);
});
