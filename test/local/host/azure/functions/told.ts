/** Function apps that tell what they were called with, as a test of the host needs them. */
import { app, type HttpRequest, type InvocationContext, type Timer } from "@azure/functions";

let loaded = 0;
const calls = () => ++loaded;

const say = (context: InvocationContext, what: Readonly<Record<string, unknown>>) =>
  context.log(JSON.stringify({ calls: calls(), colour: process.env.COLOUR, ...what }));

const failing = (message: unknown): boolean => JSON.stringify(message).includes("fail");

app.http("http-told", {
  route: "told",
  methods: ["POST"],
  authLevel: "anonymous",
  handler: async (request: HttpRequest, context: InvocationContext) => {
    const body = await request.text();
    say(context, { body, header: request.headers.get("x-who"), query: request.query.get("q") });
    if (failing(body)) throw new Error("told to fail");
    return { status: 202, jsonBody: { heard: body }, headers: { "x-answer": "yes" } };
  },
});

app.serviceBusQueue("queue-told", {
  connection: "ServiceBus",
  queueName: "looks",
  handler: (message: unknown, context: InvocationContext) => {
    const { deliveryCount, messageId } = context.triggerMetadata ?? {};
    say(context, { message, deliveryCount, hasId: typeof messageId === "string" });
    if (failing(message)) throw new Error("told to fail");
  },
});

app.eventGrid("event-told", {
  handler: (event: unknown, context: InvocationContext) => {
    say(context, { event });
    if (failing(event)) throw new Error("told to fail");
  },
});

app.timer("timer-told", {
  schedule: "0 * * * * *",
  handler: (timer: Timer, context: InvocationContext) => say(context, { late: timer.isPastDue }),
});
