/** The schedule's function: what no event told, or nobody looked at any more, is on the queue a minute later. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Harness, type Invoked, metricsOf, outcomesOf, startHarness } from "./harness.ts";
import { addGroup, NAMESPACE, POOL, type StagedInstance, setStage, takeOut } from "./stage.ts";

let harness: Harness;
let instances: readonly StagedInstance[];
let invoke: (event: unknown) => Promise<Invoked>;
before(async () => {
  harness = await startHarness();
  instances = await setStage(harness, 3);
  invoke = await harness.load("overdue-swept");
});
after(() => harness.close());

const SCHEDULED = { source: "aws.events", "detail-type": "Scheduled Event", detail: {} };
const instance = (index: number): StagedInstance => {
  const found = instances[index];
  assert.ok(found);
  return found;
};
const isWrite = (what: string) => /^(POST|PATCH|PUT|DELETE)/.test(what);

test("a settled pool costs no write", async () => {
  const { error, calls, lines } = await invoke(SCHEDULED);
  assert.equal(error, undefined);
  assert.deepEqual(calls.filter(isWrite), []);
  assert.deepEqual(outcomesOf(lines), ["swept: "]);
  assert.deepEqual(harness.takeKeys(0), []);
});

test("an instance whose event was lost is found waiting, recorded, cordoned and queued", async () => {
  await takeOut(harness, instance(0));
  const { error, lines } = await invoke(SCHEDULED);
  assert.equal(error, undefined);
  assert.ok(outcomesOf(lines).includes("recorded: Cordoned"), outcomesOf(lines).join(", "));
  const name = `${POOL}-${instance(0).id}`;
  assert.deepEqual(harness.takeKeys(0), [{ kind: "InstanceTermination", namespace: NAMESPACE, name }]);
  assert.equal(metricsOf(lines, "Found").length, 1);
});

test("a record that nobody looks at any more comes back on the queue", async () => {
  harness.clock.advance(120);
  const { lines } = await invoke(SCHEDULED);
  assert.deepEqual(outcomesOf(lines), ["swept: "]);
  assert.equal(harness.takeKeys(0).length, 1);
});

test("a hold that is about to end is counted for the alarm, by service alone, and named in a line", async () => {
  const before = await invoke(SCHEDULED);
  assert.deepEqual(
    metricsOf(before.lines, "HoldsCloseToExpiry").map((line) => line.HoldsCloseToExpiry),
    [0],
  );
  harness.takeKeys(0);
  harness.clock.advance(130);
  const { lines } = await invoke(SCHEDULED);
  const [metric] = metricsOf(lines, "HoldsCloseToExpiry");
  assert.equal(metric?.HoldsCloseToExpiry, 1);
  const { CloudWatchMetrics } = Object(metric?._aws);
  assert.deepEqual([CloudWatchMetrics[0].Namespace, CloudWatchMetrics[0].Dimensions], ["Lifeguard", [["service"]]]);
  const warning = lines.find(({ level }) => level === "WARN");
  assert.equal(warning?.instanceTermination, `${NAMESPACE}/${POOL}-${instance(0).id}`);
});

test("instances that wait in groups that are not our pools are not touched", async () => {
  await addGroup(harness, "foreign", 1);
  harness.clock.advance(60);
  const stranger = harness.aws.cloud.instances().find(({ member }) => member?.group === "foreign");
  assert.ok(stranger);
  await takeOut(harness, { id: stranger.id, providerID: "", nodeName: "" });
  await invoke(SCHEDULED);
  assert.ok((await harness.terminations()).every(({ metadata }) => !metadata.name.includes(stranger.id)));
  assert.ok(harness.aws.cloud.waiting().some(({ instanceId }) => instanceId === stranger.id));
});

test("a sweep that AWS throttles fails aloud, and the next one finds what is there", async () => {
  harness.aws.inject({ action: "DescribeAutoScalingGroups", code: "Throttling", times: 1 });
  assert.equal(Object((await invoke(SCHEDULED)).error).kind, "throttled");
  assert.equal((await invoke(SCHEDULED)).error, undefined);
});
