/** The AWS clients that a pool is reconciled with: those of its cluster's identity, made once per identity and kept. */
import type { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { EC2Client } from "@aws-sdk/client-ec2";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { STSClient } from "@aws-sdk/client-sts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** The SDK asks again before it. */
  readonly expiration?: Date;
}

export interface ClientAccess {
  /** Absent: the function's own. */
  readonly region?: string;
  /** Absent: the function's own role. */
  readonly credentials?: () => Promise<Credentials>;
}

/** Each is loaded and made when it is first needed. */
export interface PoolClients {
  readonly autoScaling: () => Promise<AutoScalingClient>;
  readonly ec2: () => Promise<EC2Client>;
  readonly s3: () => Promise<S3Client>;
  readonly ssm: () => Promise<SSMClient>;
  readonly sts: () => Promise<STSClient>;
}

export type MakeClients = (access: ClientAccess) => PoolClients;

/** By region and identity; a rotated key or a changed identity has another key and gets new clients. */
export function clientCache(make: MakeClients): (key: string, access: ClientAccess) => PoolClients {
  const made = new Map<string, PoolClients>();
  return (key, access) => {
    const known = made.get(key);
    if (known) return known;
    const { autoScaling, ec2, s3, ssm, sts } = make(access);
    const clients = { autoScaling: once(autoScaling), ec2: once(ec2), s3: once(s3), ssm: once(ssm), sts: once(sts) };
    made.set(key, clients);
    return clients;
  };
}

/** A failure is not kept. */
function once<Client>(make: () => Promise<Client>): () => Promise<Client> {
  let made: Promise<Client> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

const FRESH_MILLISECONDS = 300_000;

/** One answer for all clients, asked for again five minutes before it expires; a failure is not kept. */
export function kept(ask: () => Promise<Credentials>, now: () => Date): () => Promise<Credentials> {
  let asked: Promise<Credentials> | undefined;
  let freshUntil = Number.POSITIVE_INFINITY;
  const askAgain = () => {
    freshUntil = Number.POSITIVE_INFINITY;
    return ask().then(
      (credentials) => {
        freshUntil = (credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY) - FRESH_MILLISECONDS;
        return credentials;
      },
      (error: unknown) => {
        asked = undefined;
        throw error;
      },
    );
  };
  return () => {
    if (!asked || now().getTime() > freshUntil) asked = askAgain();
    return asked;
  };
}
