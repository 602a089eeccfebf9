/** HTTPS with one kept-alive agent per API server: one TLS handshake for many calls. */
import type { IncomingMessage } from "node:http";
import { Agent, type AgentOptions, request as httpsRequest } from "node:https";
import { isDeepStrictEqual, promisify } from "node:util";
import type { ApiAnswer, ApiRequest } from "./exchange.ts";

export type TlsOptions = Pick<AgentOptions, "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;

export interface Destination {
  readonly server: URL;
  readonly tls: TlsOptions;
}

/** Load balancers in front of API servers commonly drop connections that are idle for 60 s; we let go before. */
const IDLE_MILLISECONDS = 55_000;
const MAX_SOCKETS = 16;

/** Keeps the agent as long as server, CA and client certificate stay the same; a token may change meanwhile. */
export function httpsSender(): (to: Destination, request: ApiRequest) => Promise<ApiAnswer> {
  let last: { readonly to: Destination; readonly agent: Agent } | undefined;
  const agentFor = (to: Destination) => {
    if (last?.to.server.href !== to.server.href || !isDeepStrictEqual(last.to.tls, to.tls)) {
      const agent = new Agent({ ...to.tls, keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MILLISECONDS });
      last = { to, agent };
    }
    return last.agent;
  };
  return async (to, request) => {
    const agent = agentFor(to);
    const first = await attempt(to.server, agent, request);
    const result = "stale" in first ? await attempt(to.server, agent, request) : first;
    if ("answer" in result) return result.answer;
    throw "stale" in result ? result.stale : result.error;
  };
}

/** stale: a kept-alive connection that the server had closed before it read this request; a second try opens another. */
type Attempt = { readonly answer: ApiAnswer } | { readonly stale: Error } | { readonly error: Error };

function attempt(server: URL, agent: Agent, { method, path, headers, body, signal }: ApiRequest): Promise<Attempt> {
  return new Promise((resolve) => {
    const sent = httpsRequest({
      host: server.hostname.replace(/^\[|\]$/g, ""),
      port: server.port || 443,
      path: server.pathname.replace(/\/$/, "") + path,
      method,
      headers: {
        ...headers,
        "accept-encoding": "gzip",
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      },
      agent,
      signal,
    });
    sent.on("response", (response) => {
      readBody(response).then(
        (text) => resolve({ answer: { status: response.statusCode ?? 0, headers: response.headers, body: text } }),
        (error: Error) => resolve({ error }),
      );
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const closed = error.code === "ECONNRESET" || error.code === "EPIPE";
      resolve(closed && sent.reusedSocket && !signal.aborted ? { stale: error } : { error });
    });
    sent.end(body);
  });
}

/**
 * API servers compress answers over 128 KB where they may: a page of 500 pods is then a twentieth on the wire and costs
 * a few milliseconds here. The decompressor is loaded when the first one comes.
 */
async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (response.headers["content-encoding"] !== "gzip") return bytes.toString("utf8");
  const { gunzip } = await import("node:zlib");
  return (await promisify(gunzip)(bytes)).toString("utf8");
}
