/** Keys through SQS: on the wire, with a delay, in batches, and back again. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SQSClient } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import type { Key, KeyQueue } from "../../../lib/api/key.ts";
import { delaySeconds, keyQueue } from "../../../lib/providers/aws/requeue.ts";
import { readKey } from "../../../lib/providers/key-text.ts";
import { startAwsRig } from "./rig.ts";

const key = (name: string): Key => ({ kind: "InstanceTermination", namespace: "team-a", name });
let rig: Awaited<ReturnType<typeof startAwsRig>>;
let queue: KeyQueue;
before(async () => {
  rig = await startAwsRig();
  rig.aws.cloud.queues.create("looks");
  queue = keyQueue(new SQSClient(rig.options), `${rig.aws.endpoint}/${rig.aws.cloud.accountId}/looks`);
});
after(() => rig.close());
const received = () => rig.aws.cloud.queues.receive("looks", 100, 0).map(({ body }) => readKey(body));
const clear = () => {
  for (const { receipt } of rig.aws.cloud.queues.receive("looks", 100))
    rig.aws.cloud.queues.delete("looks", receipt ?? "");
};

test("a key comes back after its delay, and not before", async () => {
  await queue.again(key("a"), 20);
  rig.clock.advance(19);
  assert.deepEqual(received(), []);
  rig.clock.advance(1);
  assert.deepEqual(received(), [key("a")]);
  clear();
});

test("a delay beyond SQS's limit comes back at the limit", async () => {
  await queue.again(key("b"), 86_400);
  rig.clock.advance(900);
  assert.deepEqual(received(), [key("b")]);
  clear();
});

const delays: [number, number][] = [
  [0, 0],
  [-5, 0],
  [0.2, 1],
  [14.5, 15],
  [900, 900],
  [901, 900],
  [Number.POSITIVE_INFINITY, 900],
];
for (const [wanted, given] of delays) {
  test(`a wish of ${wanted} s is a delay of ${given} s`, () => assert.equal(delaySeconds(wanted), given));
}

test("many keys go in batches of ten", async () => {
  const keys = Array.from({ length: 23 }, (_, index) => key(`many-${index}`));
  const before = rig.aws.calls.length;
  await queue.sendAll(keys);
  assert.equal(rig.aws.calls.length - before, 3);
  assert.deepEqual(received(), keys);
  clear();
});

test("no keys are no call", async () => {
  const before = rig.aws.calls.length;
  await queue.sendAll([]);
  assert.equal(rig.aws.calls.length, before);
});

test("a batch that is taken in part is an error, so that it is sent again", async () => {
  rig.aws.inject({ service: "sqs", action: "SendMessage", code: "InternalError", status: 500, times: 1 });
  await assert.rejects(queue.sendAll([key("c"), key("d")]), /1 of 2 messages refused/);
  clear();
});

test("a queue that does not exist is not found", async () => {
  const lost = keyQueue(new SQSClient(rig.options), `${rig.aws.endpoint}/${rig.aws.cloud.accountId}/nowhere`);
  await assert.rejects(lost.again(key("e"), 0), { kind: "not-found" });
});

const bodies: [string, Key | undefined][] = [
  [JSON.stringify(key("a")), key("a")],
  [JSON.stringify({ ...key("a"), namespace: "" }), { ...key("a"), namespace: "" }],
  [JSON.stringify({ ...key("a"), name: "" }), undefined],
  [JSON.stringify({ ...key("a"), more: 1 }), undefined],
  ["{}", undefined],
  ["null", undefined],
  ["", undefined],
  ["{", undefined],
];
for (const [body, want] of bodies) {
  test(`the body ${body || "(empty)"} carries ${want ? "a key" : "none"}`, () => assert.deepEqual(readKey(body), want));
}
test("no body makes the reader throw", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (body) => void readKey(body)));
});
