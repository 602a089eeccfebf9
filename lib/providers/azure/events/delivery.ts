/** How Event Grid delivers: events one by one or in a batch, over HTTP or through a queue, and the handshakes of a new subscription. */
import * as z from "zod";

/** What came in one delivery. */
export type Delivery =
  /** A new subscription asks whether we want it: the code is to be answered. */
  | { readonly kind: "validation"; readonly code: string }
  | { readonly kind: "events"; readonly events: readonly unknown[] };

const validation = z.object({
  eventType: z.literal("Microsoft.EventGrid.SubscriptionValidationEvent"),
  data: z.object({ validationCode: z.string().min(1) }),
});

/** @source "Webhook event delivery": the event comes alone in its array */
export function readDelivery(body: unknown): Delivery {
  const events = Array.isArray(body) ? body : [body];
  const { data } = validation.safeParse(events[0]);
  return data ? { kind: "validation", code: data.data.validationCode } : { kind: "events", events };
}

export interface Preflight {
  readonly method: string;
  /** Of the header WebHook-Request-Origin. */
  readonly origin: string | null | undefined;
}

/**
 * The handshake of CloudEvents: who may send here.
 * @returns headers to answer with 200; undefined: no handshake
 * @source  "HTTP 1.1 Web Hooks for Event Delivery" of CNCF, as Event Grid uses it
 */
export const allowedOrigin = ({ method, origin }: Preflight): Readonly<Record<string, string>> | undefined =>
  method === "OPTIONS" && origin ? { "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*" } : undefined;

/** A queue message: the object itself, its text, or its text in base64 (Storage queues). undefined: none of them. */
export function readQueued(message: unknown): unknown {
  if (typeof message !== "string") return message;
  const plain = fromJson(message);
  return plain === undefined ? fromJson(Buffer.from(message, "base64").toString("utf8")) : plain;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
