/** Long-running operations between two passes: started by one, kept in the pool's status as text, asked for once by a later one. */
import { createHttpPoller, type OperationResponse } from "@azure/core-lro";
import { createPipelineRequest, type HttpClient, type Pipeline, RestError } from "@azure/core-rest-pipeline";
import type { AzureMachinePoolStatus, LongRunningOperationState } from "../../../api/azure/azure-machine-pool.ts";
import { ProviderError } from "../../errors.ts";
import { asAzure, faultOf, retryAfterSeconds } from "../errors.ts";
import { isRecord, parsedJson } from "../json.ts";

/** Upstream's (CAPZ azure/services/scalesets). */
const SERVICE = "scalesets";
const DEFAULT_SECONDS = 15;

export type OperationType = "PUT" | "PATCH" | "DELETE";

/** What was started; `asked` tells a later pass whether it would ask for the same again. */
export interface StoredOperation {
  readonly type: OperationType;
  /** The SDK's own text of the poller. */
  readonly token: string;
  readonly asked: string;
}

export interface Operation extends StoredOperation {
  readonly status: "running" | "failed";
  /** While it runs. */
  readonly againSeconds?: number;
  /** Of a failed one. */
  readonly code?: string;
  readonly message?: string;
  readonly endTime?: Date;
}

const toText = (operation: StoredOperation): string =>
  Buffer.from(JSON.stringify({ poller: operation.token, asked: operation.asked })).toString("base64url");

export const storedState = (
  operation: StoredOperation,
  name: string,
  resourceGroup: string,
): LongRunningOperationState => ({
  type: operation.type,
  resourceGroup,
  serviceName: SERVICE,
  name,
  data: toText(operation),
});

/** States of other services and names stay; `operation` takes the place of whatever there was of this scale set. */
export function withOperation(
  { longRunningOperationStates = [] }: AzureMachinePoolStatus,
  name: string,
  state: LongRunningOperationState | undefined,
): readonly LongRunningOperationState[] {
  const others = longRunningOperationStates.filter((one) => one.serviceName !== SERVICE || one.name !== name);
  return state ? [...others, state] : others;
}

/** undefined: there is none, or it is no text of ours (upstream's SDK writes another); then the scale set itself tells. */
export function storedOperation(status: AzureMachinePoolStatus | undefined, name: string): StoredOperation | undefined {
  const state = status?.longRunningOperationStates?.find((one) => one.serviceName === SERVICE && one.name === name);
  if (!state) return undefined;
  const read = parsedJson(Buffer.from(state.data, "base64url").toString("utf8"));
  if (!isRecord(read) || typeof read.poller !== "string" || typeof read.asked !== "string") return undefined;
  const inside = parsedJson(read.poller);
  if (!isRecord(inside) || !isRecord(inside.state) || !isRecord(inside.state.config)) return undefined;
  if (typeof inside.state.config.operationLocation !== "string") return undefined;
  const type = state.type === "DELETE" || state.type === "PATCH" ? state.type : "PUT";
  return { type, token: read.poller, asked: read.asked };
}

interface Started {
  submitted(): Promise<void>;
  serialize(): Promise<string>;
}

/**
 * Sends the first request and no other. The poller itself must not be returned: awaiting it would wait for the end.
 * @returns undefined when the answer was the end already
 */
export async function start(
  action: string,
  about: Omit<StoredOperation, "token">,
  begin: () => Started,
): Promise<StoredOperation | undefined> {
  const token = await asAzure(action, async () => {
    const poller = begin();
    await poller.submitted();
    return poller.serialize();
  });
  const read = parsedJson(token);
  const isRunning = isRecord(read) && isRecord(read.state) && read.state.status === "running";
  return isRunning ? { ...about, token } : undefined;
}

/** What asks Azure on the SDK's own pipeline, credentials included. */
export interface Asking {
  readonly pipeline: Pipeline;
  readonly endpoint: string;
  readonly http: HttpClient;
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Asks once.
 * @returns undefined: it has succeeded, or nobody remembers it (any more)
 * @throws  ProviderError while Azure does not answer
 */
export async function poll(stored: StoredOperation, asking: Asking): Promise<Operation | undefined> {
  const answers: Answer[] = [];
  const poller = createHttpPoller(
    {
      sendInitialRequest: () => Promise.reject(new Error("an operation that was begun is not begun again")),
      sendPollRequest: async (path) => {
        const response = await ask(path, asking);
        answers.push({ headers: response.rawResponse.headers, body: response.rawResponse.body });
        return response;
      },
    },
    { restoreFrom: withoutResource(stored.token), resolveOnUnsuccessful: true },
  );
  try {
    const { status } = await poller.poll();
    const last = answers.at(-1);
    if (status === "succeeded" || !last) return undefined;
    return status === "running" || status === "notStarted" ? running(stored, last) : failed(stored, last);
  } catch (error) {
    if (error instanceof ProviderError && error.kind === "not-found") return undefined;
    throw error;
  }
}

/** The resource is read anyway: one request less. */
function withoutResource(token: string): string {
  const read = parsedJson(token);
  if (!isRecord(read) || !isRecord(read.state) || !isRecord(read.state.config)) return token;
  const { resourceLocation: _resource, ...config } = read.state.config;
  return JSON.stringify({ state: { ...read.state, config } });
}

function running(stored: StoredOperation, { headers }: Answer): Operation {
  const asked = retryAfterSeconds(headers["retry-after"], new Date(headers.date ?? Number.NaN));
  return { ...stored, status: "running", againSeconds: Math.max(1, asked ?? DEFAULT_SECONDS) };
}

function failed(stored: StoredOperation, { body }: Answer): Operation {
  const { code, message } = faultOf(body);
  const ended = isRecord(body) && typeof body.endTime === "string" ? new Date(body.endTime) : undefined;
  return {
    ...stored,
    status: "failed",
    code: code ?? "Canceled",
    message: message ?? "Azure ended the operation without a word",
    ...(ended && !Number.isNaN(ended.getTime()) && { endTime: ended }),
  };
}

async function ask(path: string, { pipeline, endpoint, http, signal }: Asking): Promise<OperationResponse> {
  return asAzure("Microsoft.Compute/locations/operations/read", async () => {
    const request = createPipelineRequest({
      url: within(endpoint, path),
      method: "GET",
      ...(signal && { abortSignal: signal }),
    });
    const response = await pipeline.sendRequest(http, request);
    const body = parsedJson(response.bodyAsText);
    if (response.status >= 400) {
      const { code, message = `the answer is ${response.status}` } = faultOf(body);
      throw new RestError(message, { statusCode: response.status, response, ...(code && { code }) });
    }
    const rawResponse = { statusCode: response.status, headers: response.headers.toJSON(), body };
    return { flatResponse: body, rawResponse: { ...rawResponse, request: { method: "GET", url: request.url } } };
  });
}

/** A token goes to the endpoint it was asked for and to no other, whatever a status says. */
function within(endpoint: string, url: string): string {
  const resolved = new URL(url, endpoint);
  if (resolved.origin === new URL(endpoint).origin) return resolved.href;
  const advice = "take that entry out of status.longRunningOperationStates";
  throw new ProviderError("not-found", "poll", advice, `an operation at ${resolved.origin} is none of ${endpoint}`);
}
