/** Keys through a Service Bus queue: due when they should be, refused in words. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { KeyQueue } from "../../../lib/api/key.ts";
import { keyQueue, SERVICE_BUS_SCOPE } from "../../../lib/providers/azure/requeue.ts";
import { restClient } from "../../../lib/providers/azure/rest.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import { readKey } from "../../../lib/providers/key-text.ts";
import { type AzureRig, startAzureRig } from "./rig.ts";

const KEY = { kind: "InstanceTermination", namespace: "team-a", name: "workers-a-4" };
let rig: AzureRig;
let queue: KeyQueue;
const open = (name: string) => {
  const credential = rig.azure.credential("66666666-7777-4888-9999-aaaaaaaaaaaa");
  const bus = restClient({ endpoint: rig.azure.serviceBusEndpoint, scope: SERVICE_BUS_SCOPE, credential });
  return keyQueue({ bus, queue: name, now: () => rig.clock.now() });
};
before(async () => {
  rig = await startAzureRig();
  rig.cloud.bus.create("looks", { lockSeconds: 60, maxDeliveryCount: 5 });
  queue = open("looks");
});
after(() => rig.close());

const received = () =>
  rig.cloud.bus.queues.receive("looks", 100).map(({ body, receipt }) => {
    rig.cloud.bus.queues.delete("looks", receipt ?? "");
    return readKey(body);
  });

test("a key comes back when its delay is over, not before", async () => {
  await queue.again(KEY, 40);
  rig.clock.advance(38);
  assert.deepEqual(received(), []);
  rig.clock.advance(3);
  assert.deepEqual(received(), [KEY]);
});

test("a key without delay is there at once, and many are all there", async () => {
  await queue.again(KEY, 0);
  const keys = Array.from({ length: 23 }, (_, index) => ({ ...KEY, name: `k-${index}` }));
  await queue.sendAll(keys);
  assert.equal(received().length, 24);
});

test("a delay of hours is kept", async () => {
  await queue.again(KEY, 7200);
  rig.clock.advance(7190);
  assert.deepEqual(received(), []);
  rig.clock.advance(20);
  assert.equal(received().length, 1);
});

test("no keys, no call", async () => {
  const before = rig.azure.calls.length;
  await queue.sendAll([]);
  assert.equal(rig.azure.calls.length, before);
});

test("a queue that is not there is said, with what a role must allow", () =>
  assert.rejects(
    open("nowhere").again(KEY, 0),
    (error: unknown) =>
      error instanceof ProviderError &&
      error.kind === "not-found" &&
      error.message.includes("Microsoft.ServiceBus/namespaces/messages/send/action"),
  ));

test("a refusal of the queue is trouble that passes", async () => {
  rig.azure.inject({ service: "servicebus", code: "503", status: 503, times: 1 });
  await assert.rejects(
    queue.again(KEY, 0),
    (error: unknown) => error instanceof ProviderError && error.kind === "unavailable",
  );
});
