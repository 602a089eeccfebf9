/** The workers of drains: from the queue to the acknowledgement, found again by the sweep, taken back, and Spot's thirty seconds. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import type { Key } from "../../../../lib/api/key.ts";
import { type Pod, pods } from "../../../../lib/api/kubernetes/pod.ts";
import type { InstanceTermination } from "../../../../lib/api/lifecycle/instance-termination.ts";
import { outcomesOf } from "../../clusters.ts";
import { asEvent, asMessage, asTimer, type Harness, type Invoked, startHarness } from "./harness.ts";
import { POOL, type Stage, setStage } from "./stage.ts";

const heard: object[] = [];
let harness: Harness;
let stage: Stage;
let emit: Awaited<ReturnType<Harness["load"]>>;
let drain: Awaited<ReturnType<Harness["load"]>>;
let sweep: Awaited<ReturnType<Harness["load"]>>;
before(async () => {
  harness = await startHarness();
  harness.azure.cloud.onEvent((event) => void heard.push(event));
  stage = await setStage(harness, 9);
  emit = await harness.load("scheduled-event-emitted");
  drain = await harness.load("drain-continued");
  sweep = await harness.load("overdue-swept");
});
after(() => harness.close());

const machine = (index: number): Instance => {
  const found = stage.machines[index];
  assert.ok(found);
  return found;
};
const terminationOf = async ({ scaleSet, instanceId }: Instance): Promise<InstanceTermination | undefined> =>
  (await harness.terminations()).find(({ metadata }) => metadata.name === `${POOL}-${scaleSet}-${instanceId}`);
const statusOf = async (one: Instance) => (await terminationOf(one))?.status;
/** One round of the queue: every key that is there after so many seconds gets its pass. */
const round = async (seconds: number): Promise<readonly Invoked[]> => {
  const done: Invoked[] = [];
  for (const key of harness.takeKeys(seconds)) done.push(await drain(asMessage(JSON.stringify(key))));
  for (const { error } of done) assert.equal(error, undefined);
  return done;
};
const acknowledged = (invoked: readonly Invoked[]): number =>
  invoked.flatMap(({ calls }) => calls).filter((what) => what.endsWith("acknowledge/action")).length;
/** Rounds until nobody asks for another, or it was acknowledged. */
const settle = async (rounds: number): Promise<number> => {
  let count = 0;
  for (let left = rounds; left > 0 && count === 0; left--) count += acknowledged(await round(10));
  return count;
};
const addPod = (name: string, { computerName }: Instance, seconds = 30) =>
  harness.workload.client.create<Pod>(pods, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      nodeName: computerName,
      terminationGracePeriodSeconds: seconds,
      containers: [{ name: "c", image: "i" }],
    } as Pod["spec"],
    status: { phase: "Running" },
  } as Pod);
const announce = async (...indices: readonly number[]) => {
  const events = await stage.deleteByHand(...indices.map(machine));
  for (const event of events) assert.equal((await emit(asEvent(event))).error, undefined);
  return events;
};

test("an empty Node is acknowledged once, early, and its Node goes with the machine", async () => {
  const leaving = machine(0);
  await announce(0);
  assert.equal(await settle(4), 1);
  assert.equal((await statusOf(leaving))?.phase, "Releasing");
  harness.clock.advance(60);
  const { error } = await drain(asMessage(JSON.stringify(keyOf(await terminationOf(leaving)))));
  assert.equal(error, undefined);
  assert.equal((await statusOf(leaving))?.phase, "Released");
  await assert.rejects(stage.nodeOf(leaving));
});

const keyOf = (termination: InstanceTermination | undefined): Key => {
  assert.ok(termination);
  const { namespace = "", name } = termination.metadata;
  return { kind: "InstanceTermination", namespace, name };
};

test("a pod that has to leave keeps the acknowledgement back", async () => {
  const leaving = machine(1);
  await addPod("web-1", leaving);
  await announce(1);
  assert.equal(acknowledged(await round(0)), 0);
  assert.equal((await statusOf(leaving))?.phase, "Draining");
  await harness.workload.client.delete(pods, { namespace: "default", name: "web-1" }, { gracePeriodSeconds: 0 });
  assert.equal(await settle(6), 1);
});

test("an event of two machines is acknowledged when both are drained", async () => {
  harness.azure.cloud.oneEventPerOperation(true);
  await addPod("web-2", machine(2));
  const events = await announce(2, 3);
  harness.azure.cloud.oneEventPerOperation(false);
  assert.equal(events.length, 1);
  assert.equal(
    (await harness.terminations()).filter(({ spec }) => spec.hold?.azureScheduledEvent?.machines.length === 2).length,
    2,
  );
  assert.equal(await settle(4), 0);
  const [ready, draining] = await Promise.all([statusOf(machine(3)), statusOf(machine(2))]);
  assert.equal(draining?.phase, "Draining");
  assert.equal(ready?.phase, "Releasing");
  const released = ready.conditions?.find(({ type }) => type === "Released");
  assert.equal(released?.reason, "SharedHold");
  assert.match(released.message ?? "", new RegExp(machine(2).name));
  await harness.workload.client.delete(pods, { namespace: "default", name: "web-2" }, { gracePeriodSeconds: 0 });
  assert.equal(await settle(6), 1);
});

