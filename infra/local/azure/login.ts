/** Entra's endpoint: tokens for applications that show a secret, a certificate or another token. */
import { z } from "zod";
import type { Exchange, Reply } from "../listen.ts";
import type { Directory } from "./directory.ts";
import { ArmError } from "./errors.ts";
import type { Tokens } from "./tokens.ts";

export interface Login {
  readonly tenantId: string;
  readonly directory: Directory;
  readonly tokens: Tokens;
  /** "https://127.0.0.1:<port>" of this endpoint. */
  readonly origin: () => string;
}

const json = (status: number, content: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(content),
});

const form = z.object({
  grant_type: z.literal("client_credentials"),
  client_id: z.string(),
  scope: z.string(),
  client_secret: z.string().optional(),
  client_assertion: z.string().optional(),
});

const wrong = ({ code, message }: ArmError): Reply =>
  json(code === "AADSTS700016" ? 400 : 401, {
    error: code === "AADSTS700016" ? "unauthorized_client" : "invalid_client",
    error_description: `${code}: ${message}`,
    error_codes: [Number(code.replace(/\D/g, ""))],
  });

function metadata({ tenantId, origin }: Login, tenant: string): Reply {
  const issuer = `${origin()}/${tenant}`;
  return json(200, {
    token_endpoint: `${issuer}/oauth2/v2.0/token`,
    authorization_endpoint: `${issuer}/oauth2/v2.0/authorize`,
    end_session_endpoint: `${issuer}/oauth2/v2.0/logout`,
    jwks_uri: `${issuer}/discovery/v2.0/keys`,
    issuer: `${origin()}/${tenantId}/v2.0`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
  });
}

function token({ directory, tokens }: Login, body: string): Reply {
  const read = form.safeParse(Object.fromEntries(new URLSearchParams(body)));
  if (!read.success) return json(400, { error: "invalid_request", error_description: z.prettifyError(read.error) });
  const { client_id, client_secret: secret, client_assertion: assertion, scope } = read.data;
  const audience = scope.split(" ")[0]?.replace(/\/\.default$/, "") ?? "";
  const application = directory.prove(client_id, {
    ...(secret !== undefined && { secret }),
    ...(assertion && { assertion }),
  });
  const access_token = tokens.issue(application, audience);
  return json(200, {
    token_type: "Bearer",
    expires_in: tokens.lifeSeconds,
    ext_expires_in: tokens.lifeSeconds,
    access_token,
  });
}

/** @source Microsoft identity platform: OAuth 2.0 client credentials flow, OpenID Connect metadata, instance discovery */
export async function serveLogin(
  login: Login,
  { url, method, body }: Pick<Exchange, "url" | "method" | "body">,
): Promise<Reply> {
  const [, tenant = "", ...rest] = url.pathname.split("/");
  const path = rest.join("/");
  if (path === "discovery/instance") {
    const endpoint = `${login.origin()}/${login.tenantId}/v2.0/.well-known/openid-configuration`;
    return json(200, { tenant_discovery_endpoint: endpoint, metadata: [] });
  }
  if (tenant.toLowerCase() !== login.tenantId) {
    return json(400, { error: "invalid_tenant", error_description: `AADSTS90002: Tenant '${tenant}' not found.` });
  }
  if (path === "v2.0/.well-known/openid-configuration") return metadata(login, tenant);
  if (path !== "oauth2/v2.0/token" || method !== "POST") return json(404, { error: "not_found" });
  try {
    return token(login, await body());
  } catch (error) {
    if (error instanceof ArmError) return wrong(error);
    throw error;
  }
}
