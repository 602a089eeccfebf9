/** HTTP in front of the functions: function URLs in Lambda's payload format 2.0, and POST /events for any EventBridge event. */

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock } from "../clock.ts";
import type { Issued } from "../tls.ts";
import { InvocationError, type Lambda } from "./lambda.ts";

const MAX_BODY_BYTES = 6 * 1024 * 1024;

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

const toUrlEvent = (request: IncomingMessage, body: string, now: Date) => {
  const url = new URL(request.url ?? "/", "http://local");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: request.headers,
    queryStringParameters: Object.fromEntries(url.searchParams),
    requestContext: {
      http: { method: request.method, path: url.pathname, protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
      requestId: randomUUID(),
      timeEpoch: now.getTime(),
    },
    body,
    isBase64Encoded: false,
  };
};

/** Format 2.0: an answer without `statusCode` is the JSON body of a 200. */
const toAnswer = (answer: unknown): Answer => {
  const given = (answer ?? {}) as Partial<Answer>;
  if (given.statusCode === undefined) return { statusCode: 200, body: JSON.stringify(answer ?? null) };
  return { statusCode: given.statusCode, headers: given.headers ?? {}, body: given.body ?? "" };
};

const say = (statusCode: number, message: string): Answer => ({ statusCode, body: JSON.stringify({ message }) });

const call = (lambda: Lambda, event: unknown): Promise<Answer> =>
  lambda.invoke(event).then(toAnswer, (error: unknown) => {
    if (!(error instanceof InvocationError)) throw error;
    return say(error.kind === "throttled" ? 429 : 502, error.message);
  });

export interface Urls {
  /** By path, e.g. "/audit". */
  readonly functions: ReadonlyMap<string, Lambda>;
  /** Takes an EventBridge event; the answer is how many functions it goes to. */
  readonly publish: (event: unknown) => number;
}

async function answer(urls: Urls, request: IncomingMessage, clock: Clock): Promise<Answer> {
  const path = new URL(request.url ?? "/", "http://local").pathname;
  const body = await readBody(request);
  if (body === undefined) return say(413, `the body is larger than ${MAX_BODY_BYTES} bytes: send less at once`);
  const lambda = urls.functions.get(path);
  if (lambda) return call(lambda, toUrlEvent(request, body, clock.now()));
  if (path !== "/events" || request.method !== "POST") {
    return say(404, `POST an EventBridge event to /events, or use ${[...urls.functions.keys()].join(", ")}`);
  }
  try {
    return say(202, `goes to ${urls.publish(JSON.parse(body))} function(s)`);
  } catch (error) {
    return say(400, `this is no JSON event: ${String(error)}`);
  }
}

/** @param door the server's certificate, since an API server sends its audit token over TLS only; port 0: any free one */
export async function serveUrls(
  urls: Urls,
  clock: Clock,
  door: Issued & { readonly port: number },
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { statusCode, headers, body } = await answer(urls, request, clock);
    response.writeHead(statusCode, { "content-type": "application/json", ...headers }).end(`${body}\n`);
  };
  const server = createServer(
    { cert: door.certPem, key: door.keyPem },
    (request, response) => void respond(request, response),
  );
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(door.port, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
