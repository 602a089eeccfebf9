/** A loopback server of a cloud's wire form: TLS or not, time standing still while a request is under way, answers cut on request. */
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { z } from "zod";
import type { Clock } from "./clock.ts";
import type { Authority } from "./tls.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Awaits what needs time to pass. */
export type Wait = <T>(slow: Promise<T>) => Promise<T>;

export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: () => Promise<Buffer>;
  /** The same as text. */
  readonly body: () => Promise<string>;
  /** Time stands still from now to the last byte of the answer, except while the answer waits for time. */
  readonly hold: () => Wait;
}

export interface Door {
  readonly clock: Clock;
  /** Absent: plain HTTP. */
  readonly authority?: Authority;
  /** Of the server's certificate. */
  readonly commonName: string;
  /** The process may end while it listens. */
  readonly background?: boolean;
}

/** "dropped": the connection is cut. */
export type Serve = (exchange: Exchange) => Promise<Reply | "dropped">;

export interface Listening {
  /** "https://127.0.0.1:<port>" */
  readonly endpoint: string;
  readonly close: () => Promise<void>;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

function holding(clock: Clock, response: ServerResponse): Wait {
  let release = clock.hold();
  response.once("close", () => release());
  return async (slow) => {
    release();
    try {
      return await slow;
    } finally {
      if (!response.closed) release = clock.hold();
    }
  };
}

/** On the host that was asked, so that links lead through whatever stands in between. */
function urlOf({ url = "/", headers: { host } }: IncomingMessage, endpoint: string): URL {
  const asked = new URL(url, endpoint);
  if (host !== undefined) asked.host = host;
  return asked;
}

/** @throws when the port cannot be had */
export async function listen({ clock, authority, commonName, background }: Door, serve: Serve): Promise<Listening> {
  let endpoint = "";
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const reply = await serve({
      method: request.method ?? "GET",
      url: urlOf(request, endpoint),
      headers: request.headers,
      bytes: () => bytesOf(request),
      body: async () => (await bytesOf(request)).toString("utf8"),
      hold: () => holding(clock, response),
    });
    if (reply === "dropped") response.destroy();
    else response.writeHead(reply.status, { ...reply.headers }).end(reply.body);
  };
  const respond = (request: IncomingMessage, response: ServerResponse) => {
    /** A body that breaks off: the client has gone away and hears no answer. */
    answer(request, response).catch(() => response.destroy());
  };
  const issued = await authority?.issue({ commonName, hosts: ["127.0.0.1", "localhost"] });
  const server = issued
    ? createServer({ key: issued.keyPem, cert: issued.certPem }, respond)
    : createPlainServer(respond);
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  if (background) server.unref();
  const { port } = z.object({ port: z.number() }).parse(server.address());
  endpoint = `${issued ? "https" : "http"}://127.0.0.1:${port}`;
  return {
    endpoint,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
