/** S3 through its SDK: objects come and go, expire by rule, and are listed page by page. */
import { deepStrictEqual, rejects } from "node:assert/strict";
import test, { type TestContext } from "node:test";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { startRig } from "./rig.ts";

const Bucket = "bucket";

async function startBuckets(context: TestContext) {
  const rig = await startRig(context);
  const s3 = new S3Client({ ...rig.options, maxAttempts: 1 });
  context.after(() => s3.destroy());
  rig.cloud.buckets.create(Bucket, { lifecycle: { prefix: "short/", days: 1 } });
  const put = (Key: string, Body: string | Uint8Array = Key) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ServerSideEncryption: "aws:kms" }));
  const keys = async (Prefix?: string) => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, ...(Prefix && { Prefix }) }));
    return Contents.map(({ Key }) => Key);
  };
  const text = async (Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString("latin1");
  return { ...rig, s3, put, keys, text };
}

test("what was put is read back byte by byte, odd names and bytes included", async (context) => {
  const { put, text, keys, cloud } = await startBuckets(context);
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  await put("a/b c+d/ü", bytes);
  deepStrictEqual(await text("a/b c+d/ü"), Buffer.from(bytes).toString("latin1"));
  deepStrictEqual(await keys(), ["a/b c+d/ü"]);
  deepStrictEqual(cloud.buckets.get(Bucket, "a/b c+d/ü").encryption, "aws:kms");
});

test("a list is sorted, by prefix, with sizes and times, and in pages", async (context) => {
  const { put, s3, keys, cloud, clock } = await startBuckets(context);
  for (const key of ["b/2", "a/1", "b/1"]) await put(key);
  deepStrictEqual(await keys(), ["a/1", "b/1", "b/2"]);
  deepStrictEqual(await keys("b/"), ["b/1", "b/2"]);
  deepStrictEqual(await keys("none"), []);
  cloud.limitPages(2);
  const first = await s3.send(new ListObjectsV2Command({ Bucket }));
  deepStrictEqual([first.IsTruncated, first.KeyCount, first.Contents?.[0]?.Size], [true, 2, 3]);
  deepStrictEqual(first.Contents?.[0]?.LastModified?.getTime(), Math.floor(clock.now().getTime() / 1000) * 1000);
  const next = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: first.NextContinuationToken }));
  deepStrictEqual([next.IsTruncated, next.Contents?.map(({ Key }) => Key)], [false, ["b/2"]]);
});

test("what is deleted is gone, twice too", async (context) => {
  const { put, s3, text } = await startBuckets(context);
  await put("a");
  for (const _ of [1, 2]) await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await rejects(text("a"), { name: "NoSuchKey" });
});

test("a lifecycle rule takes its objects at the midnight after their day, and no others", async (context) => {
  const { put, keys, pass } = await startBuckets(context);
  await put("short/a");
  await put("long/a");
  await pass(39 * 3600);
  deepStrictEqual(await keys(), ["long/a", "short/a"]);
  await pass(3600);
  deepStrictEqual(await keys(), ["long/a"]);
});

test("a bucket that is not there, or not here, and a call that is not known are refused", async (context) => {
  const { s3, cloud } = await startBuckets(context);
  await rejects(s3.send(new ListObjectsV2Command({ Bucket: "other" })), { name: "NoSuchBucket" });
  cloud.buckets.create("abroad", { region: "us-east-1" });
  await rejects(s3.send(new ListObjectsV2Command({ Bucket: "abroad" })), { name: "PermanentRedirect" });
  await rejects(s3.send(new HeadBucketCommand({ Bucket })), ({ $metadata }) => $metadata.httpStatusCode === 501);
});
