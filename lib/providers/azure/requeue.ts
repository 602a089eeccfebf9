/** Brings keys back through a Service Bus queue: a message carries one key and the time when it is due, and nothing else. */
import type { Key, KeyQueue } from "../../api/key.ts";
import { asAzure } from "./errors.ts";
import type { RestClient } from "./rest.ts";

export const SERVICE_BUS_SCOPE = "https://servicebus.azure.net/.default";
const SEND = "Microsoft.ServiceBus/namespaces/messages/send/action";
/** The REST interface takes one message per request. */
const REQUESTS_AT_ONCE = 10;

export interface BusQueue {
  readonly bus: RestClient;
  /** "looks" */
  readonly queue: string;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

/** @throws ProviderError */
export function keyQueue({ bus, queue, now, signal }: BusQueue): KeyQueue {
  const send = async (key: Key, afterSeconds: number) => {
    const due = new Date(Math.ceil(now().getTime() / 1000 + afterSeconds) * 1000);
    const properties = afterSeconds > 0 ? { ScheduledEnqueueTimeUtc: due.toUTCString() } : {};
    const call = {
      method: "POST",
      path: `/${queue}/messages`,
      headers: { brokerproperties: JSON.stringify(properties) },
      body: { kind: key.kind, namespace: key.namespace, name: key.name },
      signal,
    } as const;
    await asAzure(SEND, () => bus(call));
  };
  return {
    again: send,
    sendAll: async (keys) => {
      for (let start = 0; start < keys.length; start += REQUESTS_AT_ONCE) {
        await Promise.all(keys.slice(start, start + REQUESTS_AT_ONCE).map((key) => send(key, 0)));
      }
    },
  };
}
