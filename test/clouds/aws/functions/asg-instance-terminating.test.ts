/** The terminate hook's function: recorded and cordoned in one invocation, and every way in which an event can be odd. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { type Harness, metricsOf, outcomesOf, startHarness } from "./harness.ts";
import { addGroup, hookEvent, NAMESPACE, POOL, type StagedInstance, setStage, takeOut } from "./stage.ts";

let harness: Harness;
let instances: readonly StagedInstance[];
let invoke: Awaited<ReturnType<Harness["load"]>>;
before(async () => {
  harness = await startHarness();
  instances = await setStage(harness, 6);
  invoke = await harness.load("asg-instance-terminating");
});
after(() => harness.close());

const instance = (index: number): StagedInstance => {
  const found = instances[index];
  assert.ok(found);
  return found;
};
const nodeOf = ({ nodeName }: StagedInstance) => harness.workload.client.get<Node>(nodes, { name: nodeName });

test("one invocation records the instance, cordons its Node and puts its key on the queue", async () => {
  const leaving = instance(0);
  const { error, lines, answer } = await invoke(await takeOut(harness, leaving));
  assert.equal(error, undefined);
  assert.deepEqual(answer, { outcomes: 1 });
  const name = `${POOL}-${leaving.id}`;
  const recorded = (await harness.terminations()).find(({ metadata }) => metadata.name === name);
  assert.equal(recorded?.spec.hold?.autoScaling?.hooks[0]?.heartbeatTimeoutSeconds, 300);
  assert.equal((await nodeOf(leaving)).spec?.unschedulable, true);
  assert.deepEqual(harness.takeKeys(), [{ kind: "InstanceTermination", namespace: NAMESPACE, name }]);
  assert.deepEqual(outcomesOf(lines), ["recorded: Cordoned"]);
  const line = lines.find((one) => one.did === "recorded");
  assert.equal(line?.instanceTermination, `${NAMESPACE}/${name}`);
  assert.equal(line?.instanceId, leaving.id);
  assert.equal(line?.groupName, POOL);
  assert.equal(line?.function, "asg-instance-terminating");
});

test("event to cordon takes one invocation and six calls, the key on the queue included, when the sandbox is warm", async () => {
  const { calls } = await invoke(await takeOut(harness, instance(1)));
  assert.ok(calls.length <= 6, calls.join(", "));
});

test("the time from event to cordon is measured, and no metric names an instance or a pool", async () => {
  const event = await takeOut(harness, instance(2));
  harness.clock.advance(3);
  const { lines } = await invoke(event);
  assert.deepEqual(
    metricsOf(lines, "CordonSeconds").map(({ CordonSeconds }) => CordonSeconds),
    [3],
  );
  assert.deepEqual(
    metricsOf(lines, "Outcomes").map(({ event: kind, did, because }) => [kind, did, because]),
    [["TerminateHook", "recorded", "Cordoned"]],
  );
  for (const line of lines.filter((one) => "_aws" in one)) {
    const text = JSON.stringify(line);
    assert.ok(!text.includes(instance(2).id) && !text.includes(POOL), text);
  }
});

test("a doubled event writes nothing the second time", async () => {
  const event = await takeOut(harness, instance(3));
  await invoke(event);
  const { error, calls, lines } = await invoke(event);
  assert.equal(error, undefined);
  assert.deepEqual(
    calls.filter((what) => what.startsWith("PATCH") || what.startsWith("DELETE")),
    [],
  );
  assert.equal(outcomesOf(lines)[0]?.split(":")[0], "kept");
});

test("an event of a group that is nobody's pool is ignored, counted, and nothing is written anywhere", async () => {
  await addGroup(harness, "foreign", 1);
  harness.clock.advance(60);
  const stranger = harness.aws.cloud.instances().find(({ member }) => member?.group === "foreign");
  const time = harness.clock.now().toISOString();
  const { error, calls, lines } = await invoke(
    hookEvent({ instanceId: stranger?.id ?? "", time, groupName: "foreign" }),
  );
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["ignored: ForeignGroup"]);
  assert.deepEqual(
    calls,
    ["GET awsmachinepools"].filter(() => calls.length === 1),
  );
  assert.equal(metricsOf(lines, "Outcomes").length, 1);
});

test("a malformed event is acknowledged and counted, without a call", async () => {
  for (const event of [null, {}, [], "text", { source: "aws.autoscaling", "detail-type": 7 }]) {
    const { error, calls, lines } = await invoke(event);
    assert.equal(error, undefined);
    assert.deepEqual(calls, []);
    assert.deepEqual(outcomesOf(lines), ["ignored: Malformed"]);
  }
});

test("an event of another kind is acknowledged, without a call", async () => {
  const { error, calls, lines } = await invoke({ source: "aws.s3", "detail-type": "Object Created", detail: {} });
  assert.equal(error, undefined);
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: Malformed"]);
});

test("an event without a time is handled, and its line says so", async () => {
  const { time: _, ...untimed } = await takeOut(harness, instance(4));
  const { error, lines } = await invoke(untimed);
  assert.equal(error, undefined);
  assert.ok(lines.some(({ message }) => String(message).includes("no readable time")));
});

test("an event older than ten minutes is still worth recording while its hook waits", async () => {
  const late = instance(5);
  const event = await takeOut(harness, late);
  harness.clock.advance(240);
  await harness.aws.cloud.handle("autoscaling", "RecordLifecycleActionHeartbeat", {
    AutoScalingGroupName: POOL,
    LifecycleHookName: "lifeguard-drain",
    InstanceId: late.id,
  });
  const old = { ...event, time: new Date(harness.clock.now().getTime() - 660_000).toISOString() };
  const { error, lines } = await invoke(old);
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["recorded: Cordoned"]);
});
