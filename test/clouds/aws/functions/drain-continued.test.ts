/** The queue worker: one pass per key until nothing is left to do, and what a bad message or a bad day does to it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Key } from "../../../../lib/api/key.ts";
import { nodes } from "../../../../lib/api/kubernetes/node.ts";
import { instanceTerminations } from "../../../../lib/api/lifecycle/instance-termination.ts";
import { batchOf, failuresOf } from "./batch.ts";
import { type Harness, type Invoked, metricsOf, outcomesOf, POOL_QUEUE, startHarness } from "./harness.ts";
import { NAMESPACE, POOL, type StagedInstance, setStage, takeOut } from "./stage.ts";

let harness: Harness;
let instances: readonly StagedInstance[];
let notice: (event: unknown) => Promise<Invoked>;
let invoke: (event: unknown) => Promise<Invoked>;
let sweep: (event: unknown) => Promise<Invoked>;
before(async () => {
  harness = await startHarness();
  instances = await setStage(harness, 7);
  notice = await harness.load("asg-instance-terminating");
  invoke = await harness.load("drain-continued");
  sweep = await harness.load("overdue-swept");
});
after(() => harness.close());

const instance = (index: number): StagedInstance => {
  const found = instances[index];
  assert.ok(found);
  return found;
};
const keyOf = ({ id }: StagedInstance): Key => ({
  kind: instanceTerminations.kind,
  namespace: NAMESPACE,
  name: `${POOL}-${id}`,
});
const bodyOf = (one: StagedInstance) => JSON.stringify(keyOf(one));
const terminationOf = async (one: StagedInstance) =>
  (await harness.terminations()).find(({ metadata }) => metadata.name === keyOf(one).name);
const waitsFor = ({ id }: StagedInstance) => harness.aws.cloud.waiting().some(({ instanceId }) => instanceId === id);

/** As SQS, the clock and the schedule would do it: keys come back, and the sweep brings those that are promised a look. */
async function nextKeys(): Promise<readonly Key[]> {
  const keys = harness.takeKeys(100);
  if (keys.length === 0) await sweep({ source: "aws.events", "detail-type": "Scheduled Event", detail: {} });
  return keys.length > 0 ? keys : harness.takeKeys(0);
}
const batchOfKeys = (keys: readonly Key[]) => batchOf(keys.map((key) => JSON.stringify(key)));

async function untilQuiet(): Promise<readonly Invoked[]> {
  const invoked: Invoked[] = [];
  for (let keys = await nextKeys(); keys.length > 0; keys = await nextKeys()) {
    assert.ok(invoked.length < 50, "the drain comes to an end");
    invoked.push(await invoke(batchOfKeys(keys)));
  }
  return invoked;
}

test("from the event to the end: the hook is completed with CONTINUE once, and the Node of the gone instance is deleted", async () => {
  const leaving = instance(0);
  await notice(await takeOut(harness, leaving));
  assert.ok(waitsFor(leaving));
  const invoked = await untilQuiet();
  assert.ok(!waitsFor(leaving));
  const calls = invoked.flatMap((one) => one.calls);
  assert.equal(calls.filter((what) => what === "CompleteLifecycleAction").length, 1);
  assert.equal((await terminationOf(leaving))?.status?.phase, "Released");
  await assert.rejects(harness.workload.client.get(nodes, { name: leaving.nodeName }));
  const lines = invoked.flatMap((one) => one.lines);
  assert.equal(metricsOf(lines, "HoldsReleased").length, 1);
  for (const line of lines.filter((one) => "did" in one && !("_aws" in one))) {
    assert.equal(line.instanceTermination, `${NAMESPACE}/${keyOf(leaving).name}`);
  }
});

test("a message that comes again after the end changes nothing", async () => {
  const { answer, error } = await invoke(batchOf([bodyOf(instance(0))]));
  assert.equal(error, undefined);
  assert.deepEqual(failuresOf(answer), []);
  assert.equal((await terminationOf(instance(0)))?.status?.phase, "Released");
});

test("in a batch of ten a poisoned body fails alone", async () => {
  await notice(await takeOut(harness, instance(1)));
  harness.takeKeys(0);
  const good = Array.from({ length: 9 }, () => bodyOf(instance(1)));
  const { answer, error, lines } = await invoke(batchOf([...good.slice(0, 4), "{ poison", ...good.slice(4)]));
  assert.equal(error, undefined);
  assert.deepEqual(failuresOf(answer), ["message-4"]);
  assert.equal(metricsOf(lines, "Failures").length, 1);
  // Nine messages for one object are one pass.
  assert.equal(metricsOf(lines, "Outcomes").length, 1);
  await untilQuiet();
});

