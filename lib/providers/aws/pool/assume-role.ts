/** Credentials of a role identity, from STS with the credentials of its source. */
import type { STSClient } from "@aws-sdk/client-sts";
import type { AwsIdentity } from "../../../api/aws/aws-identities.ts";
import { ProviderError } from "../../errors.ts";
import { asAws } from "../errors.ts";
import type { Credentials } from "./clients.ts";

/** What upstream's SDK takes where the identity says nothing. */
const DEFAULT_SECONDS = 900;

/** @throws ProviderError without any credential in it */
export async function assumeRole(
  { metadata, spec = {} }: AwsIdentity,
  sts: () => Promise<STSClient>,
): Promise<Credentials> {
  const { roleARN, sessionName, durationSeconds, inlinePolicy, policyARNs = [], externalID } = spec;
  const answer = await asAws("sts:AssumeRole", async () => {
    const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
    const command = new AssumeRoleCommand({
      RoleArn: roleARN ?? "",
      RoleSessionName: sessionName || `lifeguard-${metadata.name}`.slice(0, 64),
      DurationSeconds: durationSeconds ?? DEFAULT_SECONDS,
      ...(externalID && { ExternalId: externalID }),
      ...(inlinePolicy && { Policy: inlinePolicy }),
      // Upstream accepts policyARNs and forgets them: the session then may do more than was asked for.
      ...(policyARNs.length > 0 && { PolicyArns: policyARNs.map((arn) => ({ arn })) }),
    });
    return (await sts()).send(command);
  });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey) {
    throw new ProviderError("unavailable", "sts:AssumeRole", "", `no credentials came for ${roleARN}`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken && { sessionToken: SessionToken }),
    ...(Expiration && { expiration: Expiration }),
  };
}
