/** What our own acknowledgement brings about is no news: neither the event that begins, nor what Resource Graph still shows. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { GridEvent } from "../../../../infra/local/azure/event-grid.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { outcomesOf } from "../../clusters.ts";
import { asEvent, asMessage, asTimer, type Harness, startHarness } from "./harness.ts";
import { POOL, type Stage, setStage } from "./stage.ts";

const LAG_SECONDS = 60;
const heard: GridEvent[] = [];
let harness: Harness;
let stage: Stage;
let emit: Awaited<ReturnType<Harness["load"]>>;
let drain: Awaited<ReturnType<Harness["load"]>>;
before(async () => {
  harness = await startHarness({ graphLagSeconds: LAG_SECONDS });
  harness.azure.cloud.onEvent((event) => void heard.push(event));
  stage = await setStage(harness, 3);
  emit = await harness.load("scheduled-event-emitted");
  drain = await harness.load("drain-continued");
});
after(() => harness.close());

const machine = (index: number) => {
  const found = stage.machines[index];
  assert.ok(found);
  return found;
};
const recordOf = async (index: number) => {
  const name = `${POOL}-${machine(index).scaleSet}-${machine(index).instanceId}`;
  const found = (await harness.terminations()).filter(({ metadata }) => metadata.name === name);
  assert.equal(found.length, 1);
  return found[0];
};
const passes = async (keys: readonly Key[]) => {
  for (const key of keys) assert.equal((await drain(asMessage(JSON.stringify(key)))).error, undefined);
};
const statusIn = ({ data }: GridEvent) => JSON.stringify(data).match(/"EventStatus":"(\w+)"/)?.[1];
/** Deleted by a person, recorded, drained and acknowledged; answers what Event Grid said meanwhile. */
async function release(index: number): Promise<readonly GridEvent[]> {
  heard.length = 0;
  for (const event of await stage.deleteByHand(machine(index))) await emit(asEvent(event));
  await passes(harness.takeKeys(0));
  await passes(harness.takeKeys(10));
  assert.equal((await recordOf(index))?.status?.phase, "Releasing");
  return heard.splice(0);
}

test("the event begins because we let it: one call, nothing is written and nobody has to look", async () => {
  const started = (await release(0)).find((event) => statusIn(event) === "Started");
  assert.ok(started);
  const before = await recordOf(0);
  const { error, lines, calls } = await emit(asEvent(started));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["kept: AlreadyReleased"]);
  assert.deepEqual(calls, ["GET instanceterminations"]);
  assert.deepEqual(await recordOf(0), before);
});

test("an event that begins although nobody let it ends the drain in time", async () => {
  const [scheduled] = await stage.deleteByHand(machine(1));
  assert.ok(scheduled);
  await emit(asEvent(scheduled));
  const told = JSON.parse(JSON.stringify(scheduled).replace('"EventStatus":"Scheduled"', '"EventStatus":"Started"'));
  const { error, lines } = await emit(asEvent(told));
  assert.equal(error, undefined);
  assert.ok(outcomesOf(lines)[0]?.startsWith("tightened"), outcomesOf(lines).join(", "));
});

test("a sweep while the event of a machine that is gone is still shown makes no second record", async () => {
  harness.takeKeys();
  await release(2);
  const { namespace = "", name, uid } = (await recordOf(2))?.metadata ?? {};
  harness.clock.advance(30);
  await passes([{ kind: "InstanceTermination", namespace, name: name ?? "" }]);
  assert.equal((await recordOf(2))?.status?.phase, "Released");

  // What it shows now is how it was a minute ago: before the acknowledgement.
  harness.clock.advance(LAG_SECONDS + 5 - 40);
  const sweep = await harness.load("overdue-swept");
  const { error, lines, calls } = await sweep(asTimer());
  assert.equal(error, undefined);
  assert.ok(calls.some((what) => what.includes("ResourceGraph")));
  assert.ok(!outcomesOf(lines).some((said) => said.startsWith("recorded")), outcomesOf(lines).join(", "));
  const after = await recordOf(2);
  assert.deepEqual([after?.metadata.uid, after?.status?.phase], [uid, "Released"]);
});
