/** A small Azure to deploy to, over TLS on loopback: Resource Manager's deployments and the publishing hosts of function apps. */
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createAuthority } from "../../tls.ts";
import { ArmError } from "../errors.ts";
import { match, type Route } from "../route.ts";
import { deploymentRoutes } from "./deployments-api.ts";
import { createEngine, type Doom } from "./engine.ts";
import { createPublishing } from "./publishing.ts";
import { createStock } from "./stock.ts";

export interface DeploymentsOptions {
  /** Ids of what is there before, with their types: a Key Vault's secrets, resource groups. */
  readonly existing?: Readonly<Record<string, string>>;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type DeploymentsServer = Awaited<ReturnType<typeof startDeployments>>;

export async function startDeployments({ existing = {} }: DeploymentsOptions = {}) {
  const authority = await createAuthority();
  const { certPem: cert, keyPem: key } = await authority.issue({ commonName: "localhost", hosts: ["localhost"] });
  const calls: string[] = [];
  let doom: Doom = () => undefined;
  let refuses: (siteId: string) => string | undefined = () => undefined;
  const hosts = new Map<string, string>();
  const listening: Server[] = [];
  const listen = async (answer: (request: IncomingMessage) => Promise<Reply>): Promise<number> => {
    const server = createServer({ cert, key }, (request, response) => {
      void answer(request)
        .catch(refusal)
        .then(({ status, body, headers = {} }) => {
          response.writeHead(status, { "content-type": "application/json", "retry-after": "0", ...headers });
          response.end(body === undefined ? undefined : JSON.stringify(body));
        });
    });
    listening.push(server);
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    return portOf(server);
  };

  const publishingPorts: number[] = [];
  const stock = createStock((siteId) => {
    const host = hosts.get(siteId) ?? `localhost:${publishingPorts[hosts.size]}`;
    hosts.set(siteId, host);
    return host;
  });
  const engine = createEngine(stock, (id) => doom(id));
  const publishing = createPublishing(stock, (siteId) => refuses(siteId));
  const publish = async (request: IncomingMessage, port: number): Promise<Reply> => {
    const siteId = [...hosts].find(([, host]) => host === `localhost:${port}`)?.[0] ?? "";
    calls.push(`${request.method} ${siteId.split("/").at(-1)}.scm ${request.url}`);
    const body = new Uint8Array(await buffer(request));
    const { method = "", url: path = "", headers } = request;
    return (
      authorized(headers.authorization) ??
      publishing.answer(siteId, { method, path, type: headers["content-type"] ?? "", body })
    );
  };
  // One host per function app: as many as any test deploys.
  for (let count = 0; count < 12; count++) {
    const port: number = await listen((request) => publish(request, port));
    publishingPorts.push(port);
  }
  for (const [id, type] of Object.entries(existing)) stock.seed(id, type);

  const routes = deploymentRoutes({ engine, stock, endpoint: () => endpoint });
  const armPort = await listen(async (request) => {
    const url = new URL(request.url ?? "", endpoint);
    calls.push(`${request.method} ${url.pathname}`);
    const text = (await buffer(request)).toString("utf8");
    return authorized(request.headers.authorization) ?? route(routes, request.method ?? "", url, text);
  });
  const endpoint = `https://localhost:${armPort}`;

  return {
    endpoint,
    caPem: authority.caPem,
    stock,
    engine,
    publishing,
    /** "PUT /subscriptions/...", in order. */
    calls: (): readonly string[] => calls,
    /** Resources that cannot be made from now on. */
    fail: (why: Doom): void => {
      doom = why;
    },
    /** Function apps that take no zip. */
    refuseZips: (why: (siteId: string) => string | undefined): void => {
      refuses = why;
    },
    stop: async (): Promise<void> => {
      for (const server of listening) server.closeAllConnections();
      await Promise.all(listening.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}

const authorized = (header: string | undefined): Reply | undefined =>
  /^Bearer .+/.test(header ?? "")
    ? undefined
    : {
        status: 401,
        body: {
          error: {
            code: "AuthenticationFailed",
            message: "Authentication failed. The 'Authorization' header is missing.",
          },
        },
      };

function route(routes: readonly Route[], method: string, url: URL, text: string): Reply {
  const path = decodeURIComponent(url.pathname);
  for (const one of routes.filter((candidate) => candidate.method === method)) {
    const names = match(one.pattern, path);
    if (!names) continue;
    if (!url.searchParams.has("api-version"))
      throw new ArmError(
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
      );
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    return one.run({ path, names, query: url.searchParams, headers: {}, body, caller: "deployer" });
  }
  throw new ArmError("NotFound", `no such operation: ${method} ${path}`, 404);
}

function refusal(error: unknown): Reply {
  if (!(error instanceof ArmError))
    return { status: 500, body: { error: { code: "InternalServerError", message: String(error) } } };
  const { status, code, message, headers } = error;
  return { status, headers, body: { error: { code, message } } };
}
