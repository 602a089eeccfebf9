/** Outages on demand: refuse, delay or cut chosen requests before the API sees them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { callOf, type KubernetesApi } from "./api.ts";
import { ApiFailure, statusOf } from "./failure.ts";
import { readTarget } from "./request.ts";

export interface Fault {
  readonly match: { readonly method?: string; readonly path?: RegExp };
  /** How many requests it strikes. */
  readonly times: number;
  /** Answers with this HTTP status. */
  readonly code?: number;
  readonly retryAfterSeconds?: number;
  /** Instead of a Status object of that code. */
  readonly body?: object;
  /** Cuts the connection without an answer. */
  readonly drop?: boolean;
  /** Waits on the clock first; alone, it only delays. */
  readonly delaySeconds?: number;
}

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  409: "Conflict",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

export function createFaults({ clock, calls, name }: KubernetesApi) {
  let faults: { fault: Fault; left: number }[] = [];
  let off = false;

  const next = (method: string, path: string): Fault | undefined => {
    const found = faults.find(
      ({ fault: { match } }) => (!match.method || match.method === method) && (!match.path || match.path.test(path)),
    );
    if (found) found.left--;
    faults = faults.filter(({ left }) => left > 0);
    return found?.fault;
  };
  const note = (method: string, path: string, code: number) => {
    calls.push({
      at: clock.now(),
      server: `kubernetes:${name}`,
      who: "",
      ...callOf(method, readTarget(method, path)),
      code,
    });
  };
  const refuse = (response: ServerResponse, fault: Fault, code: number) => {
    const { retryAfterSeconds, body } = fault;
    const details = retryAfterSeconds ? { retryAfterSeconds } : undefined;
    const failure = new ApiFailure(code, REASONS[code] ?? "", `injected fault: ${code}`, details);
    response.writeHead(code, {
      "content-type": "application/json",
      ...(retryAfterSeconds && { "retry-after": String(retryAfterSeconds) }),
    });
    response.end(JSON.stringify(body ?? statusOf(failure)));
  };
  const clockSeconds = (seconds: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(seconds, resolve);
    return promise;
  };

  return {
    inject: (fault: Fault) => void faults.push({ fault, left: fault.times }),
    down: () => {
      off = true;
    },
    up: () => {
      off = false;
    },
    isDown: () => off,
    /** The fault that strikes this request, after its delay: time must be free to move meanwhile. */
    await: async ({ method = "GET", url = "/" }: IncomingMessage): Promise<Fault | undefined> => {
      const fault = next(method, url);
      if (fault?.delaySeconds) await clockSeconds(fault.delaySeconds);
      return fault;
    },
    /** @returns true when the request has got its end here */
    strike: (fault: Fault | undefined, incoming: IncomingMessage, response: ServerResponse): boolean => {
      if (!fault?.drop && !fault?.code) return false;
      if (fault.drop) incoming.socket.destroy();
      else if (fault.code) refuse(response, fault, fault.code);
      note(incoming.method ?? "GET", incoming.url ?? "/", fault.drop ? 0 : (fault.code ?? 0));
      return true;
    },
  };
}
