/** S3's operations on objects, as far as pools keep bootstrap data there; a presigned request ends when it said it would. */
import { z } from "zod";
import { type Actions, action, whole } from "./action.ts";
import type { ApiSetup } from "./api-setup.ts";
import type { Buckets, StoredObject } from "./buckets.ts";
import { AwsError } from "./errors.ts";
import { md5 } from "./md5.ts";

const at = { Bucket: z.string().min(3).max(63), Key: z.string().min(1).max(1024) };
const putting = z.object({
  ...at,
  Body: z.instanceof(Uint8Array),
  ServerSideEncryption: z.enum(["AES256", "aws:kms"]).default("AES256"),
});
const listing = z.object({
  Bucket: at.Bucket,
  Prefix: z.string().optional(),
  MaxKeys: whole(0, 1000).default(1000),
  ContinuationToken: z.string().optional(),
});
const getting = z.object({
  ...at,
  /** Of a presigned request only. */
  SignedAt: z.date().optional(),
  ExpiresSeconds: whole(1, 604_800).optional(),
});

const etagOf = ({ bytes }: Pick<StoredObject, "bytes">) => `"${md5(Buffer.from(bytes).toString("latin1"))}"`;

export function objectOperations(buckets: Buckets, { place: { clock }, reading }: ApiSetup): Actions {
  return {
    PutObject: action(putting, ({ Bucket, Key, Body, ServerSideEncryption }) => {
      buckets.put(Bucket, { key: Key, bytes: Body, encryption: ServerSideEncryption });
      return { ETag: etagOf({ bytes: Body }), ServerSideEncryption };
    }),
    GetObject: action(getting, ({ Bucket, Key, SignedAt, ExpiresSeconds = 0 }) => {
      if (SignedAt && clock.now().getTime() > SignedAt.getTime() + ExpiresSeconds * 1000)
        throw new AwsError("AccessDenied", "Request has expired", 403);
      const { bytes, modifiedTime, encryption } = buckets.get(Bucket, Key);
      return { Body: bytes, LastModified: modifiedTime, ServerSideEncryption: encryption };
    }),
    DeleteObject: action(z.object(at), ({ Bucket, Key }) => {
      buckets.drop(Bucket, Key);
      return {};
    }),
    ListObjectsV2: action(listing, ({ Bucket, Prefix, MaxKeys, ContinuationToken = "" }) => {
      const left = buckets.list(Bucket, Prefix).filter(({ key }) => key > ContinuationToken);
      const Contents = left.slice(0, Math.min(MaxKeys, reading.pageSize)).map((one) => ({
        Key: one.key,
        LastModified: one.modifiedTime,
        ETag: etagOf(one),
        Size: one.bytes.length,
      }));
      const IsTruncated = Contents.length < left.length;
      const next = Contents.at(-1)?.Key;
      const token = IsTruncated && next !== undefined ? { NextContinuationToken: next } : {};
      return { Name: Bucket, Prefix, MaxKeys, KeyCount: Contents.length, IsTruncated, ...token, Contents };
    }),
  };
}
