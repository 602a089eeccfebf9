/** What the bucket needs next, each a row: put, put again, taken away with the version that names it. */
import assert from "node:assert/strict";
import test from "node:test";
import { nextRemoval } from "../../../../lib/providers/aws/pool/next-change.ts";
import type { AwsSight, BucketFacts } from "../../../../lib/providers/aws/pool/sight.ts";
import type { TemplateData } from "../../../../lib/providers/aws/pool/template-fingerprint.ts";
import { type ChangeRow, testChanges } from "./change-rows.ts";
import { POOL } from "./objects.ts";
import { DATA, GROUP, NOW, QUIET, TEMPLATE, version, WISH, without } from "./sights.ts";

const keyOf = (hash: string) => `machine-pool/${POOL}/${hash}`;
const naming = (hash: string): TemplateData => ({
  ...DATA,
  UserData: Buffer.from(`{"source":"s3://bucket/${keyOf(hash)}"}`).toString("base64"),
  TagSpecifications: [
    {
      ResourceType: "instance",
      Tags: [
        { Key: "sigs.k8s.io/cluster-api-provider-aws/bootstrap-data-hash", Value: hash },
        { Key: "lifecycle.cluster.x-k8s.io/bootstrap-content-hash", Value: "same" },
      ],
    },
  ],
});
const hoursOld = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
const bucketOf = (hashes: readonly string[], hours = 1, change: Partial<BucketFacts> = {}): BucketFacts => ({
  name: "bucket",
  bestEffort: false,
  objects: hashes.map((hash) => ({ key: keyOf(hash), modifiedTime: hoursOld(hours) })),
  ...change,
});
const seen = (bucket: BucketFacts, hash = "a", versions: readonly string[] = ["a"]): AwsSight => ({
  ...QUIET,
  bucket,
  wish: { ...WISH, templateData: naming(hash), object: { key: keyOf(hash), body: Buffer.from("data") } },
  template: { ...TEMPLATE, versions: versions.map((one, index) => version(index + 1, naming(one))) },
  group: { ...GROUP, instances: [] },
});

const rows: readonly ChangeRow[] = [
  { name: "an object that is there needs nothing", seen: seen(bucketOf(["a"])), want: undefined },
  {
    name: "one that is missing is put, under KMS",
    seen: seen(bucketOf([])),
    want: "PutObject (NoObject)",
    input: { Bucket: "bucket", Key: keyOf("a"), ServerSideEncryption: "aws:kms" },
  },
  {
    name: "it is there before the template that names it",
    seen: {
      ...seen(bucketOf([])),
      ...without("template", "group"),
      wish: seen(bucketOf([])).wish ?? WISH,
      bucket: bucketOf([]),
    },
    want: "PutObject (NoObject)",
  },
  { name: "one of eleven hours stays", seen: seen(bucketOf(["a"], 11.9)), want: undefined },
  { name: "one of twelve hours is put again", seen: seen(bucketOf(["a"], 12)), want: "PutObject (ObjectExpires)" },
  {
    name: "another content's object comes before its version",
    seen: seen(bucketOf(["a"]), "b"),
    want: "PutObject (NoObject)",
    input: { Key: keyOf("b") },
  },
  {
    name: "then comes the version",
    seen: seen(bucketOf(["a", "b"]), "b"),
    want: "CreateLaunchTemplateVersion (BootstrapDataChanged)",
  },
  {
    name: "an old version's object leaves before it",
    seen: seen(bucketOf(["a", "b", "c", "d", "e"]), "e", ["a", "b", "c", "d", "e"]),
    want: "DeleteObject (OldVersions)",
    input: { Bucket: "bucket", Key: keyOf("b") },
  },
  {
    name: "a version whose object is gone leaves",
    seen: seen(bucketOf(["e"]), "e", ["a", "b", "c", "d", "e"]),
    want: "DeleteLaunchTemplateVersions (OldVersions)",
    input: { Versions: ["2"] },
  },
  {
    name: "an object that another version names stays when the one leaves",
    seen: seen(bucketOf(["a", "b"]), "b", ["a", "b", "a", "a", "b"]),
    want: "DeleteLaunchTemplateVersions (OldVersions)",
  },
];
testChanges(rows);

const leaving = (bucket: BucketFacts | undefined): AwsSight => ({
  ...without("wish", "group"),
  ...(bucket && { bucket }),
  template: { ...TEMPLATE, versions: [version(1, naming("a")), version(2, naming("b"))] },
});
const removals: { name: string; sight: AwsSight; want: string; key?: string }[] = [
  { name: "the first object", sight: leaving(bucketOf(["a", "b"])), want: "DeleteObject", key: keyOf("a") },
  { name: "the next", sight: leaving(bucketOf(["b"])), want: "DeleteObject", key: keyOf("b") },
  { name: "what no version names is left alone", sight: leaving(bucketOf(["x"])), want: "DeleteLaunchTemplate" },
  { name: "without a bucket the template", sight: leaving(undefined), want: "DeleteLaunchTemplate" },
];
for (const { name, sight, want, key } of removals) {
  test(`deletion: ${name}`, () => {
    const change = nextRemoval(sight);
    assert.equal(change?.do, want);
    if (key) assert.partialDeepStrictEqual(change?.input, { Key: key });
  });
}

test("deletion: what is done instead is known only where objects may stay", () => {
  const instead = (bestEffort: boolean) => {
    const change = nextRemoval(leaving(bucketOf(["a"], 1, { bestEffort })));
    return change && "otherwise" in change ? change.otherwise?.do : undefined;
  };
  assert.deepEqual([instead(false), instead(true)], [undefined, "DeleteLaunchTemplate"]);
});
