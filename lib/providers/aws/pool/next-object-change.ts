/** What the cluster's bucket needs next: the object that a version will name, and those that leave with their versions. */
import type { AwsChange, TemplateChange } from "./changes.ts";
import { objectPrefix } from "./ignition.ts";
import type { AwsSight, VersionFacts } from "./sight.ts";
import { storedHash } from "./template-fingerprint.ts";

/** The bucket's lifecycle rule takes objects away after a day (CAPA pkg/cloud/services/s3/s3.go): half of it is early enough. */
const FRESH_MILLISECONDS = 12 * 3_600_000;

/** Before the version that names it. */
export function putObject({ wish, bucket, now }: AwsSight): AwsChange | undefined {
  const object = wish?.object;
  if (!object || !bucket) return undefined;
  const present = bucket.objects.find(({ key }) => key === object.key);
  if (present && now.getTime() - present.modifiedTime.getTime() < FRESH_MILLISECONDS) return undefined;
  return {
    do: "PutObject",
    because: present ? "ObjectExpires" : "NoObject",
    input: { Bucket: bucket.name, Key: object.key, Body: object.body, ServerSideEncryption: "aws:kms" },
  };
}

/**
 * Before the versions that name it, for they are all that tells what is ours: buckets are shared, and names may be met twice.
 * @param removal  what takes the versions away; done instead where the cluster says that objects may stay
 */
export function deleteObject(
  { name, wish, template, bucket }: AwsSight,
  versions: readonly VersionFacts[],
  removal: TemplateChange,
): AwsChange {
  const keyOf = ({ data }: VersionFacts) => {
    const hash = storedHash(data);
    return hash && objectPrefix(name) + hash;
  };
  const staying = (template?.versions ?? []).filter((one) => !versions.includes(one)).map(keyOf);
  const needed = new Set([...staying, wish?.object?.key]);
  const present = new Set(bucket?.objects.map(({ key }) => key));
  const key = versions.map(keyOf).find((one) => one && present.has(one) && !needed.has(one));
  if (!key || !bucket) return removal;
  return {
    do: "DeleteObject",
    because: removal.because,
    input: { Bucket: bucket.name, Key: key },
    ...(bucket.bestEffort && { otherwise: removal }),
  };
}
