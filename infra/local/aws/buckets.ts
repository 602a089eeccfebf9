/** S3 buckets with their objects; a lifecycle rule takes objects away at the midnight after their days are over, as S3 does. */
import type { Clock } from "../clock.ts";
import { AwsError } from "./errors.ts";

const DAY_MILLISECONDS = 86_400_000;

export interface StoredObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly modifiedTime: Date;
  /** "aws:kms", or "AES256", S3's own. */
  readonly encryption: string;
}

export interface NewBucket {
  /** Absent: the account's region of this local AWS. */
  readonly region?: string;
  /** Objects under `prefix` expire after so many days. */
  readonly lifecycle?: { readonly prefix: string; readonly days: number };
}

interface Bucket extends NewBucket {
  readonly objects: Map<string, StoredObject>;
}

export type Buckets = ReturnType<typeof createBuckets>;

const ELSEWHERE =
  "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.";

export function createBuckets(clock: Clock, region: string) {
  const buckets = new Map<string, Bucket>();
  const known = (name: string): Bucket => {
    const found = buckets.get(name);
    if (!found) throw new AwsError("NoSuchBucket", "The specified bucket does not exist", 404);
    if ((found.region ?? region) !== region) throw new AwsError("PermanentRedirect", ELSEWHERE, 301);
    return found;
  };
  const expires = ({ lifecycle }: Bucket, { key, modifiedTime }: StoredObject): boolean => {
    if (!lifecycle || !key.startsWith(lifecycle.prefix)) return false;
    const due = modifiedTime.getTime() + lifecycle.days * DAY_MILLISECONDS;
    return clock.now().getTime() >= Math.ceil(due / DAY_MILLISECONDS) * DAY_MILLISECONDS;
  };
  const present = (name: string): StoredObject[] => {
    const bucket = known(name);
    return [...bucket.objects.values()].filter((one) => !expires(bucket, one));
  };

  return {
    create: (name: string, settings: NewBucket = {}): void =>
      void buckets.set(name, { ...settings, objects: new Map() }),
    remove: (name: string): void => void buckets.delete(name),
    put: (name: string, object: Omit<StoredObject, "modifiedTime">): void =>
      void known(name).objects.set(object.key, { ...object, modifiedTime: clock.now() }),
    /** Sorted by key, as S3 lists them. */
    list: (name: string, prefix = ""): readonly StoredObject[] =>
      present(name)
        .filter(({ key }) => key.startsWith(prefix))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    get: (name: string, key: string): StoredObject => {
      const found = present(name).find((one) => one.key === key);
      if (found) return found;
      throw new AwsError("NoSuchKey", "The specified key does not exist.", 404);
    },
    /** What is not there is gone: no error. */
    drop: (name: string, key: string): void => void known(name).objects.delete(key),
  };
}
