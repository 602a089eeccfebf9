/** What all AWS clients share, and those that only some sandboxes need: loaded and made at their first use, then kept. */
import type { SecretClients } from "../../../lib/providers/aws/secret-source.ts";

const CONNECT_MILLISECONDS = 2_000;
/** The calls we make are answered within a second. A try on a connection that died leaves time for another. */
const REQUEST_MILLISECONDS = 5_000;

/**
 * For every AWS client. By themselves they wait for ever: for a server that accepts and says nothing, and for one that fell
 * silent behind a connection that was kept alive.
 */
export const timeLimits = (requestMilliseconds = REQUEST_MILLISECONDS) => ({
  requestHandler: {
    connectionTimeout: CONNECT_MILLISECONDS,
    requestTimeout: requestMilliseconds,
    throwOnRequestTimeout: true,
  },
});

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
  secretsManager: once(
    async () => new (await import("@aws-sdk/client-secrets-manager")).SecretsManagerClient(timeLimits()),
  ),
  ssm: once(async () => new (await import("@aws-sdk/client-ssm")).SSMClient(timeLimits())),
});
