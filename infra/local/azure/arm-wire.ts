/** Resource Manager's answers as they stand on the wire: JSON bodies, error bodies, and the headers of long-running operations. */
import { ConnectionDropped } from "../faults.ts";
import type { Reply } from "../listen.ts";
import type { AzureCloud } from "./cloud.ts";
import { ArmError } from "./errors.ts";
import type { ArmReply } from "./route.ts";

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

export function errorReply(error: unknown): Reply | "dropped" {
  if (error instanceof ConnectionDropped) return "dropped";
  const { code, message, status, headers } =
    error instanceof ArmError ? error : new ArmError("InternalServerError", String(error), 500);
  return { status, headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify({ error: { code, message } }) };
}

/** Absolute links and the headers of a long-running operation. */
export function writeReply(
  { status, body, headers, operation }: ArmReply,
  cloud: Pick<AzureCloud, "subscriptionId" | "location">,
  how: { origin: string; retryAfter: number },
): Reply {
  const base = `${how.origin}/subscriptions/${cloud.subscriptionId}/providers/Microsoft.Compute/locations/${cloud.location}/operations`;
  const query = "api-version=2026-04-01";
  const running = operation && {
    "azure-asyncoperation": `${base}/${operation.id}?${query}`,
    location: `${base}/${operation.id}?monitor=true&${query}`,
    "retry-after": String(how.retryAfter),
  };
  const content =
    body === undefined
      ? ""
      : JSON.stringify(body, (key, value: unknown) => (key === "nextLink" ? `${how.origin}${String(value)}` : value));
  return { status, headers: { ...JSON_TYPE, ...headers, ...running }, body: content };
}

/** @throws ArmError for what is no JSON */
export const parsed = (text: string): unknown => {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ArmError(
      "InvalidRequestContent",
      `The request content was invalid and could not be deserialized: ${String(error)}`,
    );
  }
};
