/** The queue that hooks write to themselves: every shape ends in one record, and a bad message holds up no other. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fixture } from "../fixture.ts";
import { batchOf, failuresOf } from "./batch.ts";
import { type Harness, type Invoked, outcomesOf, startHarness } from "./harness.ts";
import { POOL, type StagedInstance, setStage, takeOut } from "./stage.ts";

let harness: Harness;
let instances: readonly StagedInstance[];
let invoke: (event: unknown) => Promise<Invoked>;
before(async () => {
  harness = await startHarness();
  instances = await setStage(harness, 12);
  invoke = await harness.load("asg-notification-received");
});
after(() => harness.close());

const instance = (index: number): StagedInstance => {
  const found = instances[index];
  assert.ok(found);
  return found;
};
/** The flat notification of the hook's event. */
const notification = async (one: StagedInstance): Promise<string> => {
  const { detail, time } = await takeOut(harness, one);
  return JSON.stringify({ ...Object(detail), Time: time, Service: "AWS Auto Scaling" });
};

test("one hook in all three shapes, doubled, is one record", async () => {
  const event = await takeOut(harness, instance(0));
  const flat = JSON.stringify({ ...Object(event.detail), Time: event.time });
  const wrapped = JSON.stringify({ Type: "Notification", MessageId: "m", Message: flat, Timestamp: event.time });
  const { answer, error } = await invoke(batchOf([JSON.stringify(event), flat, wrapped, flat]));
  assert.equal(error, undefined);
  assert.deepEqual(failuresOf(answer), []);
  const recorded = (await harness.terminations()).filter(
    ({ metadata }) => metadata.name === `${POOL}-${instance(0).id}`,
  );
  assert.equal(recorded.length, 1);
  assert.equal(recorded[0]?.spec.hold?.autoScaling?.hooks.length, 1);
});

test("in a batch of ten one malformed message is counted, and the nine others are handled", async () => {
  const good = await Promise.all(Array.from({ length: 9 }, (_, index) => notification(instance(index + 1))));
  const { answer, error, lines } = await invoke(batchOf([...good.slice(0, 5), "not JSON", ...good.slice(5)]));
  assert.equal(error, undefined);
  assert.deepEqual(failuresOf(answer), []);
  assert.deepEqual(outcomesOf(lines).toSorted(), ["ignored: Malformed", ...good.map(() => "recorded: Cordoned")]);
});

test("the test message of a new hook is acknowledged, wrapped or not", async () => {
  const test = JSON.stringify(fixture("test-notification"));
  const wrapped = JSON.stringify({ Type: "Notification", MessageId: "m", Message: test });
  const { answer, calls, lines } = await invoke(batchOf([test, wrapped]));
  assert.deepEqual(failuresOf(answer), []);
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: TestNotification", "ignored: TestNotification"]);
});

test("while the management API is down only the messages that need it are shown again", async () => {
  const body = await notification(instance(10));
  harness.management.api.down();
  const { answer, error } = await invoke(batchOf([JSON.stringify(fixture("test-notification")), body]));
  harness.management.api.up();
  assert.equal(error, undefined);
  assert.deepEqual(failuresOf(answer), ["message-1"]);
  const again = await invoke(batchOf([body]));
  assert.deepEqual(failuresOf(again.answer), []);
  assert.deepEqual(outcomesOf(again.lines), ["recorded: Cordoned"]);
});
