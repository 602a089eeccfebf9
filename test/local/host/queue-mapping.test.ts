/** The event source mapping: what a function's answer lets go, what comes again, and how many batches run at once. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { test } from "node:test";
import { noSuchQueue } from "../../../infra/local/aws/errors.ts";
import { virtualClock } from "../../../infra/local/clock.ts";
import type { Lambda } from "../../../infra/local/host/lambda.ts";
import { InvocationError } from "../../../infra/local/host/lambda.ts";
import { doneMessages, mapQueue } from "../../../infra/local/host/queue-mapping.ts";
import { createIds } from "../../../infra/local/ids.ts";
import { createQueues } from "../../../infra/local/queues.ts";

const batches: { name: string; answer: unknown; done: readonly string[] }[] = [
  { name: "no answer: all are done", answer: undefined, done: ["m-1", "m-2"] },
  { name: "no failures: all are done", answer: { batchItemFailures: [] }, done: ["m-1", "m-2"] },
  { name: "one failed: the other is done", answer: { batchItemFailures: [{ itemIdentifier: "m-1" }] }, done: ["m-2"] },
  { name: "an unknown id: nothing is done", answer: { batchItemFailures: [{ itemIdentifier: "m-9" }] }, done: [] },
  { name: "a null id: nothing is done", answer: { batchItemFailures: [{ itemIdentifier: null }] }, done: [] },
  { name: "failures that are no list: nothing is done", answer: { batchItemFailures: "m-1" }, done: [] },
];
for (const { name, answer, done } of batches) {
  test(`batch: ${name}`, () => deepStrictEqual(doneMessages(["m-1", "m-2"], answer), done));
}

interface Delivered {
  readonly messageId: string;
  readonly body: string;
}

function aQueue(answer: (records: readonly Delivered[]) => Promise<unknown>, maximumConcurrency = 2) {
  const clock = virtualClock(new Date(0), 1);
  const queues = createQueues(clock, createIds("queue"), noSuchQueue);
  queues.create("dead");
  queues.create("keys", { visibilitySeconds: 30, redrive: { queue: "dead", maxReceiveCount: 3 } });
  const seen: string[] = [];
  const lambda: Lambda = {
    name: "drain-continued",
    invoke: async (event) => {
      const { Records } = event as { readonly Records: readonly Delivered[] };
      seen.push(`${clock.now().getTime() / 1000}s ${Records.map(({ body }) => body).join(",")}`);
      return answer(Records);
    },
  };
  const mapping = { queue: "keys", queueArn: "arn:aws:sqs:eu-west-1:1:keys", batchSize: 10, maximumConcurrency };
  return { clock, queues, seen, start: () => mapQueue(lambda, mapping, queues) };
}

test("messages that wait come in one batch of ten at the most", async () => {
  const { clock, queues, seen, start } = aQueue(async () => undefined);
  for (let n = 1; n <= 12; n++) queues.send("keys", { body: `${n}` });
  start();
  await clock.run({ maxSeconds: 1 });
  deepStrictEqual(seen, ["0s 1,2,3,4,5,6,7,8,9,10", "0s 11,12"]);
  deepStrictEqual(queues.counts("keys"), { visible: 0, inFlight: 0, delayed: 0 });
});

test("a poisoned message comes again alone and ends in the dead-letter queue", async () => {
  const failing = async (records: readonly Delivered[]) => ({
    batchItemFailures: records
      .filter(({ body }) => body === "bad")
      .map(({ messageId }) => ({ itemIdentifier: messageId })),
  });
  const { clock, queues, seen, start } = aQueue(failing);
  for (const body of ["good", "bad", "fine"]) queues.send("keys", { body });
  start();
  await clock.run({ maxSeconds: 100 });
  deepStrictEqual(seen, ["0s good,bad,fine", "30s bad", "60s bad"]);
  strictEqual(queues.counts("dead").visible, 1);
});

test("a thrown error brings the whole batch back after the visibility timeout", async () => {
  let asked = 0;
  const { clock, queues, seen, start } = aQueue(async () => {
    asked++;
    if (asked === 1) throw new InvocationError("failed", "no");
  });
  for (const body of ["a", "b"]) queues.send("keys", { body });
  start();
  await clock.run({ maxSeconds: 40 });
  deepStrictEqual(seen, ["0s a,b", "30s a,b"]);
});

test("a delayed message waits, and a stopped mapping takes nothing more", async () => {
  const { clock, queues, seen, start } = aQueue(async () => undefined);
  const stop = start();
  queues.send("keys", { body: "later", delaySeconds: 20 });
  await clock.run({ maxSeconds: 25 });
  stop();
  queues.send("keys", { body: "never" });
  await clock.run({ maxSeconds: 5 });
  deepStrictEqual(seen, ["20s later"]);
});

test("no more batches run at once than the mapping allows", async () => {
  let running = 0;
  let most = 0;
  const { clock, queues, start } = aQueue(async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  });
  for (let n = 1; n <= 45; n++) queues.send("keys", { body: `${n}` });
  start();
  await clock.run({ maxSeconds: 2 });
  strictEqual(most, 2);
  deepStrictEqual(queues.counts("keys"), { visible: 0, inFlight: 0, delayed: 0 });
});
