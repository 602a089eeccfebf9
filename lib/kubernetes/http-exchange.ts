/** HTTPS with one kept-alive agent per API server: one TLS handshake for many calls. */
import type { IncomingMessage } from "node:http";
import { Agent, type AgentOptions, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { isDeepStrictEqual, promisify } from "node:util";
import type { ApiAnswer, ApiRequest } from "./exchange.ts";
import { mayRepeat, trySecond } from "./second-try.ts";

export type TlsOptions = Pick<AgentOptions, "ca" | "cert" | "key" | "rejectUnauthorized" | "servername">;

export interface Destination {
  readonly server: URL;
  readonly tls: TlsOptions;
}

/** Load balancers in front of API servers commonly drop connections that are idle for 60 s; we let go before. */
const IDLE_MILLISECONDS = 55_000;
const MAX_SOCKETS = 16;
/** TCP and TLS take a few round trips; a server that is still silent then has accepted in vain. */
const CONNECT_MILLISECONDS = 3_000;
/** Answers take milliseconds. Below half of the margin that is kept before a cloud's deadline: a call more is made in time. */
const SILENT_MILLISECONDS = 4_000;

/**
 * Keeps the agent as long as server, CA and client certificate stay the same, and until a request gets no answer: what
 * silenced one connection has silenced those that were kept alive beside it. A token may change meanwhile.
 */
export function httpsSender({
  connectMilliseconds = CONNECT_MILLISECONDS,
  silentMilliseconds = SILENT_MILLISECONDS,
} = {}): (to: Destination, request: ApiRequest) => Promise<ApiAnswer> {
  let last: { readonly to: Destination; readonly agent: Agent } | undefined;
  const agentFor = (to: Destination) => {
    if (last?.to.server.href !== to.server.href || !isDeepStrictEqual(last.to.tls, to.tls)) {
      const agent = new Agent({ ...to.tls, keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MILLISECONDS });
      last = { to, agent };
    }
    return last.agent;
  };
  const ask = async (to: Destination, request: ApiRequest): Promise<Attempt> => {
    const agent = agentFor(to);
    const way = { server: to.server, agent, connectMilliseconds };
    const first = await attempt(way, request);
    const result = "stale" in first ? await attempt(way, request) : first;
    if (!("answer" in result) && last?.agent === agent) last = undefined;
    return result;
  };
  const askTwice = (to: Destination, request: ApiRequest): Promise<Attempt> => {
    const on = (signal: AbortSignal) => ask(to, { ...request, signal });
    const second = (signal: AbortSignal) => {
      last = undefined;
      return on(signal);
    };
    return trySecond({ first: on, second, isAnswer, isLost }, request.signal, silentMilliseconds);
  };
  return async (to, request) => {
    const result = await (mayRepeat(request) ? askTwice : ask)(to, request);
    if ("answer" in result) return result.answer;
    throw "stale" in result ? result.stale : result.error;
  };
}

/**
 * stale: a kept-alive connection that the server had closed before it read this request, or a new one that was never made:
 * nothing was asked, and a second try opens another.
 */
type Attempt =
  | { readonly answer: ApiAnswer }
  | { readonly stale: NodeJS.ErrnoException }
  | { readonly error: NodeJS.ErrnoException };

const isAnswer = (result: Attempt): boolean => "answer" in result;
/** Cut in the middle: it may have been read, or not. */
const isLost = (result: Attempt): boolean => "error" in result && isCut(result.error);
const isCut = ({ code }: NodeJS.ErrnoException): boolean => code === "ECONNRESET" || code === "EPIPE";

interface Way {
  readonly server: URL;
  readonly agent: Agent;
  readonly connectMilliseconds: number;
}

function attempt(way: Way, { method, path, headers, body, signal }: ApiRequest): Promise<Attempt> {
  const { server, agent, connectMilliseconds } = way;
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
    let isSilent = false;
    sent.on("error", (error: NodeJS.ErrnoException) => {
      const isClosed = sent.reusedSocket && isCut(error);
      resolve((isClosed || isSilent) && !signal.aborted ? { stale: error } : { error });
    });
    sent.once("socket", (socket) => {
      // A request that waited for its turn gets a connected one that does not count as reused.
      if (connected.has(socket)) return;
      unlessConnected(socket, connectMilliseconds, () => {
        isSilent = true;
        const seconds = connectMilliseconds / 1000;
        sent.destroy(new Error(`no TLS connection to ${server.host} within ${seconds} s`));
      });
    });
    sent.end(body);
  });
}

const connected = new WeakSet<Socket>();

function unlessConnected(socket: Socket, milliseconds: number, end: () => void): void {
  const limit = AbortSignal.timeout(milliseconds);
  const over = () => {
    limit.removeEventListener("abort", end);
    for (const event of ["secureConnect", "close"]) socket.off(event, over);
  };
  limit.addEventListener("abort", end, { once: true });
  for (const event of ["secureConnect", "close"]) socket.once(event, over);
  socket.once("secureConnect", () => connected.add(socket));
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
