/** Signs the reading of an object ahead, so that an instance without any rights of its own may fetch it for a while. */
import { Sha256 } from "@aws-crypto/sha256-js";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Credentials } from "./clients.ts";

export interface ObjectAt {
  readonly bucket: string;
  readonly key: string;
}

interface Resolved {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
}

/** AWS takes no longer one. */
const MOST_SECONDS = 604_800;
/** A session ends, and its signatures with it; when, a function's own credentials do not say, but not within the hour. */
const SESSION_SECONDS = 3600;
/** Tells the signer what to take for the body's hash; the instance does not send it. */
const PAYLOAD_HEADER = "x-amz-content-sha256";

/**
 * @param seconds  how long it is to hold; less where AWS or the credentials do not last so long
 * @throws         what the credentials' source throws
 * @source         AWS "Authenticating requests: using query parameters" (Signature Version 4)
 */
export async function presign(client: S3Client, { at, seconds, now }: Presigning): Promise<string> {
  const request = await resolve(client, at);
  const credentials = await client.config.credentials();
  const signer = new SignatureV4({
    service: "s3",
    region: await client.config.region(),
    credentials,
    sha256: Sha256,
    // S3 alone takes the path as it stands.
    uriEscapePath: false,
    applyChecksum: false,
  });
  const host = request.port ? `${request.hostname}:${request.port}` : request.hostname;
  const signed = await signer.presign(
    { method: "GET", ...request, query: {}, headers: { host, [PAYLOAD_HEADER]: "UNSIGNED-PAYLOAD" } },
    {
      expiresIn: Math.max(1, Math.floor(Math.min(seconds, secondsLeft(credentials, now)))),
      signingDate: now,
      unhoistableHeaders: new Set([PAYLOAD_HEADER]),
      unsignableHeaders: new Set([PAYLOAD_HEADER]),
    },
  );
  const url = new URL(`${request.protocol}//${host}${request.path}`);
  for (const [name, value] of Object.entries(signed.query ?? {})) url.searchParams.set(name, String(value));
  return url.href;
}

function secondsLeft({ expiration, sessionToken }: Credentials, now: Date): number {
  if (expiration) return Math.min(MOST_SECONDS, (expiration.getTime() - now.getTime()) / 1000);
  return sessionToken ? SESSION_SECONDS : MOST_SECONDS;
}

export interface Presigning {
  readonly at: ObjectAt;
  readonly seconds: number;
  readonly now: Date;
}

/** Where the SDK itself would send the request: partition, endpoint and bucket's place in it are its business. */
async function resolve(client: S3Client, { bucket, key }: ObjectAt): Promise<Resolved> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key });
  let found: Resolved | undefined;
  command.middlewareStack.add(
    () => async (args) => {
      found = args.request as Resolved;
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: "build", priority: "low", name: "keepRequest" },
  );
  await client.send(command);
  if (!found) throw new Error("the SDK resolved no address for an object: a fault of ours");
  const { protocol, hostname, port, path } = found;
  return { protocol, hostname, path, ...(port && { port }) };
}

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Holds at least as long again as it has held: who launches now has time to fetch, and we to sign anew. */
export function isFresh({ searchParams }: URL, now: Date): boolean {
  const signedAt = Date.parse((searchParams.get("X-Amz-Date") ?? "").replace(DATE, "$1-$2-$3T$4:$5:$6Z"));
  const seconds = Number(searchParams.get("X-Amz-Expires"));
  return now.getTime() < signedAt + (seconds * 1000) / 2;
}
