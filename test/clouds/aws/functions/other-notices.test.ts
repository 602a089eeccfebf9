/** The functions of EC2's and AWS Health's events, through their real handlers. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Node, nodes } from "../../../../lib/api/kubernetes/node.ts";
import { changed, fixture } from "../fixture.ts";
import { type Harness, outcomesOf, startHarness } from "./harness.ts";
import { hookEvent, POOL, type StagedInstance, setStage, takeOut } from "./stage.ts";

let harness: Harness;
let instances: readonly StagedInstance[];
before(async () => {
  harness = await startHarness();
  instances = await setStage(harness, 10);
});
after(() => harness.close());

const instance = (index: number): StagedInstance => {
  const found = instances[index];
  assert.ok(found);
  return found;
};
const terminationOf = async ({ id }: StagedInstance) =>
  (await harness.terminations()).find(({ metadata }) => metadata.name === `${POOL}-${id}`);
const isCordoned = async ({ nodeName }: StagedInstance) =>
  (await harness.workload.client.get<Node>(nodes, { name: nodeName })).spec?.unschedulable === true;
/** A recorded event, as if it were about this instance, now. */
const about = (name: string, { id }: StagedInstance, time = harness.clock.now()) =>
  changed(changed(fixture(name), "detail.instance-id", id), "time", time.toISOString());
const isoIn = (seconds: number) => new Date(harness.clock.now().getTime() + seconds * 1000).toISOString().slice(0, 19);

test("a Spot interruption is recorded with its two minutes, and its Node cordoned", async () => {
  const invoke = await harness.load("ec2-spot-interrupted");
  const { error, lines } = await invoke(about("spot-interruption", instance(0)));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["recorded: Cordoned"]);
  const recorded = await terminationOf(instance(0));
  assert.equal(recorded?.spec.cause, "SpotInterruption");
  assert.equal(recorded?.spec.deadlineTime, `${isoIn(120)}Z`);
  assert.ok(await isCordoned(instance(0)));
});

test("a Spot interruption while a hook drain runs tightens the deadline of the one record, and keeps its hold", async () => {
  const hooked = await harness.load("asg-instance-terminating");
  await hooked(await takeOut(harness, instance(1)));
  const invoke = await harness.load("ec2-spot-interrupted");
  const { lines } = await invoke(about("spot-interruption", instance(1)));
  assert.equal(outcomesOf(lines)[0]?.split(":")[0], "tightened");
  const recorded = await terminationOf(instance(1));
  assert.equal(recorded?.spec.deadlineTime, `${isoIn(120)}Z`);
  assert.equal(recorded?.spec.hold?.autoScaling?.hooks.length, 1);
});

test("a notice that loses three races for its record fails, to be delivered again, and then changes it", async () => {
  const hooked = await harness.load("asg-instance-terminating");
  await hooked(await takeOut(harness, instance(9)));
  const invoke = await harness.load("ec2-spot-interrupted");
  const event = about("spot-interruption", instance(9));
  harness.management.api.inject({ match: { method: "PATCH", path: /instanceterminations/ }, times: 3, code: 409 });
  const { error, lines } = await invoke(event);
  assert.match(String(error), /must come again/);
  assert.equal(outcomesOf(lines).length, 1);
  assert.equal(outcomesOf((await invoke(event)).lines)[0]?.split(":")[0], "tightened");
});

test("a hook that is taken over by a later event is kept once, with the new token", async () => {
  const hooked = await harness.load("asg-instance-terminating");
  const event = await takeOut(harness, instance(2));
  await hooked(event);
  harness.clock.advance(5);
  const time = harness.clock.now().toISOString();
  await hooked(hookEvent({ instanceId: instance(2).id, time, token: "a-new-token" }));
  const hooks = (await terminationOf(instance(2)))?.spec.hold?.autoScaling?.hooks;
  assert.deepEqual(
    hooks?.map(({ token }) => token),
    ["a-new-token"],
  );
});

test("a Spot interruption older than ten minutes, of an instance that still runs, writes nothing", async () => {
  const invoke = await harness.load("ec2-spot-interrupted");
  const old = new Date(harness.clock.now().getTime() - 700_000);
  const { error, calls, lines } = await invoke(about("spot-interruption", instance(3), old));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["ignored: StaleNotice"]);
  assert.deepEqual(
    calls.filter((what) => /^(POST|PATCH|DELETE)/.test(what)),
    [],
  );
});

test("a Spot interruption of an instance that is in no pool is ignored without a write", async () => {
  const invoke = await harness.load("ec2-spot-interrupted");
  const stranger = { ...instance(3), id: "i-0ffffffffffffffff" };
  const { error, calls, lines } = await invoke(about("spot-interruption", stranger));
  assert.equal(error, undefined);
  assert.match(String(outcomesOf(lines)), /^ignored: /);
  assert.deepEqual(
    calls.filter((what) => /^(POST|PATCH|DELETE)/.test(what)),
    [],
  );
});

