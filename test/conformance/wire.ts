/** One HTTPS request as a case asks for it, and the first events of a watch. */

import type { IncomingMessage } from "node:http";
import { Agent, type RequestOptions, request } from "node:https";

export interface Target {
  readonly url: string;
  readonly token: string;
  /** Absent only for a server given by the environment, whose certificate nobody vouches for. */
  readonly ca?: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly text?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Wire {
  ask(asked: Asked): Promise<Answered>;
  /** Reads so many events of a watch, then hangs up; fewer when the server ends the watch. */
  watch(asked: Asked, count: number): Promise<{ readonly status: number; readonly events: unknown[] }>;
  close(): void;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = { PATCH: "application/merge-patch+json" };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export function createWire({ url, token, ca }: Target): Wire {
  const agent = new Agent({ keepAlive: true, ...(ca ? { ca } : { rejectUnauthorized: false }) });

  const send = ({ method, path, headers, body, text }: Asked): Promise<IncomingMessage> => {
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const all = {
      authorization: `Bearer ${token}`,
      ...(sent !== undefined && {
        "content-type": CONTENT_TYPES[method] ?? "application/json",
        "content-length": String(Buffer.byteLength(sent)),
      }),
      ...headers,
    };
    const options: RequestOptions = { method, agent, headers: all };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request(new URL(path, url), options, resolve).on("error", reject).end(sent);
    return promise;
  };

  return {
    ask: async (asked) => {
      const response = await send(asked);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      );
      return { status: response.statusCode ?? 0, headers, body: parse(Buffer.concat(chunks).toString()) };
    },
    watch: async (asked, count) => {
      const response = await send(asked);
      const events: unknown[] = [];
      let rest = "";
      // Leaving the loop destroys the response: that is how a watcher hangs up.
      for await (const chunk of response) {
        const lines = `${rest}${String(chunk)}`.split("\n");
        rest = lines.pop() ?? "";
        events.push(...lines.map(parse));
        if (events.length >= count) break;
      }
      return { status: response.statusCode ?? 0, events: events.slice(0, count) };
    },
    close: () => agent.destroy(),
  };
}
