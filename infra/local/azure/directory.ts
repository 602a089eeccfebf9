/** The tenant's applications and managed identities, and what each may show to get a token. */
import { createHash, createVerify, randomUUID, X509Certificate } from "node:crypto";
import { z } from "zod";
import { ArmError } from "./errors.ts";
import type { Tokens } from "./tokens.ts";

export interface Application {
  /** For the log of calls. */
  readonly name?: string;
  readonly clientId: string;
  /** Object id of its service principal. */
  readonly principalId: string;
  readonly secret?: string;
  /** PEM; assertions signed with its key are believed. */
  readonly certificate?: string;
  /** A managed identity whose tokens it takes as its own (workload identity federation): object id. */
  readonly trusts?: string;
}

export type Directory = ReturnType<typeof createDirectory>;

const refuse = (code: string, message: string) => new ArmError(code, message, 401);
const assertionHeader = z.looseObject({
  "x5t#S256": z.string().exactOptional(),
  x5t: z.string().exactOptional(),
  alg: z.string(),
});
const assertionBody = z.looseObject({ iss: z.string(), sub: z.string() });

const decode = (text: string | undefined): unknown => JSON.parse(Buffer.from(text ?? "", "base64url").toString("utf8"));

/** @source private_key_jwt of RFC 7523; the library signs with RS256 or PS256 */
function isSignedBy(assertion: string, { certificate, clientId }: Application): boolean {
  const [head = "", body = "", signature = ""] = assertion.split(".");
  if (!certificate) return false;
  const known = new X509Certificate(certificate);
  const { alg, x5t, "x5t#S256": x5t256 } = assertionHeader.parse(decode(head));
  const { iss, sub } = assertionBody.parse(decode(body));
  const thumbprint = (hash: string) => createHash(hash).update(known.raw).digest("base64url");
  if (iss !== clientId || sub !== clientId) return false;
  if (x5t256 !== thumbprint("sha256") && x5t !== thumbprint("sha1")) return false;
  const verify = createVerify("RSA-SHA256").update(`${head}.${body}`);
  // RSA_PKCS1_PSS_PADDING with the digest's length as salt, or PKCS #1.
  const how = alg === "PS256" ? { padding: 6, saltLength: 32 } : {};
  return verify.verify({ key: known.publicKey, ...how }, Buffer.from(signature, "base64url"));
}

export function createDirectory(tokens: Tokens) {
  const applications = new Map<string, Application>();
  const register = (given: Partial<Application> = {}): Application => {
    // Random: a library may keep tokens by client id for longer than this Azure lives.
    const one: Application = { clientId: randomUUID(), principalId: randomUUID(), ...given };
    applications.set(one.clientId.toLowerCase(), one);
    return one;
  };
  const find = (clientId: string) => applications.get(clientId.toLowerCase());
  const proves = (one: Application, shown: { readonly secret?: string; readonly assertion?: string }): boolean => {
    if (shown.secret !== undefined) return shown.secret === one.secret;
    if (shown.assertion === undefined) return false;
    const own = tokens.open(shown.assertion);
    if (own) return own.aud === "api://AzureADTokenExchange" && own.sub === one.trusts && own.exp > tokens.nowSeconds();
    return isSignedBy(shown.assertion, one);
  };
  return {
    register,
    find,
    list: () => [...applications.values()],
    /** @throws ArmError with Entra's code: AADSTS700016 unknown, AADSTS7000215 wrong secret, AADSTS700027 bad assertion */
    prove: (clientId: string, shown: { readonly secret?: string; readonly assertion?: string }): Application => {
      const one = find(clientId);
      if (!one)
        throw refuse("AADSTS700016", `Application with identifier '${clientId}' was not found in the directory.`);
      if (proves(one, shown)) return one;
      throw shown.secret === undefined
        ? refuse("AADSTS700027", "The client assertion failed signature validation or is not trusted.")
        : refuse("AADSTS7000215", "Invalid client secret provided.");
    },
  };
}
