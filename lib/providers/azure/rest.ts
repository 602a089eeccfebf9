/** Azure's REST interfaces that no SDK of ours covers: one request, a token of the right scope, an error with its code. */
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  RestError,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { isRecord, parsedJson } from "./json.ts";
import { timeLimits } from "./time-limits.ts";

export interface RestCall {
  readonly method: HttpMethods;
  /** From the root, query included. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** @returns the body, parsed; undefined when there is none. Throws RestError, and what the credential throws. */
export type RestClient = (call: RestCall) => Promise<unknown>;

export interface RestTarget {
  /** "https://management.azure.com" */
  readonly endpoint: string;
  /** "https://management.azure.com/.default" */
  readonly scope: string;
  readonly credential: TokenCredential;
  /** Default: one with time limits. */
  readonly http?: HttpClient | undefined;
}

/** Keeps connections and tokens: one per sandbox. */
export function restClient({ endpoint, scope, credential, http = timeLimits.httpClient }: RestTarget): RestClient {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
  return async ({ method, path, headers = {}, body, signal }) => {
    const request = createPipelineRequest({
      url: new URL(path, endpoint).href,
      method,
      headers: createHttpHeaders({ accept: "application/json", "content-type": "application/json", ...headers }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { abortSignal: signal }),
    });
    const response = await pipeline.sendRequest(http, request);
    const read = parsedJson(response.bodyAsText);
    if (response.status < 300) return read;
    const { code, message } = saidBy(read);
    throw new RestError(message ?? `answered ${response.status}`, {
      statusCode: response.status,
      response,
      ...(code !== undefined && { code }),
    });
  };
}

/** `{"error":{"code","message"}}` of ARM, or nothing that can be read. */
function saidBy(body: unknown): { readonly code?: string; readonly message?: string } {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  return {
    ...(typeof error.code === "string" && { code: error.code }),
    ...(typeof error.message === "string" && { message: error.message }),
  };
}
