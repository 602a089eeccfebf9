/** Signatures of objects, against the example that AWS publishes, and how long they count as good. */
import assert from "node:assert/strict";
import test from "node:test";
import { S3Client } from "@aws-sdk/client-s3";
import { isFresh, presign } from "../../../../lib/providers/aws/pool/presign.ts";

const NOW = new Date("2013-05-24T00:00:00Z");
const EXAMPLE = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const at = { bucket: "examplebucket", key: "test.txt" };

const clientOf = (more: ConstructorParameters<typeof S3Client>[0]) =>
  new S3Client({ region: "us-east-1", credentials: EXAMPLE, ...more });
const signed = async (more: ConstructorParameters<typeof S3Client>[0], seconds = 86_400, from = at) =>
  new URL(await presign(clientOf(more), { at: from, seconds, now: NOW }));

test("the signature is the one of AWS's own example (Amazon S3 API Reference, sigv4-query-string-auth)", async () => {
  const { hostname, pathname, searchParams } = await signed({ useGlobalEndpoint: true });
  assert.equal(`${hostname}${pathname}`, "examplebucket.s3.amazonaws.com/test.txt");
  const signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  assert.equal(searchParams.get("X-Amz-Signature"), signature);
  assert.deepEqual([...searchParams.keys()].sort(), [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
  ]);
});

test("each partition has its hosts, and a bucket that no certificate covers stands in the path", async () => {
  const china = await signed({ region: "cn-north-1" });
  assert.equal(china.hostname, "examplebucket.s3.cn-north-1.amazonaws.com.cn");
  const dotted = await signed({}, 60, { bucket: "my.own.bucket", key: "machine-pool/a/b" });
  assert.equal(dotted.hostname + dotted.pathname, "s3.us-east-1.amazonaws.com/my.own.bucket/machine-pool/a/b");
});

const expiration = new Date(NOW.getTime() + 900_500);
const lengths: { name: string; credentials: object; seconds: number; want: string }[] = [
  { name: "keys that last sign for as long as is asked", credentials: EXAMPLE, seconds: 90_000, want: "90000" },
  { name: "but no longer than AWS takes", credentials: EXAMPLE, seconds: 9_000_000, want: "604800" },
  {
    name: "a session signs until it ends",
    credentials: { ...EXAMPLE, sessionToken: "t", expiration },
    seconds: 90_000,
    want: "900",
  },
  {
    name: "a session that does not say when it ends signs for an hour",
    credentials: { ...EXAMPLE, sessionToken: "t" },
    seconds: 90_000,
    want: "3600",
  },
];
for (const { name, credentials, seconds, want } of lengths) {
  test(name, async () => {
    const { searchParams } = await signed({ credentials: { ...EXAMPLE, ...credentials } }, seconds);
    assert.equal(searchParams.get("X-Amz-Expires"), want);
  });
}

test("a signature is fresh for the first half of its life, and one without dates never", async () => {
  const url = await signed({}, 1000);
  const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
  assert.deepEqual(
    [0, 499, 501].map((seconds) => isFresh(url, after(seconds))),
    [true, true, false],
  );
  assert.equal(isFresh(new URL("https://examplebucket.s3.amazonaws.com/test.txt"), NOW), false);
});
