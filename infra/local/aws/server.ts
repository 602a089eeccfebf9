/** The local AWS on the wire: one HTTPS endpoint for all services, and beside it the control paths for people. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { z } from "zod";
import type { Call } from "../calls.ts";
import type { Clock } from "../clock.ts";
import type { Authority } from "../tls.ts";

import { type AwsCloud, type AwsSetup, createAwsCloud } from "./cloud.ts";
import { control } from "./control.ts";
import { AwsError, ConnectionDropped } from "./errors.ts";
import type { Fault } from "./faults.ts";
import { type Raw, type Reply, type Request, readRequest, writeAnswer, writeError } from "./wire.ts";

export interface LocalAws {
  /** "https://127.0.0.1:<port>", for every client. */
  readonly endpoint: string;
  readonly caPem: string;
  readonly cloud: AwsCloud;
  /** Every call of an SDK, oldest first. */
  readonly calls: readonly Call[];
  readonly inject: (fault: Fault) => void;
  close(): Promise<void>;
}

export interface AwsServerSetup extends Partial<Omit<AwsSetup, "clock">> {
  readonly clock: Clock;
  readonly authority: Authority;
}

/** The parameter that names what a call is about, the most telling first. */
const TARGETS = [
  "InstanceId",
  "InstanceIds",
  "AutoScalingGroupName",
  "AutoScalingGroupNames",
  "QueueUrl",
  "QueueName",
  "SecretId",
  "Key",
  "Bucket",
  "Name",
];

function targetOf(parameters: Request["parameters"]): string {
  const value = TARGETS.map((name) => parameters[name]).find((found) => found !== undefined);
  const [first = ""] = z
    .array(z.string())
    .catch([])
    .parse(Array.isArray(value) ? value : [value]);
  return first.split("/").at(-1) ?? "";
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

interface Answered {
  readonly request: Request | undefined;
  readonly reply: Reply | "dropped";
}

/** @param wait awaits what needs time to pass */
async function answer(cloud: AwsCloud, raw: Raw, wait: <T>(slow: Promise<T>) => Promise<T>): Promise<Answered> {
  const requestId = randomUUID();
  let request: Request | undefined;
  try {
    request = readRequest(raw);
    const given = cloud.handle(request.service, request.action, request.parameters);
    return { request, reply: writeAnswer(request, given instanceof Promise ? await wait(given) : given, requestId) };
  } catch (error) {
    if (error instanceof ConnectionDropped) return { request, reply: "dropped" };
    const refused = error instanceof AwsError ? error : new AwsError("InternalFailure", String(error), 500);
    return { request, reply: writeError(request?.service ?? "sts", refused, requestId) };
  }
}

/** Time stands still from the first byte of a request to the last of its answer, except while the answer waits for time. */
function holding(clock: Clock, response: ServerResponse) {
  let release = clock.hold();
  response.once("close", () => release());
  return async <T>(slow: Promise<T>): Promise<T> => {
    release();
    try {
      return await slow;
    } finally {
      if (!response.closed) release = clock.hold();
    }
  };
}

/** @throws when the port cannot be had */
export async function startAws({ clock, authority, ...setup }: AwsServerSetup): Promise<LocalAws> {
  const calls: Call[] = [];
  const { keyPem: key, certPem: cert } = await authority.issue({
    commonName: "aws",
    hosts: ["127.0.0.1", "localhost"],
  });
  let serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  const server = createServer({ key, cert }, (request, response) => {
    /** A body that breaks off: the client has gone away and hears no answer. */
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const endpoint = `https://127.0.0.1:${port}`;
  const cloud = createAwsCloud({ region: "eu-west-1", accountId: "210987654321", ...setup, clock });

  const record = ({ request, reply }: Answered) =>
    calls.push({
      at: clock.now(),
      server: request?.service ?? "unknown",
      who: request?.accessKey ?? "",
      what: request?.action ?? "",
      target: targetOf(request?.parameters ?? {}),
      code: reply === "dropped" ? 0 : reply.status,
    });
  const send = (response: ServerResponse, reply: Reply | "dropped") => {
    if (reply === "dropped") response.destroy();
    else response.writeHead(reply.status, { ...reply.headers, "x-amzn-requestid": randomUUID() }).end(reply.body);
  };
  serve = async (request, response) => {
    const url = new URL(request.url ?? "/", endpoint);
    if (url.pathname.startsWith("/_")) {
      return send(response, await control({ cloud, calls }, url.pathname, String(await bodyOf(request))));
    }
    const wait = holding(clock, response);
    const { method = "", headers } = request;
    const bytes = await bodyOf(request);
    const answered = await answer(cloud, { method, headers, url, bytes }, wait);
    record(answered);
    send(response, answered.reply);
  };

  return {
    endpoint,
    caPem: authority.caPem,
    cloud,
    calls,
    inject: cloud.inject,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
