/** Our own client over the two API servers in the process: the seam of lib/kubernetes/exchange.ts, with the wire in between. */

import type { KubernetesClient } from "../../lib/kubernetes/client.ts";
import type { ApiAnswer } from "../../lib/kubernetes/exchange.ts";
import { restClient } from "../../lib/kubernetes/rest-client.ts";
import type { Clusters } from "../../lib/reconcile/step.ts";
import type { Pass } from "./pass.ts";
import type { Server } from "./servers.ts";
import { DONE_ALL_THE_SAME, type Refusals, type Risk, type Wire } from "./wire.ts";

function status(code: number, reason: string, retryAfterSeconds?: number): () => ApiAnswer {
  const details = retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } };
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message: `injected: ${code}` };
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return () => ({ status: code, headers, body: JSON.stringify({ ...body, ...details }) });
}

const REFUSALS: Refusals<ApiAnswer> = {
  answers: {
    "409": status(409, "Conflict"),
    "429": status(429, "TooManyRequests"),
    "429 with Retry-After": status(429, "TooManyRequests", 7),
    "500": status(500, "InternalError"),
    "503": status(503, "ServiceUnavailable"),
    "403": status(403, "Forbidden"),
    "401": status(401, "Unauthorized"),
    [`504${DONE_ALL_THE_SAME}`]: status(504, "Timeout"),
    [`500${DONE_ALL_THE_SAME}`]: status(500, "InternalError"),
  },
  unanswered: () => new Error("injected: no answer"),
};

/** The server's objects never change: each is written out once, however often it is read. */
const texts = new WeakMap<object, string>();

function textOf(body: object): string {
  const known = texts.get(body);
  if (known !== undefined) return known;
  const { items, ...rest } = body as { items?: readonly object[] };
  const text = items
    ? `${JSON.stringify(rest).slice(0, -1)},"items":[${items.map(textOf).join()}]}`
    : JSON.stringify(body);
  if (!items) texts.set(body, text);
  return text;
}

const RISKS: Readonly<Record<string, Risk>> = { GET: "read", PATCH: "patch" };

export function clustersOf(
  wire: Wire,
  servers: Readonly<Record<"management" | "workload", Server>>,
  pass: Pass,
): Clusters {
  const client = (server: Server): KubernetesClient =>
    restClient({
      name: server.name,
      signal: undefined,
      exchange: (request) => {
        const what = `${request.method} ${request.path.replace(/\?.*/, "")}`;
        const call = { pass, to: server.name, what, risk: RISKS[request.method] ?? "create" };
        return wire.send(call, REFUSALS, async () => {
          const { code, headers, body } = await server.handle(pass, request);
          return { status: code, headers, body: typeof body === "string" ? body : textOf(body) };
        });
      },
    });
  const workload = client(servers.workload);
  return { management: client(servers.management), workload: async () => workload };
}
