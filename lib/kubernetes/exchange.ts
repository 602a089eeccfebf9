/** The one seam of the client: a request goes out, an answer comes back; what carries it is somebody else's matter. */

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path and query, e.g. "/api/v1/nodes?limit=500". */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the exchange: the invocation's end or the call's own deadline. */
  readonly signal: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Answers for every HTTP status; rejects only when there is no answer. */
export type Exchange = (request: ApiRequest) => Promise<ApiAnswer>;
