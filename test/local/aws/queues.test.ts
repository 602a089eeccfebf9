/** SQS through the SDK: delay, visibility, long polls, batches, redrive and doubled messages. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { jumpClock } from "./jump-clock.ts";
import { only, type Rig, startRig } from "./rig.ts";

async function startQueue(rig: Rig, Attributes: Record<string, string> = {}) {
  await rig.sqs.send(new CreateQueueCommand({ QueueName: "dead" }));
  await rig.sqs.send(new CreateQueueCommand({ QueueName: "work", Attributes }));
  const { QueueUrl } = await rig.sqs.send(new GetQueueUrlCommand({ QueueName: "work" }));
  const receive = async (
    more: { WaitTimeSeconds?: number; VisibilityTimeout?: number; MaxNumberOfMessages?: number } = {},
  ) => {
    const { Messages = [] } = await rig.sqs.send(new ReceiveMessageCommand({ QueueUrl, ...more }));
    return Messages;
  };
  const bodies = async () => (await receive({ MaxNumberOfMessages: 10 })).map(({ Body }) => Body);
  const send = (MessageBody: string, DelaySeconds?: number) =>
    rig.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
  return { QueueUrl, receive, bodies, send };
}

test("a delayed message comes when its delay is over and not before", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T08:00:00Z")));
  const { send, bodies } = await startQueue(rig);
  await send("later", 900);
  await rig.pass(899);
  deepStrictEqual(await bodies(), []);
  await rig.pass(1);
  deepStrictEqual(await bodies(), ["later"]);
});

test("the queue's own delay holds for messages without one", async (context) => {
  const rig = await startRig(context);
  const { send, bodies } = await startQueue(rig, { DelaySeconds: "5" });
  await send("slow");
  await send("fast", 0);
  deepStrictEqual(await bodies(), ["fast"]);
  await rig.pass(5);
  deepStrictEqual(await bodies(), ["slow"]);
});

test("a received message hides, comes again with a higher count, and is gone once deleted", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, send, receive } = await startQueue(rig, { VisibilityTimeout: "10" });
  await send("once");
  const first = only(await receive());
  strictEqual(first.Attributes?.ApproximateReceiveCount, "1");
  deepStrictEqual(await receive(), []);
  await rig.pass(10);
  const again = only(await receive());
  strictEqual(again.Attributes?.ApproximateReceiveCount, "2");
  await rig.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again.ReceiptHandle }));
  await rig.pass(11);
  deepStrictEqual(await receive(), []);
});

test("an old receipt no longer deletes or changes anything", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, send, receive } = await startQueue(rig);
  await send("twice");
  const first = only(await receive({ VisibilityTimeout: 0 }));
  only(await receive({ VisibilityTimeout: 0 }));
  const ReceiptHandle = first.ReceiptHandle;
  await rig.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  strictEqual((await receive()).length, 1);
  await rejects(rig.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 })), {
    name: "ReceiptHandleIsInvalid",
  });
});

test("visibility can be given back or drawn out", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, send, receive } = await startQueue(rig);
  await send("mine");
  const hide = async (VisibilityTimeout: number, ReceiptHandle: string | undefined) =>
    rig.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
  await hide(0, only(await receive()).ReceiptHandle);
  await hide(40, only(await receive()).ReceiptHandle);
  await rig.pass(39);
  deepStrictEqual(await receive(), []);
  await rig.pass(1);
  strictEqual((await receive()).length, 1);
});

test("a long poll answers when a message comes, or empty when its time is up; time passes meanwhile", async (context) => {
  const rig = await startRig(context);
  const { send, receive } = await startQueue(rig);
  const waits = async () => {
    const started = rig.clock.now().getTime();
    let done = false;
    const polled = receive({ WaitTimeSeconds: 20 }).finally(() => {
      done = true;
    });
    await rig.clock.run({ maxSeconds: 120, done: () => done });
    return { got: (await polled).length, afterSeconds: (rig.clock.now().getTime() - started) / 1000 };
  };
  await send("soon", 7);
  const first = await waits();
  strictEqual(first.got, 1);
  strictEqual(first.afterSeconds >= 7 && first.afterSeconds < 20, true);
  const second = await waits();
  strictEqual(second.got, 0);
  strictEqual(second.afterSeconds >= 20, true);
});

test("after its last allowed receive a message moves to the dead-letter queue", async (context) => {
  const rig = await startRig(context);
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: "arn:aws:sqs:eu-west-1:210987654321:dead",
    maxReceiveCount: 2,
  });
  const { send, receive } = await startQueue(rig, { RedrivePolicy });
  await send("poison");
  for (const _ of [1, 2]) strictEqual((await receive({ VisibilityTimeout: 0 })).length, 1);
  deepStrictEqual(await receive(), []);
  deepStrictEqual(
    rig.cloud.queues.receive("dead", 10).map(({ body }) => body),
    ["poison"],
  );
});

test("the counts tell visible, in flight and delayed apart", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, send, receive } = await startQueue(rig);
  for (const body of ["a", "b", "c"]) await send(body);
  await send("later", 60);
  await receive();
  const AttributeNames = ["All" as const];
  const { Attributes } = await rig.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  deepStrictEqual(Attributes, {
    QueueArn: "arn:aws:sqs:eu-west-1:210987654321:work",
    ApproximateNumberOfMessages: "2",
    ApproximateNumberOfMessagesNotVisible: "1",
    ApproximateNumberOfMessagesDelayed: "1",
    VisibilityTimeout: "30",
  });
});

test("of a batch some entries may fail while the others are taken", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, bodies, receive } = await startQueue(rig, { VisibilityTimeout: "0" });
  rig.aws.inject({
    service: "sqs",
    action: "SendMessage",
    match: { Id: "2" },
    times: 1,
    code: "InternalError",
    status: 500,
  });
  const Entries = ["1", "2", "3"].map((Id) => ({ Id, MessageBody: `body ${Id}` }));
  const { Successful = [], Failed = [] } = await rig.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  deepStrictEqual(
    Successful.map(({ Id }) => Id),
    ["1", "3"],
  );
  deepStrictEqual(
    Failed.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
    [["2", "InternalError", false]],
  );
  deepStrictEqual(await bodies(), ["body 1", "body 3"]);
  const receipts = (await receive({ MaxNumberOfMessages: 10 })).map(({ ReceiptHandle }, index) => ({
    Id: String(index),
    ReceiptHandle,
  }));
  await rig.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: receipts }));
  deepStrictEqual(await bodies(), []);
});

test("a batch of eleven is refused whole", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, bodies } = await startQueue(rig);
  const Entries = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: "x" }));
  await rejects(rig.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })), {
    name: "TooManyEntriesInBatchRequest",
  });
  deepStrictEqual(await bodies(), []);
});

test("a doubled message comes twice under one id", async (context) => {
  const rig = await startRig(context);
  const { send, receive } = await startQueue(rig);
  rig.cloud.queues.duplicate("work", 1);
  await send("twin");
  await send("single");
  const got = await receive({ MaxNumberOfMessages: 10 });
  deepStrictEqual(
    got.map(({ Body }) => Body),
    ["twin", "twin", "single"],
  );
  strictEqual(got[0]?.MessageId, got[1]?.MessageId);
});

test("whoever listens hears of a message when it becomes visible, again after its visibility timeout", async (context) => {
  const rig = await startRig(context);
  const { send, receive } = await startQueue(rig, { VisibilityTimeout: "10" });
  const heard: number[] = [];
  const started = rig.clock.now().getTime();
  rig.cloud.queues.onMessage(() => void heard.push((rig.clock.now().getTime() - started) / 1000));
  await send("later", 5);
  await rig.pass(5);
  await receive();
  await rig.pass(10);
  deepStrictEqual(heard, [5, 15]);
});
