/** What a pool has in its cluster's bucket, and the address by which an instance reads it. */
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { asAws } from "../errors.ts";
import type { PoolClients } from "./clients.ts";
import { type Presigning, presign } from "./presign.ts";
import type { ObjectFacts } from "./sight.ts";

/** Every call throws ProviderError; "not-found": there is no such bucket. */
export interface ObjectStore {
  list(bucket: string, prefix: string): Promise<readonly ObjectFacts[]>;
  presign(wanted: Presigning): Promise<string>;
}

export function objectStore(clients: PoolClients, signal?: AbortSignal): ObjectStore {
  const options = signal ? { abortSignal: signal } : {};
  return {
    list: (Bucket, Prefix) =>
      asAws("s3:ListBucket", async () => {
        const client = await clients.s3();
        const found: ObjectFacts[] = [];
        let token: string | undefined;
        do {
          const input = { Bucket, Prefix, ...(token && { ContinuationToken: token }) };
          const page = await client.send(new ListObjectsV2Command(input), options);
          for (const { Key, LastModified } of page.Contents ?? [])
            if (Key && LastModified) found.push({ key: Key, modifiedTime: LastModified });
          token = page.NextContinuationToken;
        } while (token);
        return found;
      }),
    presign: (wanted) => asAws("s3:GetObject", async () => presign(await clients.s3(), wanted)),
  };
}