test("a rebalance recommendation does nothing unless the policy says so", async () => {
  const event = about("rebalance-recommendation", instance(4));
  const ignoring = await harness.load("ec2-rebalance-recommended");
  const { calls, lines } = await ignoring(event);
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: PolicyIgnore"]);
  const cordoning = await harness.load("ec2-rebalance-recommended", { LIFEGUARD_REBALANCE_POLICY: "Cordon" });
  await cordoning(event);
  assert.equal((await terminationOf(instance(4)))?.spec.drain?.mode, "CordonOnly");
  assert.ok(await isCordoned(instance(4)));
});

test("an instance that is shutting down costs no call", async () => {
  const invoke = await harness.load("ec2-instance-state-changed");
  const { calls, lines } = await invoke(about("instance-state-change", instance(5)));
  assert.deepEqual([calls, outcomesOf(lines)], [[], ["ignored: EndFollows"]]);
});

const ended = (one: StagedInstance) => changed(about("instance-state-change", one), "detail.state", "terminated");

test("an instance that is terminated makes whoever recorded it look", async () => {
  const hooked = await harness.load("asg-instance-terminating");
  await hooked(await takeOut(harness, instance(5)));
  harness.takeKeys();
  const invoke = await harness.load("ec2-instance-state-changed");
  const { error, calls, lines } = await invoke(ended(instance(5)));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["looked: "]);
  assert.deepEqual(calls, ["GET instanceterminations", "GetSecretValue", "SendMessageBatch"]);
  assert.deepEqual(
    harness.takeKeys().map(({ name }) => name),
    [`${POOL}-${instance(5).id}`],
  );
});

test("an instance that is terminated, and that nobody recorded, is left alone", async () => {
  const invoke = await harness.load("ec2-instance-state-changed");
  const { calls, lines } = await invoke(ended(instance(6)));
  assert.deepEqual(outcomesOf(lines), ["ignored: NotRecorded"]);
  assert.deepEqual(calls, ["GET instanceterminations", "GetSecretValue"]);
});

test("an instance that somebody stops is drained while it still can be", async () => {
  const invoke = await harness.load("ec2-instance-state-changed");
  const event = changed(about("instance-state-change", instance(6)), "detail.state", "stopping");
  const { lines } = await invoke(event);
  assert.deepEqual(outcomesOf(lines), ["recorded: Cordoned"]);
  assert.equal((await terminationOf(instance(6)))?.spec.deadlineTime, `${isoIn(30)}Z`);
});

test("a scheduled change of three instances, one of them a stranger, records the two that are ours", async () => {
  const invoke = await harness.load("health-change-scheduled");
  const entities = [instance(7).id, "i-0ffffffffffffffff", instance(8).id].map((entityValue) => ({ entityValue }));
  const start = new Date(harness.clock.now().getTime() + 86_400_000);
  const event = changed(
    changed(fixture("scheduled-change-three-instances"), "detail.affectedEntities", entities),
    "detail.startTime",
    start.toUTCString(),
  );
  const { error, answer, lines } = await invoke(changed(event, "time", harness.clock.now().toISOString()));
  assert.equal(error, undefined);
  assert.deepEqual(answer, { outcomes: 3 });
  assert.equal(outcomesOf(lines).filter((outcome) => outcome === "recorded: Cordoned").length, 2);
  for (const index of [7, 8]) {
    const recorded = await terminationOf(instance(index));
    assert.equal(recorded?.spec.cause, "ScheduledMaintenance");
    assert.equal(recorded?.spec.deadlineTime, `${start.toISOString().slice(0, 19)}Z`);
  }
});

test("a capacity block that ends takes the instances EC2 finds in it", async () => {
  const invoke = await harness.load("ec2-capacity-expiring");
  const { error, calls, lines } = await invoke(fixture("capacity-block-expiry"));
  assert.equal(error, undefined);
  assert.deepEqual(calls, ["DescribeInstances"]);
  assert.deepEqual(outcomesOf(lines), ["ignored: NoInstances"]);
});

test("a launch hook is counted and nothing is asked of anybody", async () => {
  const invoke = await harness.load("asg-instance-launching");
  const { error, calls, lines } = await invoke(fixture("launch-hook-eventbridge"));
  assert.equal(error, undefined);
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: NotGated"]);
});

test("a terminate hook at the launch function's door is not its business", async () => {
  const invoke = await harness.load("asg-instance-launching");
  const { error, calls, lines } = await invoke(fixture("terminate-hook-eventbridge"));
  assert.equal(error, undefined);
  assert.deepEqual(calls, []);
  assert.deepEqual(outcomesOf(lines), ["ignored: Malformed"]);
});
