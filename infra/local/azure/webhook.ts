/** Event Grid's way to a webhook: the handshake of a new subscription, then events in the schema and batches that it asked for. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { asCloudEvent, type GridEvent } from "./event-grid.ts";

export interface Webhook {
  readonly url: string;
  readonly name: string;
  readonly schema: "EventGridSchema" | "CloudEventSchemaV1_0";
  /** Of CloudEvents: an array even for one. The Event Grid schema is always an array. */
  readonly batched?: boolean;
}

export type Taken = "taken" | "failed" | "refused";

const ORIGIN = "eventgrid.azure.net";
/** @source Event Grid message delivery and retry */
const SUCCESS = [200, 201, 202, 203, 204];
const NEVER_AGAIN = [400, 413];
const echoed = z.object({ validationResponse: z.string() });

const post = (webhook: Webhook, kind: string, body: unknown, contentType: string) =>
  fetch(webhook.url, {
    method: "POST",
    headers: { "content-type": contentType, "aeg-event-type": kind, "aeg-subscription-name": webhook.name },
    body: JSON.stringify(body),
  });

async function validateEventGrid(webhook: Webhook, topic: string, now: Date): Promise<void> {
  const validationCode = randomUUID();
  const event = {
    id: randomUUID(),
    topic,
    subject: "",
    data: { validationCode, validationUrl: `https://${ORIGIN}:553/validate` },
    eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
    eventTime: now.toISOString(),
    metadataVersion: "1",
    dataVersion: "2",
  };
  const response = await post(webhook, "SubscriptionValidation", [event], "application/json");
  const answer = echoed.safeParse(response.status === 200 ? await response.json() : undefined);
  if (answer.data?.validationResponse === validationCode) return;
  throw new Error(`${webhook.url} did not echo the validation code with 200 (HTTP ${response.status})`);
}

async function validateCloudEvents(webhook: Webhook): Promise<void> {
  const response = await fetch(webhook.url, { method: "OPTIONS", headers: { "WebHook-Request-Origin": ORIGIN } });
  const allowed = response.headers.get("WebHook-Allowed-Origin");
  if (response.status === 200 && (allowed === ORIGIN || allowed === "*")) return;
  throw new Error(`${webhook.url} does not allow ${ORIGIN} (HTTP ${response.status}, ${allowed})`);
}

/**
 * Makes the subscription; then the answer delivers.
 * @throws Error when the endpoint does not pass the handshake
 * @source Webhook event delivery; CloudEvents HTTP 1.1 Web Hooks
 */
export async function subscribeWebhook(
  webhook: Webhook,
  { topic, now }: { readonly topic: string; readonly now: () => Date },
): Promise<(events: readonly GridEvent[]) => Promise<Taken>> {
  const cloud = webhook.schema === "CloudEventSchemaV1_0";
  if (cloud) await validateCloudEvents(webhook);
  else await validateEventGrid(webhook, topic, now());
  return async (events) => {
    const shaped = cloud ? events.map(asCloudEvent) : events;
    const body = cloud && !webhook.batched ? shaped[0] : shaped;
    const batch = webhook.batched ? "application/cloudevents-batch+json" : "application/cloudevents+json";
    const response = await post(webhook, "Notification", body, cloud ? batch : "application/json");
    await response.arrayBuffer();
    if (SUCCESS.includes(response.status)) return "taken";
    return NEVER_AGAIN.includes(response.status) ? "refused" : "failed";
  };
}
