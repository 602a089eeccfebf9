/** What carries the unmodified SDK's requests to the local Resource Manager: in the process, with the wire of the simulation in between. */
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import type { ArmCall } from "../../../../infra/local/azure/arm.ts";
import { errorReply, parsed, writeReply } from "../../../../infra/local/azure/arm-wire.ts";
import type { Pass } from "../../pass.ts";
import { DONE_ALL_THE_SAME, type Refusals } from "../../wire.ts";
import type { Input, Line } from "../simulated-cloud.ts";
import type { AzureWorld } from "./world.ts";

export const ENDPOINT = "https://management.azure.com";
const CALLER = "lifeguard";

const refusal = (status: number, code: string, retryAfterSeconds?: number) => ({ status, code, retryAfterSeconds });

/** Kind of trouble -> what Resource Manager says. */
const REFUSED = {
  "Azure 429 with Retry-After": refusal(429, "TooManyRequests", 7),
  "Azure 409": refusal(409, "OperationNotAllowed", 10),
  "Azure 500": refusal(500, "InternalServerError"),
  "Azure 503": refusal(503, "ServerTimeout"),
  "Azure 403": refusal(403, "AuthorizationFailed"),
  [`Azure 500${DONE_ALL_THE_SAME}`]: refusal(500, "InternalServerError"),
  [`Azure 504${DONE_ALL_THE_SAME}`]: refusal(504, "GatewayTimeout"),
} as const;
export const AZURE_TROUBLES: readonly string[] = Object.keys(REFUSED);

interface Given {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const responseTo = (request: PipelineRequest, { status, headers, body }: Given): PipelineResponse => ({
  request,
  status,
  headers: createHttpHeaders(headers),
  bodyAsText: body,
});

function refusalsTo(request: PipelineRequest): Refusals<PipelineResponse> {
  const answers = Object.entries(REFUSED).map(([kind, { status, code, retryAfterSeconds }]) => {
    const body = JSON.stringify({ error: { code, message: `injected: ${code}` } });
    const waits = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
    return [
      kind,
      () => responseTo(request, { status, headers: { "content-type": "application/json", ...waits }, body }),
    ];
  });
  return {
    answers: Object.fromEntries(answers),
    unanswered: () => new RestError("injected: no answer", { code: RestError.REQUEST_SEND_ERROR, request }),
  };
}

/** What a judge must know of the moment before a request took effect. */
export type Before = (call: ArmCall) => Input;

interface Carried {
  readonly pass: Pass;
  readonly call: ArmCall;
  readonly action: string;
}

export interface Carrier {
  readonly world: AzureWorld;
  readonly line: Line;
  readonly before: Before;
}

async function arrive({ world, line, before }: Carrier, { pass, call, action }: Carried): Promise<Given> {
  const { cloud, plan } = world;
  const about = call.path.replace(/^.*\/providers\/Microsoft\.\w+\//i, "");
  const input = { about, method: call.method, path: call.path, body: call.body, ...before(call) };
  try {
    const reply = await cloud.handle(call);
    line.onRequest(pass, { action, input: { ...input, status: reply.status }, isDone: true });
    const { status, headers, body } = writeReply(reply, cloud, {
      origin: ENDPOINT,
      retryAfter: plan.timing.retryAfterSeconds,
    });
    return { status, headers, body: String(body) };
  } catch (error) {
    const reply = errorReply(error);
    if (reply === "dropped") throw error;
    line.onRequest(pass, { action, input: { ...input, status: reply.status, answer: reply.body }, isDone: false });
    return { ...reply, body: String(reply.body) };
  }
}

export const transport = (carrier: Carrier, passOf: (request: PipelineRequest) => Pass): HttpClient => ({
  sendRequest: (request) => {
    const { pathname: path, searchParams: query } = new URL(request.url);
    const { method } = request;
    const body = typeof request.body === "string" ? parsed(request.body) : undefined;
    const call: ArmCall = { method, path, query, headers: request.headers.toJSON(), body, caller: CALLER };
    const { action } = carrier.world.cloud.handle.describe(call);
    const pass = passOf(request);
    return carrier.line.wire.send({ pass, to: "cloud", what: action, risk: "cloud" }, refusalsTo(request), async () =>
      responseTo(request, await arrive(carrier, { pass, call, action })),
    );
  },
});
