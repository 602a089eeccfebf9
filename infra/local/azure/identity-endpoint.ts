/**
 * The managed identity endpoint that a function app finds on its own machine. One per process, since the identity library
 * keeps the first address that it sees for as long as the process lives; every local Azure says which identities it has.
 */
import { randomUUID } from "node:crypto";
import { realClock } from "../clock.ts";
import { type Exchange, type Listening, listen, type Reply } from "../listen.ts";
import type { Directory } from "./directory.ts";
import type { Tokens } from "./tokens.ts";

export interface Identities {
  readonly directory: Directory;
  readonly tokens: Tokens;
  /** Time stands still while a token is asked for. */
  readonly hold: () => () => void;
}

const HEADER = randomUUID();
const known = new Set<Identities>();
let listening: Promise<Listening> | undefined;

const json = (status: number, content: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(content),
});
const refusal = (status: number, message: string) => json(status, { statusCode: status, message });

/** @source App Service and Functions: "How to use managed identities", REST endpoint 2019-08-01 */
function serve({ url, headers }: Pick<Exchange, "url" | "headers">): Reply {
  if (headers["x-identity-header"] !== HEADER) return refusal(401, "X-IDENTITY-HEADER is wrong.");
  const [resource, clientId] = [url.searchParams.get("resource"), url.searchParams.get("client_id") ?? ""];
  if (url.pathname !== "/msi/token" || !resource) return refusal(400, "GET /msi/token?resource=...");
  for (const { directory, tokens, hold } of known) {
    const identity = directory.find(clientId);
    if (!identity) continue;
    const release = hold();
    const access_token = tokens.issue(identity, resource);
    const expires_on = String(tokens.nowSeconds() + tokens.lifeSeconds);
    release();
    return json(200, { access_token, expires_on, resource, token_type: "Bearer", client_id: clientId });
  }
  return refusal(400, `No managed identity has client id '${clientId}'.`);
}

/** @returns IDENTITY_ENDPOINT and IDENTITY_HEADER; `leave` takes the identities away */
export async function joinIdentityEndpoint(
  identities: Identities,
): Promise<{ readonly environment: Readonly<Record<string, string>>; readonly leave: () => void }> {
  known.add(identities);
  listening ??= listen({ clock: realClock(), commonName: "identity", background: true }, (exchange) =>
    Promise.resolve(serve(exchange)),
  );
  const { endpoint } = await listening;
  return {
    environment: { IDENTITY_ENDPOINT: `${endpoint}/msi/token`, IDENTITY_HEADER: HEADER },
    leave: () => void known.delete(identities),
  };
}
