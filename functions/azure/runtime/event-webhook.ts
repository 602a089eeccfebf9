/** Event Grid over HTTP, for subscriptions that cannot name a function: both handshakes, both schemas, batches. */
import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { allowedOrigin, readDelivery } from "../../../lib/providers/azure/events/delivery.ts";

type HandleEvents = (events: unknown, context: InvocationContext) => Promise<unknown>;

/**
 * Answers 200 for all that was understood, ours or not, so that no retries begin; an event that failed makes Event Grid
 * send its batch again, which does no harm. What is no JSON is 400, which it does not.
 */
export const eventWebhook =
  (handle: HandleEvents) =>
  async (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> => {
    const headers = allowedOrigin({ method: request.method, origin: request.headers.get("webhook-request-origin") });
    if (headers) return { status: 200, headers };
    const body = await request.json().catch(() => undefined);
    if (body === undefined) return { status: 400, body: "expected events of Event Grid as JSON" };
    const delivery = readDelivery(body);
    if (delivery.kind === "validation") return { status: 200, jsonBody: { validationResponse: delivery.code } };
    await handle(delivery.events, context);
    return { status: 200 };
  };
