/** A request to the audit function: who may post what, and where it comes from. */
import * as z from "zod";
import { FORWARDED_HEADER } from "./audit-forwarding.ts";
import type { BearerTokens } from "./bearer-tokens.ts";

/** Lambda takes no more; an API server's `--audit-webhook-batch-max-size` keeps batches far below. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

const request = z.object({
  rawPath: z.string().default("/"),
  headers: z
    .object({
      authorization: z.string().optional(),
      "content-type": z.string().optional(),
      [FORWARDED_HEADER]: z.string().optional(),
    })
    .default({}),
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.string().default(""),
  isBase64Encoded: z.boolean().default(false),
});
export type AuditRequest = z.output<typeof request>;

export interface Refusal {
  readonly statusCode: number;
  readonly because: string;
  readonly says: string;
}

/** A webhook of a managed control plane sends no header: its token is the rest of the path. */
const ADMISSION_PATH = /^\/admission\/([^/]+)$/;
const WORKLOAD_PATH = /^\/clusters\/([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/;

/** The workload cluster whose API server posts, where the path names one. */
export function workloadOf({
  rawPath,
}: AuditRequest): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] = WORKLOAD_PATH.exec(rawPath) ?? [];
  return namespace !== undefined && name !== undefined ? { namespace, name } : undefined;
}

export const isForwarded = ({ headers }: AuditRequest): boolean => headers[FORWARDED_HEADER] !== undefined;

/** @throws what the token source throws */
export async function readRequest(
  event: unknown,
  tokens: BearerTokens,
): Promise<{ readonly given: AuditRequest } | { readonly refusal: Refusal }> {
  const { data } = request.safeParse(event);
  if (!data) return refuse(400, "NotHttp", "not a request");
  const { headers, rawPath } = data;
  const { method } = data.requestContext.http;
  if (method !== "POST") return refuse(405, "WrongMethod", "POST audit event lists here");
  const [, token] = ADMISSION_PATH.exec(rawPath) ?? [];
  const authorization = token === undefined ? headers.authorization : `Bearer ${token}`;
  if (!(await tokens.areIn(authorization))) return refuse(401, "WrongToken", "unauthorized");
  const type = headers["content-type"] ?? "application/json";
  if (!/^application\/json\b/i.test(type)) return refuse(415, "WrongContentType", "expected application/json");
  if (bytesOf(data) > MAX_BODY_BYTES) return refuse(413, "TooLarge", "the batch is too large");
  return { given: data };
}

const refuse = (statusCode: number, because: string, says: string) => ({ refusal: { statusCode, because, says } });

const bytesOf = ({ body, isBase64Encoded }: AuditRequest): number =>
  isBase64Encoded ? Math.floor((body.length * 3) / 4) : Buffer.byteLength(body);

export function fromJson({ body, isBase64Encoded }: AuditRequest): unknown {
  try {
    return JSON.parse(isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body);
  } catch {
    return undefined;
  }
}
