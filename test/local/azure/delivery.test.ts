/** Service Bus by REST and Event Grid to webhooks, as clients and endpoints see them. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { subscribeWebhook, type Webhook } from "../../../infra/local/azure/webhook.ts";
import { realClock } from "../../../infra/local/clock.ts";
import { type Exchange, listen, type Reply } from "../../../infra/local/listen.ts";
import { CLIENT, type Rig, startRig } from "./rig.ts";

interface Sent {
  readonly path?: string;
  readonly body?: string;
  readonly properties?: unknown;
  readonly scope?: string;
}

async function send(rig: Rig, { path = "/looks/messages", body = "{}", properties, scope }: Sent = {}) {
  const { token } = await rig.azure.credential(CLIENT).getToken(scope ?? "https://servicebus.azure.net/.default");
  const response = await fetch(`${rig.azure.serviceBusEndpoint}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      ...(properties !== undefined && {
        BrokerProperties: typeof properties === "string" ? properties : JSON.stringify(properties),
      }),
    },
    body,
  });
  return { status: response.status, text: await response.text() };
}

async function withQueue(context: Parameters<typeof startRig>[0]): Promise<Rig> {
  const rig = await startRig(context);
  rig.cloud.bus.create("looks", { lockSeconds: 60, maxDeliveryCount: 2 });
  return rig;
}

test("a message with a time is scheduled for it", async (context) => {
  const rig = await withQueue(context);
  const at = new Date(rig.clock.now().getTime() + 45_000).toUTCString();
  const sent = await send(rig, { body: '{"name":"a"}', properties: { ScheduledEnqueueTimeUtc: at, MessageId: "a" } });
  strictEqual(sent.status, 201);
  const { queues } = rig.cloud.bus;
  deepStrictEqual(queues.counts("looks"), { visible: 0, inFlight: 0, delayed: 1 });
  await rig.pass(46);
  deepStrictEqual(
    queues.receive("looks", 1).map(({ body, receiveCount }) => [body, receiveCount]),
    [['{"name":"a"}', 1]],
  );
  strictEqual(rig.azure.calls.at(-1)?.what, "Microsoft.ServiceBus/namespaces/messages/send/action");
});

const refusals: readonly {
  readonly name: string;
  readonly sent: Sent;
  readonly status: number;
  readonly says: RegExp;
}[] = [
  { name: "an unknown queue", sent: { path: "/nope/messages" }, status: 404, says: /'nope' could not be found/ },
  {
    name: "a token for another service",
    sent: { scope: "https://management.azure.com/.default" },
    status: 401,
    says: /not for this service/,
  },
  { name: "properties that are no JSON", sent: { properties: "{" }, status: 400, says: /BrokerProperties/ },
  {
    name: "a time that is none",
    sent: { properties: { ScheduledEnqueueTimeUtc: "soon" } },
    status: 400,
    says: /no time/,
  },
  { name: "a message that is too large", sent: { body: "x".repeat(300_000) }, status: 413, says: /larger than/ },
];
for (const { name, sent, status, says } of refusals) {
  test(`Service Bus refuses ${name}`, async (context) => {
    const answer = await send(await withQueue(context), sent);
    strictEqual(answer.status, status);
    match(answer.text, says);
  });
}

test("an identity may send only with the right to, and a fault hits the bus alone", async (context) => {
  const rig = await withQueue(context);
  rig.azure.inject({ service: "servicebus", times: 1, code: "50002", status: 503 });
  deepStrictEqual([(await send(rig)).status, (await send(rig)).status], [503, 201]);
  rig.cloud.roles.grant(CLIENT, []);
  strictEqual((await send(rig)).status, 403);
});

test("a lock that is not ended in time gives the message back, and the last one makes a dead letter", async (context) => {
  const rig = await withQueue(context);
  await send(rig);
  const { queues } = rig.cloud.bus;
  strictEqual(queues.receive("looks", 1).length, 1);
  strictEqual(queues.receive("looks", 1).length, 0);
  await rig.pass(61);
  strictEqual(queues.receive("looks", 1)[0]?.receiveCount, 2);
  await rig.pass(61);
  deepStrictEqual([queues.receive("looks", 1).length, queues.counts("looks/$deadletterqueue").visible], [0, 1]);
});

async function endpoint(context: Parameters<typeof startRig>[0], answer: (exchange: Exchange, body: string) => Reply) {
  const seen: unknown[] = [];
  const door = await listen({ clock: realClock(), commonName: "webhook" }, async (exchange) => {
    const body = await exchange.body();
    seen.push(body === "" ? exchange.method : JSON.parse(body));
    return answer(exchange, body);
  });
  context.after(() => door.close());
  return { url: door.endpoint, seen };
}

const reply = (status: number, body: unknown = "", headers = {}): Reply => ({
  status,
  headers,
  body: JSON.stringify(body),
});
const echo = (_: Exchange, body: string): Reply => {
  const [event] = [JSON.parse(body)].flat();
  const validationResponse = event.data?.validationCode;
  return validationResponse ? reply(200, { validationResponse }) : reply(200);
};
const about = (rig: Rig) => ({ topic: "/subscriptions/s", now: () => rig.clock.now() });
const webhook = (url: string, schema: Webhook["schema"], batched = false): Webhook => ({
  url,
  schema,
  name: "w",
  batched,
});

test("a webhook of the Event Grid schema echoes the code, then gets arrays", async (context) => {
  const rig = await startRig(context);
  const { url, seen } = await endpoint(context, echo);
  const deliver = await subscribeWebhook(webhook(url, "EventGridSchema"), about(rig));
  const event = rig.cloud.emit({ subject: "/s", eventType: "Changed", data: { a: 1 } });
  deepStrictEqual([await deliver([event]), seen.at(-1)], ["taken", [{ ...event }]]);
});

test("a webhook of CloudEvents allows the origin, then gets one object, or an array in batches", async (context) => {
  const rig = await startRig(context);
  const allow = { "WebHook-Allowed-Origin": "eventgrid.azure.net" };
  const { url, seen } = await endpoint(context, () => reply(200, "", allow));
  const event = rig.cloud.emit({ subject: "/s", eventType: "Changed", data: { a: 1 } });
  for (const batched of [false, true]) {
    const deliver = await subscribeWebhook(webhook(url, "CloudEventSchemaV1_0", batched), about(rig));
    strictEqual(await deliver([event]), "taken");
    deepStrictEqual(Array.isArray(seen.at(-1)), batched);
  }
});

test("an endpoint that does not pass the handshake gets no subscription", async (context) => {
  const rig = await startRig(context);
  const { url } = await endpoint(context, () => reply(202, { validationResponse: "guess" }));
  await rejects(subscribeWebhook(webhook(url, "EventGridSchema"), about(rig)), /did not echo/);
  await rejects(subscribeWebhook(webhook(url, "CloudEventSchemaV1_0"), about(rig)), /does not allow/);
});

test("what the endpoint answers decides: taken, again, or never again", async (context) => {
  const rig = await startRig(context);
  let status = 200;
  const { url } = await endpoint(context, (exchange, body) => (status === 200 ? echo(exchange, body) : reply(status)));
  const deliver = await subscribeWebhook(webhook(url, "EventGridSchema"), about(rig));
  const event = rig.cloud.emit({ subject: "/s", eventType: "Changed", data: {} });
  const answers: string[] = [];
  for (status of [202, 500, 404, 400, 413]) answers.push(await deliver([event]));
  deepStrictEqual(answers, ["taken", "failed", "failed", "refused", "refused"]);
});
