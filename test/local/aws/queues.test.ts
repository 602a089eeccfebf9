/** Queues: what our functions send through the SDK, and what receivers see of it. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { QueueSettings } from "../../../infra/local/queues.ts";
import { jumpClock } from "./jump-clock.ts";
import { only, type Rig, startRig } from "./rig.ts";

function startQueue({ cloud, aws, sqs }: Rig, settings: Partial<QueueSettings> = {}) {
  const { queues, accountId } = cloud;
  queues.create("dead");
  queues.create("work", settings);
  const QueueUrl = `${aws.endpoint}/${accountId}/work`;
  const receive = (hiddenSeconds?: number) => queues.receive("work", 10, hiddenSeconds);
  const bodies = () => receive().map(({ body }) => body);
  const send = (MessageBody: string, DelaySeconds?: number) =>
    sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, DelaySeconds }));
  return { QueueUrl, queues, receive, bodies, send };
}

test("a delayed message comes when its delay is over and not before", async (context) => {
  const rig = await startRig(context, jumpClock(new Date("2026-11-20T08:00:00Z")));
  const { send, bodies } = startQueue(rig);
  await send("later", 900);
  await rig.pass(899);
  deepStrictEqual(bodies(), []);
  await rig.pass(1);
  deepStrictEqual(bodies(), ["later"]);
});

test("a received message hides, comes again with a higher count, and is gone once deleted", async (context) => {
  const rig = await startRig(context);
  const { queues, send, receive } = startQueue(rig, { visibilitySeconds: 10 });
  await send("once");
  strictEqual(only(receive()).receiveCount, 1);
  deepStrictEqual(receive(), []);
  await rig.pass(10);
  const { receiveCount, receipt = "" } = only(receive());
  strictEqual(receiveCount, 2);
  strictEqual(queues.delete("work", receipt), true);
  await rig.pass(11);
  deepStrictEqual(receive(), []);
});

test("an old receipt no longer deletes anything", async (context) => {
  const { queues, send, receive } = startQueue(await startRig(context));
  await send("twice");
  const { receipt = "" } = only(receive(0));
  only(receive(0));
  strictEqual(queues.delete("work", receipt), false);
  strictEqual(receive().length, 1);
});

test("after its last allowed receive a message moves to the dead-letter queue", async (context) => {
  const rig = await startRig(context);
  const { queues, send, receive } = startQueue(rig, { redrive: { queue: "dead", maxReceiveCount: 2 } });
  await send("poison");
  for (const _ of [1, 2]) strictEqual(receive(0).length, 1);
  deepStrictEqual(receive(), []);
  deepStrictEqual(
    queues.receive("dead", 10).map(({ body }) => body),
    ["poison"],
  );
});

test("the counts tell visible, in flight and delayed apart", async (context) => {
  const { queues, send } = startQueue(await startRig(context));
  for (const body of ["a", "b", "c"]) await send(body);
  await send("later", 60);
  queues.receive("work", 1);
  deepStrictEqual(queues.counts("work"), { visible: 2, inFlight: 1, delayed: 1 });
});

test("of a batch some entries may fail while the others are taken", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, bodies } = startQueue(rig);
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
  deepStrictEqual(bodies(), ["body 1", "body 3"]);
});

test("a batch of eleven is refused whole", async (context) => {
  const rig = await startRig(context);
  const { QueueUrl, bodies } = startQueue(rig);
  const Entries = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: "x" }));
  await rejects(rig.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })), {
    name: "TooManyEntriesInBatchRequest",
  });
  deepStrictEqual(bodies(), []);
});

test("whoever listens hears of a message when it becomes visible, again after its visibility timeout", async (context) => {
  const rig = await startRig(context);
  const { queues, send, receive } = startQueue(rig, { visibilitySeconds: 10 });
  const heard: number[] = [];
  const started = rig.clock.now().getTime();
  queues.onMessage(() => void heard.push((rig.clock.now().getTime() - started) / 1000));
  await send("later", 5);
  await rig.pass(5);
  receive();
  await rig.pass(10);
  deepStrictEqual(heard, [5, 15]);
});