test("an event that Azure takes back gives the Node back, and only what we had changed", async () => {
  const staying = machine(4);
  const { cloud } = harness.azure;
  const id = cloud.scheduleMaintenance(staying, "Redeploy", 600);
  const event = lastEvent();
  await addPod("web-4", staying);
  await emit(asEvent(event));
  assert.equal((await stage.nodeOf(staying)).spec?.unschedulable, true);
  await round(0);
  harness.clock.advance(130);
  cloud.scheduledEvents.cancel(id);
  await emit(asEvent(lastEvent()));
  await round(30);
  assert.equal((await stage.nodeOf(staying)).spec?.unschedulable ?? false, false);
  assert.equal((await statusOf(staying))?.phase, "Cancelled");
});

const lastEvent = () => {
  const found = heard.at(-1);
  assert.ok(found);
  return found;
};

test("a host that is maintained is acknowledged when its Node is empty, and serves again afterwards", async () => {
  const staying = machine(5);
  harness.azure.cloud.scheduleMaintenance(staying, "Redeploy", 600);
  await emit(asEvent(lastEvent()));
  assert.equal(await settle(5), 1);
  harness.clock.advance(120);
  const { error } = await drain(asMessage(JSON.stringify(keyOf(await terminationOf(staying)))));
  assert.equal(error, undefined);
  assert.equal((await statusOf(staying))?.phase, "Cancelled");
  assert.equal((await stage.nodeOf(staying)).spec?.unschedulable ?? false, false);
});

test("a lost event is found by the sweep, whose record is drained and acknowledged like any other", async () => {
  harness.takeKeys();
  const leaving = machine(6);
  await stage.deleteByHand(leaving);
  const { error, lines } = await sweep(asTimer());
  assert.equal(error, undefined);
  assert.ok(outcomesOf(lines).includes("recorded: Cordoned"), outcomesOf(lines).join(", "));
  assert.equal((await stage.nodeOf(leaving)).spec?.unschedulable, true);
  assert.equal(await settle(6), 1);
});

test("past its time an event is not acknowledged any more", async () => {
  harness.takeKeys();
  const leaving = machine(7);
  await addPod("web-7", leaving);
  await announce(7);
  harness.clock.advance(310);
  assert.equal(acknowledged(await round(0)), 0);
});

test("a notice of thirty seconds gets its first pass on the spot: pods are told before any queue", async () => {
  const spot = machine(8);
  harness.takeKeys();
  await addPod("web-8", spot, 60);
  const { subscriptionId } = harness.azure.cloud;
  const set = `/subscriptions/${subscriptionId}/resourceGroups/blue/providers/Microsoft.Compute/virtualMachineScaleSets/${POOL}`;
  const properties = {
    EventId: "D2B7A6C1",
    EventType: "Preempt",
    EventStatus: "Scheduled",
    NotBefore: new Date(harness.clock.now().getTime() + 30_000).toISOString(),
    Resources: [spot.name],
  };
  const { error, lines } = await emit(
    asEvent({
      id: "1",
      topic: `/subscriptions/${subscriptionId}`,
      subject: set,
      eventType: "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted",
      eventTime: harness.clock.now().toISOString(),
      data: {
        resourceInfo: {
          id: `${set}/providers/microsoft.maintenance/scheduledevents/D2B7A6C1`,
          type: "microsoft.maintenance/scheduledevents",
          properties,
        },
      },
    }),
  );
  assert.equal(error, undefined);
  assert.equal((await stage.nodeOf(spot)).spec?.unschedulable, true);
  const pod = await harness.workload.client.get<Pod>(pods, { namespace: "default", name: "web-8" });
  assert.ok(pod.metadata.deletionTimestamp, outcomesOf(lines).join(", "));
  assert.ok((pod.metadata.deletionGracePeriodSeconds ?? 60) <= 20);
});

test("a body that is no key fails alone, again and again, and says what it is", async () => {
  for (const body of ["", "no json", "{}", '{"kind":"InstanceTermination"}']) {
    const { error, lines } = await drain(asMessage(body, 3));
    assert.match(String(error), /carries no key/);
    assert.equal(lines.find((line) => "error" in line)?.attempt, 3);
  }
});

test("a key of another kind is counted and done with", async () => {
  const { error, lines } = await drain(asMessage(JSON.stringify({ kind: "Pod", namespace: "a", name: "b" })));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["ignored: UnknownKind"]);
});
