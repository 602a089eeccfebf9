/** Access tokens of the local tenant: JSON web tokens that only this run can make, so that a made-up one is refused. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { ArmError } from "./errors.ts";

export interface Claims {
  /** The resource it is for, without a slash at the end: "https://management.azure.com". */
  readonly aud: string;
  readonly tid: string;
  /** Client id. */
  readonly appid: string;
  /** Of the service principal. */
  readonly oid: string;
  readonly iss: string;
  readonly sub: string;
  /** Epoch seconds. */
  readonly iat: number;
  readonly exp: number;
}

const claims = z.object({
  aud: z.string(),
  tid: z.string(),
  appid: z.string(),
  oid: z.string(),
  iss: z.string(),
  sub: z.string(),
  iat: z.number(),
  exp: z.number(),
});

const LIFE_SECONDS = 86_400;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens(clock: Clock, tenantId: string) {
  const key = randomBytes(32);
  const sign = (text: string) => createHmac("sha256", key).update(text).digest();
  const nowSeconds = () => Math.floor(clock.now().getTime() / 1000);

  const open = (token: string): Claims | undefined => {
    const [header = "", body = "", signature = ""] = token.split(".");
    const given = Buffer.from(signature, "base64url");
    const right = sign(`${header}.${body}`);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return claims.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  };
  return {
    lifeSeconds: LIFE_SECONDS,
    nowSeconds,
    issue: (to: { readonly clientId: string; readonly principalId: string }, audience: string): string => {
      const iat = nowSeconds();
      const token: Claims = {
        aud: audience.replace(/\/$/, ""),
        tid: tenantId,
        appid: to.clientId,
        oid: to.principalId,
        iss: `https://login.microsoftonline.com/${tenantId}/v2.0`,
        sub: to.principalId,
        iat,
        exp: iat + LIFE_SECONDS,
      };
      const text = `${part({ typ: "JWT", alg: "HS256" })}.${part(token)}`;
      return `${text}.${sign(text).toString("base64url")}`;
    },
    open,
    /** @throws ArmError 401: none, not ours, for another resource, or too old */
    check: (authorization: string | undefined, audiences: readonly string[]): Claims => {
      const refuse = (code: string, message: string) =>
        new ArmError(code, message, 401, {
          "www-authenticate": `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}"`,
        });
      const [, token = ""] = /^Bearer (.+)$/.exec(authorization ?? "") ?? [];
      if (!token) throw refuse("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
      const found = open(token);
      if (!found) throw refuse("InvalidAuthenticationToken", "The access token is invalid.");
      if (!audiences.includes(found.aud)) {
        throw refuse(
          "InvalidAuthenticationTokenAudience",
          `The access token is for '${found.aud}', not for this service.`,
        );
      }
      if (found.exp <= nowSeconds())
        throw refuse("ExpiredAuthenticationToken", "The access token expiry UTC time is past.");
      return found;
    },
  };
}
