/** Bootstrap data in the cluster's bucket: the object that is to lie there, and the user data that names it. */
import type { AwsBucket } from "../../../api/aws/aws-cluster.ts";
import type { BootstrapData } from "../../pool-provider.ts";
import { durationSeconds } from "../duration.ts";
import { objectPrefix, pointerTo, sourceOf } from "./ignition.ts";
import type { ObjectStore } from "./object-store.ts";
import { isFresh, type ObjectAt } from "./presign.ts";
import type { AwsRequest } from "./request.ts";
import type { Problem, TemplateFacts, WishedObject } from "./sight.ts";
import { contentHash, sha256 } from "./template-fingerprint.ts";
import { refused } from "./user-data.ts";

export interface StoredData {
  /** Base64. */
  readonly userData: string;
  readonly contentHash: string;
  readonly object: WishedObject;
}

interface Storing {
  readonly request: AwsRequest;
  readonly bootstrap: BootstrapData;
  readonly template: TemplateFacts | undefined;
  readonly objects: ObjectStore;
}

/** @throws ProviderError where credentials to sign with do not come */
export async function storedData(storing: Storing): Promise<StoredData | { readonly problem: Problem }> {
  const { request, bootstrap } = storing;
  const { infrastructure, pool } = request;
  const { s3Bucket } = infrastructure.spec;
  if (!s3Bucket) {
    const where = `${infrastructure.kind ?? "AWSCluster"} ${infrastructure.metadata.name}`;
    return refused(
      `spec.ignition.storageType is ClusterObjectStore, and ${where} has no spec.s3Bucket: name a bucket there, ` +
        "or set UnencryptedUserData, and the bootstrap data goes into the launch template",
    );
  }
  if (bootstrap.value.length === 0) return refused(`the bootstrap data in Secret ${bootstrap.secretName} is empty`);
  const key = objectPrefix(pool.metadata.name) + sha256(bootstrap.value);
  const source = await sourceFor(storing, s3Bucket, { bucket: s3Bucket.name, key });
  if (typeof source !== "string") return source;
  const pointer = pointerTo(source, pool.spec.ignition ?? {});
  return {
    userData: Buffer.from(pointer).toString("base64"),
    contentHash: contentHash(Buffer.from(bootstrap.value)),
    object: { key, body: bootstrap.value },
  };
}

/** A signature that still holds for long is kept: another one would be another version of the template. */
async function sourceFor(
  { request: { now }, template, objects }: Storing,
  { presignedURLDuration }: AwsBucket,
  at: ObjectAt,
): Promise<string | { readonly problem: Problem }> {
  if (presignedURLDuration === undefined) return `s3://${at.bucket}/${at.key}`;
  const seconds = durationSeconds(presignedURLDuration) ?? 0;
  if (seconds < 1) return refused(`s3Bucket.presignedURLDuration ${presignedURLDuration} is no time to fetch anything`);
  const before = sourceOf(template?.versions.at(-1)?.data.UserData ?? "");
  return before && isOf(before, at) && isFresh(before, now) ? before.href : objects.presign({ at, seconds, now });
}

/** The bucket stands in the host, or in the path where no certificate would cover the host. */
const isOf = ({ hostname, pathname }: URL, { bucket, key }: ObjectAt): boolean =>
  pathname === `/${bucket}/${key}` || (pathname === `/${key}` && hostname.startsWith(`${bucket}.`));
