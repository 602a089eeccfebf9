/** A real HTTPS server that answers as a test says: for what an API server does only in bad hours. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import { type Authority, createAuthority } from "../../../infra/local/tls.ts";

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** CN of the client certificate; empty without one. */
  readonly clientName: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects travel as JSON, strings and bytes as they are. */
  readonly body?: object | string | Buffer;
  /** before: no answer, the connection is cut. within: cut in the middle of the body. never: no answer at all. */
  readonly cut?: "before" | "within" | "never";
}

export interface ScriptedServer {
  readonly url: string;
  readonly authority: Authority;
  readonly asked: readonly Asked[];
  handshakes(): number;
  /** Runs once, when the next request has been read. */
  whenAsked(run: () => void): void;
  /** The text of a kubeconfig for this server. */
  kubeconfig(user: object, cluster?: object): string;
}

export async function scriptedServer(t: TestContext, answer: (asked: Asked) => Reply): Promise<ScriptedServer> {
  const authority = await createAuthority();
  const { certPem, keyPem } = await authority.issue({ commonName: "api", hosts: ["127.0.0.1", "localhost"] });
  const asked: Asked[] = [];
  let handshakes = 0;
  let then: (() => void) | undefined;
  const server = createServer(
    { cert: certPem, key: keyPem, ca: authority.caPem, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      text(request)
        .then((body) => {
          const one = askedOf(request, body);
          asked.push(one);
          then?.();
          then = undefined;
          send(request, response, answer(one));
        })
        .catch(() => request.socket.destroy());
    },
  );
  server.on("secureConnection", () => handshakes++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    authority,
    asked,
    handshakes: () => handshakes,
    whenAsked: (run) => {
      then = run;
    },
    kubeconfig: (user, cluster = {}) => kubeconfigText(url, authority.caPem, user, cluster),
  };
}

const askedOf = (request: IncomingMessage, body: string): Asked => {
  const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject ?? {};
  const { method = "", url = "", headers } = request;
  return { method, url, headers, body, clientName: String(CN ?? "") };
};

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { status = 200, headers = {}, body = {}, cut } = reply;
  if (cut === "never") return;
  if (cut === "before") return void request.socket.destroy();
  const content = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  const length = content.length + (cut === "within" ? 10 : 0);
  response.writeHead(status, { "content-type": "application/json", ...headers, "content-length": length });
  if (cut === "within") response.write(content, () => request.socket.destroy());
  else response.end(content);
}

function kubeconfigText(server: string, caPem: string, user: object, cluster: object): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster: { server, "certificate-authority-data": toBase64(caPem), ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  });
}

export const toBase64 = (text: string): string => Buffer.from(text).toString("base64");

/** A meta/v1 Status that says no. */
export const refusal = (code: number, reason: string, message: string, details: object = {}): Reply => ({
  status: code,
  body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, details, code },
});
