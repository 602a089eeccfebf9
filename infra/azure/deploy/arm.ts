/** Azure Resource Manager by REST, through Azure's own pipeline: tokens, retries of 429 and 5xx, and long-running operations. */
import { createHttpPoller, type OperationResponse } from "@azure/core-lro";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { DeployError } from "./deploy-error.ts";
import { errorLines } from "./error-lines.ts";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** A whole address, or a path of Resource Manager. */
  readonly url: string;
  readonly body?: unknown;
  readonly zip?: Uint8Array;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Arm {
  readonly endpoint: string;
  /** @throws nothing for a status: the caller knows which ones it expects */
  readonly send: (call: Call) => Promise<Answer>;
}

export interface ArmOptions {
  readonly endpoint: string;
  readonly credential: TokenCredential;
  /** Whom to trust besides the system, as PEM. */
  readonly ca?: string;
  /** As the SDK's; 3 by default. */
  readonly maxRetries?: number;
}

const SCOPE = "https://management.azure.com/.default";
const UPLOAD_MILLISECONDS = 300_000;

export function createArm({ endpoint, credential, ca, maxRetries }: ArmOptions): Arm {
  const pipeline = createPipelineFromOptions({
    ...(ca === undefined ? {} : { tlsOptions: { ca } }),
    ...(maxRetries === undefined ? {} : { retryOptions: { maxRetries } }),
  });
  pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: SCOPE }));
  const client = createDefaultHttpClient();
  return {
    endpoint,
    send: async ({ method, url, body, zip }) => {
      const request = createPipelineRequest({
        url: new URL(url, endpoint).href,
        method,
        timeout: UPLOAD_MILLISECONDS,
        headers: createHttpHeaders({ accept: "application/json" }),
      });
      if (zip !== undefined) {
        request.body = zip;
        request.headers.set("content-type", "application/zip");
      } else if (body !== undefined) {
        request.body = JSON.stringify(body);
        request.headers.set("content-type", "application/json");
      }
      return answerOf(await pipeline.sendRequest(client, request));
    },
  };
}

const answerOf = ({ status, bodyAsText, headers }: PipelineResponse): Answer => ({
  status,
  body: parsed(bodyAsText ?? ""),
  headers: headers.toJSON(),
});

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const succeeded = ({ status }: Answer): boolean => status >= 200 && status < 300;

/** @throws DeployError with all that the answer says, unless it is a success */
export function expectSuccess(answer: Answer, doing: string): Answer {
  if (succeeded(answer)) return answer;
  throw new DeployError([`${doing} was refused (HTTP ${answer.status}):`, ...errorLines(answer.body, 1)].join("\n"));
}

export interface Ended {
  readonly status: "succeeded" | "failed" | "canceled";
  /** What the operation gave in the end; for a failed one, its status document. */
  readonly body: unknown;
}

export interface Waiting {
  readonly wait: (seconds: number) => Promise<void>;
  /** After each look. */
  readonly looked?: () => Promise<void>;
}

const DEFAULT_WAIT_SECONDS = 5;

/**
 * Starts a long-running operation and looks after it until it ends, as often as it asks for.
 * @throws DeployError when it is refused at once
 */
export async function runToEnd(arm: Arm, call: Call, doing: string, { wait, looked }: Waiting): Promise<Ended> {
  let last: Answer = { status: 0, body: undefined, headers: {} };
  const send = async (one: Call): Promise<OperationResponse> => {
    last = expectSuccess(await arm.send(one), doing);
    return {
      flatResponse: last.body,
      rawResponse: {
        statusCode: last.status,
        headers: { ...last.headers },
        body: last.body,
        request: { method: call.method, url: new URL(one.url, arm.endpoint).href },
      },
    };
  };
  const poller = createHttpPoller(
    { sendInitialRequest: () => send(call), sendPollRequest: (url) => send({ method: "GET", url }) },
    { baseUrl: arm.endpoint, resolveOnUnsuccessful: true },
  );
  await poller.submitted();
  while (!poller.isDone) {
    await wait(Number(last.headers["retry-after"] ?? DEFAULT_WAIT_SECONDS));
    await poller.poll();
    await looked?.();
  }
  const status = poller.operationState?.status;
  return { status: status === "failed" || status === "canceled" ? status : "succeeded", body: last.body };
}
