/** A Service Bus namespace: queues with scheduled messages, locks and dead letters, and its REST send. */
import { z } from "zod";
import type { Clock } from "../clock.ts";
import type { Faults } from "../faults.ts";
import type { Ids } from "../ids.ts";
import type { Reply } from "../listen.ts";
import { createQueues, type Queues } from "../queues.ts";
import { ArmError } from "./errors.ts";
import type { Roles } from "./roles.ts";
import type { Tokens } from "./tokens.ts";

export const SERVICE_BUS_AUDIENCE = "https://servicebus.azure.net";
export const SEND = "Microsoft.ServiceBus/namespaces/messages/send/action";
const LARGEST_BYTES = 256 * 1024;

export interface QueueDraft {
  readonly lockSeconds: number;
  readonly maxDeliveryCount: number;
}

export interface ServiceBus {
  readonly queues: Queues;
  /** Also "<name>/$deadletterqueue", as Service Bus names the dead letters. */
  readonly create: (name: string, draft: QueueDraft) => void;
}

export const deadLettersOf = (queue: string): string => `${queue}/$deadletterqueue`;

const noSuchQueue = (name: string) => new ArmError("404", `The messaging entity '${name}' could not be found.`, 404);

export function createServiceBus(clock: Clock, ids: Ids): ServiceBus {
  const queues = createQueues(clock, ids, noSuchQueue);
  return {
    queues,
    create: (name, { lockSeconds, maxDeliveryCount }) => {
      queues.create(deadLettersOf(name), {});
      const redrive = { queue: deadLettersOf(name), maxReceiveCount: maxDeliveryCount };
      queues.create(name, { visibilitySeconds: lockSeconds, redrive });
    },
  };
}

export interface Sending {
  readonly bus: ServiceBus;
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly roles: Roles;
  readonly faults: Faults<Reply>;
}

export interface SendRequest {
  readonly method: string;
  /** "/looks/messages" */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const brokerProperties = z.looseObject({
  MessageId: z.string().max(128).exactOptional(),
  ScheduledEnqueueTimeUtc: z.string().exactOptional(),
});

/** RFC 1123 as the REST documentation has it; ISO is taken as well. */
function delaySeconds(text: string | undefined, now: Date): number {
  if (text === undefined) return 0;
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new ArmError("400", `ScheduledEnqueueTimeUtc '${text}' is no time.`, 400);
  return Math.max(0, (at - now.getTime()) / 1000);
}

function readProperties(headers: SendRequest["headers"]) {
  const text = headers.brokerproperties;
  if (text === undefined) return {};
  try {
    return brokerProperties.parse(JSON.parse(String(text)));
  } catch (error) {
    throw new ArmError("400", `The BrokerProperties header is malformed: ${String(error)}`, 400);
  }
}

/** What the log says of it. */
export const queueIn = (path: string): string => /^\/(.+)\/messages\/?$/.exec(path)?.[1] ?? path;

/**
 * @returns 201 without a body
 * @throws ArmError; ConnectionDropped
 * @source Service Bus REST: Send Message
 */
export function sendMessage({ bus, clock, tokens, roles, faults }: Sending, request: SendRequest) {
  const { method, path, headers, body } = request;
  const { appid } = tokens.check(headers.authorization?.toString(), [SERVICE_BUS_AUDIENCE]);
  const queue = queueIn(path);
  return faults.guard("servicebus", SEND, (): Reply => {
    if (method !== "POST" || queue === path) throw new ArmError("404", `There is only POST /<queue>/messages.`, 404);
    roles.check({ who: appid, action: SEND, scope: queue });
    if (Buffer.byteLength(body) > LARGEST_BYTES) {
      throw new ArmError("413", `The message is larger than ${LARGEST_BYTES} bytes.`, 413);
    }
    const { ScheduledEnqueueTimeUtc } = readProperties(headers);
    bus.queues.send(queue, { body, delaySeconds: delaySeconds(ScheduledEnqueueTimeUtc, clock.now()) });
    return { status: 201, headers: {}, body: "" };
  })({ queue });
}

/** Service Bus says its errors in XML. */
export const sendError = ({ status, message, headers }: ArmError): Reply => ({
  status,
  headers: { "content-type": "application/xml; charset=utf-8", ...headers },
  body: `<Error><Code>${status}</Code><Detail>${message.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</Detail></Error>`,
});
