/** The local AWS on the wire: one HTTPS endpoint for all services, and beside it the control paths for people. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Call } from "../calls.ts";
import type { Clock } from "../clock.ts";
import { ConnectionDropped, type Fault } from "../faults.ts";
import { listen, type Reply, type Wait } from "../listen.ts";
import type { Authority } from "../tls.ts";
import { type AwsCloud, type AwsSetup, createAwsCloud } from "./cloud.ts";
import { control } from "./control.ts";
import { AwsError } from "./errors.ts";
import { type Raw, type Request, readRequest, writeAnswer, writeError } from "./wire.ts";

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

interface Answered {
  readonly request: Request | undefined;
  readonly reply: Reply | "dropped";
}

async function answer(cloud: AwsCloud, raw: Raw, wait: Wait): Promise<Answered> {
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

/** @throws when the port cannot be had */
export async function startAws({ clock, authority, ...setup }: AwsServerSetup): Promise<LocalAws> {
  const calls: Call[] = [];
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
  const { endpoint, close } = await listen({ clock, authority, commonName: "aws" }, async (exchange) => {
    const { method, url, headers } = exchange;
    if (url.pathname.startsWith("/_")) return control({ cloud, calls }, url.pathname, await exchange.body());
    const wait = exchange.hold();
    const answered = await answer(cloud, { method, headers, url, bytes: await exchange.bytes() }, wait);
    record(answered);
    const { reply } = answered;
    return reply === "dropped" ? reply : { ...reply, headers: { ...reply.headers, "x-amzn-requestid": randomUUID() } };
  });
  return { endpoint, caPem: authority.caPem, cloud, calls, inject: cloud.inject, close };
}
