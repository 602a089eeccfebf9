/** Reads one secret text from Secrets Manager or the SSM parameter store, named by ARN or name. */
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { ProviderError } from "../errors.ts";
import { asAws } from "./errors.ts";

/** Loads and makes a client, once per sandbox; a function pays only for the one it uses. */
export interface SecretClients {
  readonly secretsManager: () => Promise<SecretsManagerClient>;
  readonly ssm: () => Promise<SSMClient>;
}

/** A parameter has an ARN of SSM's or a name with a leading slash; everything else is a secret of Secrets Manager. */
export const isParameter = (reference: string): boolean =>
  reference.startsWith("/") || /^arn:[^:]+:ssm:/.test(reference);

/** For messages: where a person finds it. */
export const nameOfSource = (reference: string): string =>
  isParameter(reference) ? `SSM parameter ${reference}` : `Secrets Manager secret ${reference}`;

/** @throws ProviderError, never with the secret in it */
export function readSecretText(reference: string, clients: SecretClients): Promise<string> {
  return isParameter(reference) ? readParameter(reference, clients) : readSecret(reference, clients);
}

async function readParameter(reference: string, { ssm }: SecretClients): Promise<string> {
  const Name = reference.replace(/^arn:[^:]+:ssm:[^:]*:[^:]*:parameter(?=\/)/, "");
  const text = await asAws("ssm:GetParameter", async () => {
    const { GetParameterCommand } = await import("@aws-sdk/client-ssm");
    return (await (await ssm()).send(new GetParameterCommand({ Name, WithDecryption: true }))).Parameter?.Value;
  });
  return text ?? empty("ssm:GetParameter", reference);
}

async function readSecret(reference: string, { secretsManager }: SecretClients): Promise<string> {
  const secret = await asAws("secretsmanager:GetSecretValue", async () => {
    const { GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
    return (await secretsManager()).send(new GetSecretValueCommand({ SecretId: reference }));
  });
  if (secret.SecretString !== undefined) return secret.SecretString;
  if (secret.SecretBinary === undefined) return empty("secretsmanager:GetSecretValue", reference);
  return Buffer.from(secret.SecretBinary).toString("utf8");
}

function empty(action: string, reference: string): never {
  throw new ProviderError("invalid", action, "write a value into it", `${nameOfSource(reference)} is empty`);
}
