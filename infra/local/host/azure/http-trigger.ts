/** HTTP in front of function apps: each app's routes under /api, on one TLS port; POST /events takes a CloudEvent for all. */
import { z } from "zod";
import type { Clock } from "../../clock.ts";
import { type Exchange, listen, type Reply } from "../../listen.ts";
import type { Authority } from "../../tls.ts";
import { InvocationError, type Lambda } from "../lambda.ts";
import type { Firing } from "./worker.ts";

export interface Routed {
  /** "audit" of /api/audit */
  readonly route: string;
  readonly methods: readonly string[];
  readonly lambda: Lambda;
}

export interface HttpFront {
  readonly routes: readonly Routed[];
  /** How many functions an event goes to. */
  readonly publish: (event: unknown) => number;
}

const answer = z.object({
  http: z.object({
    statusCode: z.string().default("200"),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.object({ bytes: z.instanceof(Uint8Array).exactOptional(), string: z.string().exactOptional() }).nullish(),
  }),
});

const say = (status: number, message: string): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${JSON.stringify({ message })}\n`,
});

/** Whoever calls waits for the answer, in real time. */
function toReply(given: unknown): Reply {
  const read = answer.safeParse(given);
  if (!read.success) return { status: 204, headers: {}, body: "" };
  const { statusCode, headers, body } = read.data.http;
  const text = body?.bytes ? Buffer.from(body.bytes).toString("utf8") : (body?.string ?? "");
  return { status: Number(statusCode), headers, body: text };
}

const flat = (headers: Exchange["headers"]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

async function call({ lambda }: Routed, { method, url, headers, body }: Exchange): Promise<Reply> {
  const text = await body();
  const firing: Firing = {
    data: {
      http: {
        method,
        url: url.href,
        headers: flat(headers),
        query: Object.fromEntries(url.searchParams),
        params: {},
        body: text === "" ? null : { string: text },
      },
    },
    metadata: {},
  };
  return lambda.invoke(firing).then(toReply, (error: unknown) => {
    if (error instanceof InvocationError) return say(500, error.message);
    throw error;
  });
}

/** A route may end in a catch-all, e.g. "audit/{*rest}", which an empty rest fits too. */
function leadsTo(route: string, pathname: string): boolean {
  const fixed = `/api/${route.replace(/\/\{\*\w+\}$/, "")}`;
  return pathname === fixed || (route.endsWith("}") && pathname.startsWith(`${fixed}/`));
}

async function serve(front: HttpFront, exchange: Exchange): Promise<Reply> {
  const { url, method } = exchange;
  if (url.pathname === "/events" && method === "POST") {
    return say(202, `goes to ${front.publish(JSON.parse(await exchange.body()))} function(s)`);
  }
  const routed = front.routes.find(({ route }) => leadsTo(route, url.pathname));
  if (!routed) return say(404, `there are ${front.routes.map(({ route }) => `/api/${route}`).join(", ")}`);
  if (!routed.methods.includes(method)) return say(405, `${method} is not one of ${routed.methods.join(", ")}`);
  return call(routed, exchange);
}

/** Open before there are functions: an API server's audit webhook has to know the address first. */
export interface FunctionDoor {
  readonly url: string;
  /** From now on requests reach these functions. */
  readonly lead: (front: HttpFront) => void;
  readonly close: () => Promise<void>;
}

export async function openFunctionDoor(place: {
  readonly clock: Clock;
  readonly authority: Authority;
}): Promise<FunctionDoor> {
  let behind: HttpFront | undefined;
  const { endpoint: url, close } = await listen({ ...place, commonName: "function-apps" }, async (exchange) =>
    behind ? serve(behind, exchange) : say(503, "the function apps are starting"),
  );
  const lead = (front: HttpFront) => {
    behind = front;
  };
  return { url, lead, close };
}
