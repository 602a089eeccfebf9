/** Mints the bearer token that an EKS API server takes from an IAM identity: a presigned call to STS, good for some minutes. */
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface EksIdentity {
  readonly clusterName: string;
  readonly region: string;
  /** E.g. `client.config.credentials` of any AWS client. */
  readonly credentials: () => Promise<AwsCredentials>;
  readonly now: () => Date;
}

const CLUSTER_HEADER = "x-k8s-aws-id";
/** How long STS accepts the presigned call; the API server accepts the token about 15 minutes. */
const PRESIGNED_SECONDS = 60;

/**
 * @returns  `k8s-aws-v1.` and the base64url of the presigned URL, in which the cluster's name is a signed header
 * @throws   Error without any credential in it
 * @source   kubernetes-sigs/aws-iam-authenticator pkg/token
 */
export async function mintEksToken({ clusterName, region, credentials, now }: EksIdentity): Promise<string> {
  const signer = new SignatureV4({
    service: "sts",
    region,
    sha256: Sha256,
    credentials: () => credentials().catch(withoutSecrets),
  });
  const hostname = `sts.${region}.${region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}`;
  const request = {
    method: "GET",
    protocol: "https:",
    hostname,
    path: "/",
    query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
    headers: { host: hostname, [CLUSTER_HEADER]: clusterName },
  };
  const presigned = await signer.presign(request, {
    expiresIn: PRESIGNED_SECONDS,
    signingDate: now(),
  });
  const url = new URL(`https://${hostname}${presigned.path}`);
  for (const [name, value] of Object.entries(presigned.query ?? {})) url.searchParams.set(name, String(value));
  return `k8s-aws-v1.${Buffer.from(url.href).toString("base64url")}`;
}

/** What a credential source says when it fails is its own business; its kind is enough for us. */
function withoutSecrets(error: unknown): never {
  const name = error instanceof Error ? error.name : "unknown";
  throw new Error(`no AWS credentials to sign an EKS token with (${name}): check the function's role`);
}
