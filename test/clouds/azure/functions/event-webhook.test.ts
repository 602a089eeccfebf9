/** Event Grid over HTTP: it gets 200 for all that was understood, so that no storm of retries begins. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HttpRequest, type HttpRequestBodyInit, InvocationContext } from "@azure/functions";
import { eventWebhook } from "../../../../functions/azure/runtime/event-webhook.ts";
import { loadFunction } from "../../../../infra/local/host/azure/worker.ts";
import { runInside } from "../../../../infra/local/host/sandbox.ts";
import { ROOT } from "../../clusters.ts";
import { fixture } from "../fixture.ts";

const context = new InvocationContext({ functionName: "scheduled-event-emitted-webhook", invocationId: "1" });
const taken: unknown[] = [];
const answer = eventWebhook(async (events) => {
  if (JSON.stringify(events).includes("poison")) throw new Error("the API server does not answer");
  taken.push(events);
});
const ask = (method: string, headers: Record<string, string>, body?: HttpRequestBodyInit) =>
  answer(
    new HttpRequest({
      method,
      url: "https://f.azurewebsites.net/api/scheduled-event-emitted",
      headers,
      ...(body && { body }),
    }),
    context,
  );
const post = (events: unknown) =>
  ask("POST", { "content-type": "application/json" }, { string: JSON.stringify(events) });

before(() => void taken.splice(0));
after(() => void taken.splice(0));

test("the handshake of the Event Grid schema is answered with the code", async () => {
  const { status, jsonBody } = await post([fixture("subscription-validation")]);
  assert.equal(status, 200);
  assert.deepEqual(jsonBody, { validationResponse: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6" });
});

test("the handshake of CloudEvents is answered with the origin", async () => {
  const { status, headers } = await ask("OPTIONS", { "webhook-request-origin": "eventgrid.azure.net" });
  assert.equal(status, 200);
  assert.equal(new Headers(headers as Record<string, string>).get("webhook-allowed-origin"), "eventgrid.azure.net");
});

test("a batch, and a single CloudEvent, are handed on as events and answered with 200", async () => {
  const batch = [fixture("terminate-scheduled"), fixture("aks-maintenance")];
  assert.equal((await post(batch)).status, 200);
  assert.equal((await post(fixture("terminate-cloud-event"))).status, 200);
  assert.deepEqual(taken, [batch, [fixture("terminate-cloud-event")]]);
});

test("an event that could not be handled comes again", () =>
  assert.rejects(post([{ poison: true }]), /does not answer/));

test("what is no JSON is refused for good", async () => {
  assert.equal((await ask("POST", {}, { string: "{" })).status, 400);
  assert.equal((await ask("POST", {})).status, 400);
});

test("it is there only where the deployment asks for it", async () => {
  for (const [environment, there] of [
    [{}, false],
    [{ LIFEGUARD_EVENT_WEBHOOK: "true" }, true],
  ] as const) {
    const inside = { environment, now: () => new Date(), write: () => {}, mayCall: () => true };
    const load = runInside(inside, () =>
      loadFunction(ROOT, "functions/azure/scheduled-event-emitted.ts", "scheduled-event-emitted-webhook"),
    );
    assert.equal(
      await load.then(
        ({ trigger }) => trigger.authLevel === "function",
        () => false,
      ),
      there,
    );
  }
});
