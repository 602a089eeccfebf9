/** The wire: HTTPS with keep-alive, tokens and client certificates, chunked watches, and faults on demand. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { TLSSocket } from "node:tls";
import type { Authority } from "../tls.ts";
import type { Answer, KubernetesApi } from "./api.ts";
import { createFaults, type Fault } from "./faults.ts";
import { type Json, jsonOf } from "./object.ts";
import type { ApiRequest, User } from "./request.ts";

export interface Served {
  readonly url: string;
  inject(fault: Fault): void;
  /** Refuses every connection until `up()`. */
  down(): void;
  up(): void;
  close(): Promise<void>;
}

// The same object goes out again and again; what is stored never changes, so its text does not either.
const texts = new WeakMap<object, string>();
function textOfObject(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const known = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, known);
  return known;
}
function serialise(body: Json): string {
  const { items, ...rest } = body;
  if (!Array.isArray(items)) return textOfObject(body);
  return `${JSON.stringify(rest).slice(0, -1)},"items":[${items.map(textOfObject).join(",")}]}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function certifiedUser({ socket }: IncomingMessage): User | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { CN, O } = jsonOf(socket.getPeerCertificate().subject);
  const groups = Array.isArray(O) ? O.map(String) : typeof O === "string" ? [O] : [];
  return typeof CN === "string" ? { name: CN, groups: [...groups, "system:authenticated"] } : undefined;
}

const headersOf = (request: IncomingMessage) =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
  );

function send(response: ServerResponse, { code, headers, body }: Answer) {
  const text = typeof body === "string" ? body : serialise(body);
  response.writeHead(code, { ...headers, "content-length": Buffer.byteLength(text) } as Record<
    string,
    string | string[] | number
  >);
  response.end(text);
}

// A watcher that does not read is cut off rather than buffered for.
const SLOW_BYTES = 16 * 1024 * 1024;

function stream(response: ServerResponse, { code, headers, watch }: Answer, open: Set<() => Promise<void>>) {
  response.writeHead(code, headers as Record<string, string | string[]>);
  response.flushHeaders();
  const stop = watch?.start(
    ({ type, object }) => {
      response.write(`{"type":"${type}","object":${textOfObject(object)}}\n`);
      if (response.writableLength > SLOW_BYTES) response.destroy();
    },
    () => response.end(),
  );
  const finish = () => {
    stop?.();
    open.delete(finish);
    const { promise, resolve } = Promise.withResolvers<void>();
    response.on("close", resolve).end(resolve);
    return promise;
  };
  open.add(finish);
  response.on("close", () => void finish());
}

export async function serveKubernetesApi(api: KubernetesApi, authority: Authority): Promise<Served> {
  const { certPem, keyPem } = await authority.issue({
    commonName: "kube-apiserver",
    hosts: ["localhost", "127.0.0.1"],
  });
  const faults = createFaults(api);
  const open = new Set<() => Promise<void>>();

  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const fault = await faults.await(incoming);
    const release = api.clock.hold();
    try {
      const { method = "GET", url: path = "/" } = incoming;
      const body = await bodyOf(incoming);
      if (faults.strike(fault, incoming, response)) return;
      const user = certifiedUser(incoming);
      const request: ApiRequest = { method, path, headers: headersOf(incoming), body, ...(user && { user }) };
      const answered = await api.handle(request);
      if (answered.watch) stream(response, answered, open);
      else send(response, answered);
    } finally {
      release();
    }
  };
  const server = createServer({
    cert: certPem,
    key: keyPem,
    ca: authority.caPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.keepAliveTimeout = 0;
  server.on("connection", (socket) => {
    if (faults.isDown()) socket.destroy();
  });
  server.on("request", (incoming, response) => {
    answer(incoming, response).catch((problem: unknown) => {
      // A client that hangs up in the middle is no fault of the server; everything else is said and seen.
      if (incoming.destroyed && !incoming.complete) return;
      response.destroy();
      throw problem;
    });
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.on("error", reject).listen(0, "127.0.0.1", resolve);
  await listening;

  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    inject: faults.inject,
    down: () => {
      faults.down();
      server.closeAllConnections();
    },
    up: faults.up,
    close: async () => {
      const { promise, resolve: done } = Promise.withResolvers<void>();
      server.close(() => done());
      await Promise.all([...open].map((finish) => finish()));
      server.closeAllConnections();
      await promise;
    },
  };
}
