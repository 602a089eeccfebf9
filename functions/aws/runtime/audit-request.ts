/** A request to the audit function, from a function URL's event. */
import * as z from "zod";
import { type AuditRequest, FORWARDED_HEADER } from "../../../lib/kubernetes/audit-request.ts";

/** Lambda takes no more. */
export const MAX_BODY_BYTES = 6 * 1024 * 1024;

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

/** undefined: not a request. */
export function readRequest(event: unknown): AuditRequest | undefined {
  const { data } = request.safeParse(event);
  if (!data) return undefined;
  const { headers, rawPath, body, isBase64Encoded, requestContext } = data;
  return {
    method: requestContext.http.method,
    path: rawPath,
    authorization: headers.authorization,
    contentType: headers["content-type"],
    isForwarded: headers[FORWARDED_HEADER] !== undefined,
    bodyBytes: isBase64Encoded ? Math.floor((body.length * 3) / 4) : Buffer.byteLength(body),
    text: () => (isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body),
  };
}