test("a batch in which every body is poisoned is answered, not thrown", async () => {
  const { answer, error } = await invoke(batchOf(["", "[]", '{"kind":"InstanceTermination"}', '"text"']));
  assert.equal(error, undefined);
  assert.equal(failuresOf(answer).length, 4);
});

test("a key for all of a namespace brings a look at each drain that is not over, and at no other", async () => {
  await notice(await takeOut(harness, instance(5)));
  harness.takeKeys(0);
  const all = { kind: instanceTerminations.kind, namespace: NAMESPACE, name: "*" };
  const { answer, lines } = await invoke(batchOf([JSON.stringify(all)]));
  assert.deepEqual(failuresOf(answer), []);
  assert.deepEqual(outcomesOf(lines), ["looked: InstanceTermination"]);
  assert.deepEqual(harness.takeKeys(0), [keyOf(instance(5))]);
  const { lines: other } = await invoke(batchOf([JSON.stringify({ ...all, namespace: "team-b" })]));
  assert.deepEqual(outcomesOf(other), ["ignored: NotRecorded"]);
  await harness.management.client.delete(instanceTerminations, { namespace: NAMESPACE, name: keyOf(instance(5)).name });
  await untilQuiet();
});

test("where pools are reconciled here the end of a drain is a hint to its pool, and nothing before it is", async () => {
  const hinting = await harness.load("drain-continued", { LIFEGUARD_WATCH_FILTER: "lifeguard" });
  const leaving = instance(6);
  await notice(await takeOut(harness, leaving));
  const hint = { kind: "PoolHint", namespace: NAMESPACE, name: POOL };
  for (let isOver = false, turn = 0; !isOver; turn++) {
    assert.ok(turn < 20, "the drain comes to an end");
    await hinting(batchOfKeys(await nextKeys()));
    isOver = (await terminationOf(leaving))?.status?.finishTime !== undefined;
    assert.deepEqual(harness.takeKeys(0, POOL_QUEUE), isOver ? [hint] : []);
  }
});

test("a key of a kind that nobody looks at here is counted and done with", async () => {
  const key = { kind: "Secret", namespace: "team-a", name: "x" };
  const { answer, calls, lines } = await invoke(batchOf([JSON.stringify(key)]));
  assert.deepEqual(failuresOf(answer), []);
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: UnknownKind"]);
});

test("a key of an object that is gone is counted and done with", async () => {
  const key = { kind: instanceTerminations.kind, namespace: NAMESPACE, name: "long-gone" };
  const { answer, lines } = await invoke(batchOf([JSON.stringify(key)]));
  assert.deepEqual(failuresOf(answer), []);
  assert.deepEqual(outcomesOf(lines), ["ignored: NotFound"]);
  assert.deepEqual(harness.takeKeys(), []);
});

test("while the management API is down the key comes back, and nothing is lost when it is up again", async () => {
  const leaving = instance(2);
  await notice(await takeOut(harness, leaving));
  harness.takeKeys(0);
  harness.management.api.down();
  const { answer, lines } = await invoke(batchOf([bodyOf(leaving)]));
  harness.management.api.up();
  assert.deepEqual(failuresOf(answer), []);
  assert.deepEqual(outcomesOf(lines), ["failed: ApiServerUnreachable"]);
  await untilQuiet();
  assert.equal((await terminationOf(leaving))?.status?.phase, "Released");
});

test("while AWS throttles the release is asked again, and accepted once", async () => {
  const leaving = instance(3);
  await notice(await takeOut(harness, leaving));
  harness.aws.inject({ action: "CompleteLifecycleAction", code: "Throttling", message: "Rate exceeded", times: 2 });
  const invoked = await untilQuiet();
  const lines = invoked.flatMap((one) => one.lines);
  assert.ok(outcomesOf(lines).includes("failed: CloudThrottled"), outcomesOf(lines).join(", "));
  assert.equal((await terminationOf(leaving))?.status?.phase, "Released");
  assert.ok(!waitsFor(leaving));
});

test("while the queue itself refuses, the message stays where it is", async () => {
  const leaving = instance(4);
  await notice(await takeOut(harness, leaving));
  harness.takeKeys(0);
  harness.aws.inject({ service: "sqs", action: "SendMessage", code: "ServiceUnavailable", status: 503, times: 1 });
  const { answer } = await invoke(batchOf([bodyOf(leaving)]));
  assert.deepEqual(failuresOf(answer), ["message-0"]);
});

test("an event that is no batch is refused aloud", async () => {
  const { error } = await invoke({});
  assert.match(String(error), /SQS event source mapping/);
});
