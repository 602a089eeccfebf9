/** A request of an API server's audit or admission webhook: who may post what, and where it comes from. */
import type { BearerTokens } from "./bearer-tokens.ts";

/** Set on what one deployment posts on to another: what two of them forward to each other must not go round for ever. */
export const FORWARDED_HEADER = "x-lifeguard-forwarded";

export interface AuditRequest {
  readonly method: string;
  /** From where the function begins: "/", "/clusters/team-a/blue" ... */
  readonly path: string;
  readonly authorization?: string | undefined;
  readonly contentType?: string | undefined;
  /** Another deployment posted it on. */
  readonly isForwarded: boolean;
  readonly bodyBytes: number;
  /** Read only once the request is let in. */
  readonly text: () => string | Promise<string>;
}

export interface Refusal {
  readonly statusCode: number;
  readonly because: string;
  readonly says: string;
}

export interface Gate {
  readonly tokens: BearerTokens;
  /** What the platform takes; an API server's `--audit-webhook-batch-max-size` keeps batches far below. */
  readonly maxBodyBytes: number;
}

/** A webhook of a managed control plane sends no header: its token is the rest of the path. */
const ADMISSION_PATH = /^\/admission\/([^/]+)$/;
const WORKLOAD_PATH = /^\/clusters\/([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/;

/** The workload cluster whose API server posts, where the path names one. */
export function workloadOf({ path }: Pick<AuditRequest, "path">): ClusterName | undefined {
  const [, namespace, name] = WORKLOAD_PATH.exec(path) ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
}

interface ClusterName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * A refusal says no more than it must.
 * @throws what the token source throws
 */
export async function refusalOf(given: AuditRequest, { tokens, maxBodyBytes }: Gate): Promise<Refusal | undefined> {
  if (given.method !== "POST") return refuse(405, "WrongMethod", "POST audit event lists here");
  const [, token] = ADMISSION_PATH.exec(given.path) ?? [];
  const authorization = token === undefined ? given.authorization : `Bearer ${token}`;
  if (!(await tokens.areIn(authorization))) return refuse(401, "WrongToken", "unauthorized");
  const type = given.contentType ?? "application/json";
  if (!/^application\/json\b/i.test(type)) return refuse(415, "WrongContentType", "expected application/json");
  if (given.bodyBytes > maxBodyBytes) return refuse(413, "TooLarge", "the batch is too large");
  return undefined;
}

const refuse = (statusCode: number, because: string, says: string): Refusal => ({ statusCode, because, says });

/** undefined: no JSON. */
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
