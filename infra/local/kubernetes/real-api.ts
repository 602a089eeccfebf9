/** A real API server behind our own front: it does all the work, the front knows users apart, counts, and fails on demand. */
import type { IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { Call } from "../calls.ts";
import type { Clock } from "../clock.ts";
import { ANONYMOUS, type Answer, authenticate, callOf, type KubernetesApi, refusal } from "./api.ts";
import { ApiFailure } from "./failure.ts";
import { type ApiRequest, readTarget, type User } from "./request.ts";
import type { WatchEvent, WatchStream } from "./watching.ts";

/** Of a server on this machine that is there for nothing else: stories delete what they find. */
export interface RealServer {
  readonly url: string;
  /** Its user may do everything, also in the name of others. */
  readonly token: string;
}

/** Those that clients read or that a person wants to see; the rest belongs to the connection. */
const PASSED_ON = ["audit-id", "cache-control", "content-type", "retry-after", "warning"] as const;
const SENT = ["accept", "content-type", "user-agent"] as const;
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

function checkPlace(url: string): void {
  if (LOOPBACK.includes(new URL(url).hostname)) return;
  throw new Error(
    `${url} is not on this machine: stories write to a cluster as administrators, give them one at 127.0.0.1`,
  );
}

function streamOf(incoming: IncomingMessage): WatchStream {
  return {
    start: (send, end) => {
      createInterface({ input: incoming })
        .on("line", (line) => send(JSON.parse(line) as WatchEvent))
        .on("error", end)
        .on("close", end);
      return () => incoming.destroy();
    },
  };
}

async function toAnswer(incoming: IncomingMessage, isWatch: boolean): Promise<Answer> {
  const code = incoming.statusCode ?? 0;
  const headers = Object.fromEntries(
    PASSED_ON.flatMap((name) => (incoming.headers[name] === undefined ? [] : [[name, incoming.headers[name]]])),
  );
  if (isWatch && code === 200) return { code, headers, body: {}, watch: streamOf(incoming) };
  return { code, headers, body: await text(incoming) };
}

/** One request to the real server: its administrator's right, in the user's name, as its audit log shall have it. */
function forward(to: RealServer & { readonly agent: Agent }, user: User, sent: ApiRequest): Promise<IncomingMessage> {
  const { url, token, agent } = to;
  const { method, path, body = "" } = sent;
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, "impersonate-user": user.name };
  for (const name of SENT) if (sent.headers[name]) headers[name] = sent.headers[name];
  const content = typeof body === "string" ? body : JSON.stringify(body);
  if (content) headers["content-length"] = String(Buffer.byteLength(content));
  return new Promise((resolve, reject) => {
    // Its certificate is made anew at each start, and it is on this machine.
    httpsRequest(`${url}${path}`, { method, headers, agent, rejectUnauthorized: false }, resolve)
      .on("error", reject)
      .end(content);
  });
}

export function createRealApi(parts: {
  readonly clock: Clock;
  readonly name: string;
  readonly server: RealServer;
}): KubernetesApi {
  const { clock, name, server } = parts;
  checkPlace(server.url);
  const agent = new Agent({ keepAlive: true });
  const tokens = new Map<string, User>();
  const calls: Call[] = [];
  const handle = async (request: ApiRequest): Promise<Answer> => {
    const at = clock.now();
    const target = readTarget(request.method, request.path);
    const note = (who: string, code: number) =>
      calls.push({ at, server: `kubernetes:${name}`, who, ...callOf(request.method, target), code });
    try {
      const user = authenticate(tokens, request);
      if (user === ANONYMOUS) throw new ApiFailure(401, "Unauthorized", "Unauthorized");
      const answer = await toAnswer(await forward({ ...server, agent }, user, request), target.verb === "watch");
      note(user.name, answer.code);
      return answer;
    } catch (problem) {
      const refused = refusal(problem);
      note("", refused.code);
      return { ...refused, headers: { "content-type": "application/json" } };
    }
  };
  return { name, clock, handle, calls, tokens };
}
