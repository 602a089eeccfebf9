/** AWS clients that only some sandboxes need: loaded and made at their first use, then kept. */
import type { SecretClients } from "../../../lib/providers/aws/secret-source.ts";

/** Makes a thing at its first use; a failure is not kept. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

export const secretClients = (): SecretClients => ({
  secretsManager: once(async () => new (await import("@aws-sdk/client-secrets-manager")).SecretsManagerClient({})),
  ssm: once(async () => new (await import("@aws-sdk/client-ssm")).SSMClient({})),
});
