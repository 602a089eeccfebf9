/** How long an answer of Azure is waited for: by themselves its clients wait for ever, for a server that accepts and says nothing. */
import { createDefaultHttpClient, type HttpClient, type PipelineRequest, RestError } from "@azure/core-rest-pipeline";

export interface Limits {
  readonly readMilliseconds: number;
  readonly writeMilliseconds: number;
}

/** Reads are answered within a second or two; a change is accepted within a few more. Below what an invocation has. */
const LIMITS: Limits = { readMilliseconds: 5_000, writeMilliseconds: 10_000 };

/**
 * For the option `httpClient` of every client and credential: policies of one's own are dropped by some of them. Each try
 * has the whole limit, the answer's body included.
 * @throws RestError with code ETIMEDOUT, which the clients' own retries know
 */
export function limitedHttp({ readMilliseconds, writeMilliseconds }: Limits = LIMITS): HttpClient {
  const http = createDefaultHttpClient();
  return {
    sendRequest: (request) => {
      const limit = request.method === "GET" ? readMilliseconds : writeMilliseconds;
      return within(limit, request, () => http.sendRequest(request));
    },
  };
}

/** One per sandbox, so that connections are shared. */
export const timeLimits = { httpClient: limitedHttp() } as const;

async function within<T>(milliseconds: number, request: PipelineRequest, send: () => Promise<T>): Promise<T> {
  const given = request.abortSignal;
  if (given?.aborted) return send();
  const limit = AbortSignal.timeout(milliseconds);
  const either = new AbortController();
  const end = () => either.abort();
  for (const signal of [limit, given]) signal?.addEventListener("abort", end);
  request.abortSignal = either.signal;
  try {
    return await send();
  } catch (error) {
    if (!limit.aborted || given?.aborted) throw error;
    const { method, url } = request;
    const said = `no answer to ${method} within ${milliseconds / 1000} s from ${new URL(url).host}: it is asked again in a later pass`;
    throw new RestError(said, { code: "ETIMEDOUT", request });
  } finally {
    for (const signal of [limit, given]) signal?.removeEventListener("abort", end);
    if (given) request.abortSignal = given;
    else delete request.abortSignal;
  }
}
