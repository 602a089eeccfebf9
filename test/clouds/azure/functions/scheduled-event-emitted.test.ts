/** The function of scheduled events: recorded and cordoned in one invocation, and every way in which an event can be odd. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Instance } from "../../../../infra/local/azure/fleet.ts";
import { outcomesOf } from "../../clusters.ts";
import { fixture } from "../fixture.ts";
import { asEvent, type Harness, startHarness } from "./harness.ts";
import { NAMESPACE, POOL, type Stage, setStage } from "./stage.ts";

let harness: Harness;
let stage: Stage;
let invoke: Awaited<ReturnType<Harness["load"]>>;
before(async () => {
  harness = await startHarness();
  stage = await setStage(harness, 8);
  invoke = await harness.load("scheduled-event-emitted");
});
after(() => harness.close());

const machine = (index: number): Instance => {
  const found = stage.machines[index];
  assert.ok(found);
  return found;
};
const announced = async (...indices: readonly number[]) => {
  const [event] = await stage.deleteByHand(...indices.map(machine));
  assert.ok(event, "Event Grid announced the end");
  return event;
};
const terminationOf = async ({ scaleSet, instanceId }: Instance) =>
  (await harness.terminations()).find(({ metadata }) => metadata.name === `${POOL}-${scaleSet}-${instanceId}`);

test("one invocation records the machine, cordons its Node and puts its key on the queue", async () => {
  const leaving = machine(0);
  const event = await announced(0);
  const { error, lines } = await invoke(asEvent(event));
  assert.equal(error, undefined);
  const recorded = await terminationOf(leaving);
  assert.equal(recorded?.metadata.labels?.["lifecycle.cluster.x-k8s.io/instance"], leaving.name);
  assert.equal(recorded.spec.cause, "TerminationHook");
  assert.deepEqual(recorded.spec.hold?.azureScheduledEvent?.machines, [leaving.name]);
  assert.equal(recorded.spec.deadlineTime, recorded.spec.hold?.azureScheduledEvent?.notBefore);
  assert.equal((await stage.nodeOf(leaving)).spec?.unschedulable, true);
  assert.deepEqual(harness.takeKeys(0), [
    { kind: "InstanceTermination", namespace: NAMESPACE, name: recorded.metadata.name },
  ]);
  assert.deepEqual(outcomesOf(lines), ["recorded: Cordoned"]);
  const line = lines.find((one) => one.did === "recorded");
  assert.equal(line?.instanceId, leaving.name);
  assert.equal(line?.groupName, `blue/${POOL}`);
  assert.equal(line?.function, "scheduled-event-emitted");
});

test("event to cordon takes one invocation and six calls, the key on the queue included, when the sandbox is warm", async () => {
  const { calls } = await invoke(asEvent(await announced(1)));
  assert.ok(calls.length <= 6, calls.join(", "));
});

test("the same as a CloudEvent, and doubled, writes nothing the second time", async () => {
  const event = await announced(2);
  const { id, topic, subject, eventType, eventTime, data } = event;
  await invoke(asEvent({ specversion: "1.0", id, source: topic, subject, type: eventType, time: eventTime, data }));
  const { error, calls, lines } = await invoke(asEvent(event));
  assert.equal(error, undefined);
  assert.deepEqual(
    calls.filter((what) => what.startsWith("PATCH") || what.startsWith("DELETE")),
    [],
  );
  assert.equal(outcomesOf(lines)[0]?.split(":")[0], "kept");
});

test("the time from event to cordon is measured, and no metric names a machine or a pool", async () => {
  const event = await announced(3);
  harness.clock.advance(3);
  const { lines } = await invoke(asEvent(event));
  const metrics = lines.flatMap((line) => (Array.isArray(line.metrics) ? line.metrics : []));
  assert.deepEqual(
    metrics.filter(({ name }) => name === "CordonSeconds").map(({ value }) => value),
    [3],
  );
  const text = JSON.stringify(metrics);
  assert.ok(!text.includes(machine(3).name) && !text.includes(POOL), text);
});

test("a machine of a scale set that is nobody's pool is ignored and counted, and nothing is written anywhere", async () => {
  const { error, calls, lines } = await invoke(asEvent(fixture("terminate-scheduled")));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["ignored: ForeignGroup"]);
  assert.deepEqual(
    calls,
    ["GET azuremachinepools"].filter(() => calls.length === 1),
  );
});

test("a scale set of our pool's name in another resource group is somebody else's", async () => {
  const event = fixture("terminate-scheduled");
  const text = JSON.stringify(event).replaceAll("edge-mp-0", POOL).replaceAll("edge-pools", "red");
  const { lines } = await invoke(asEvent(JSON.parse(text)));
  assert.deepEqual(outcomesOf(lines), ["ignored: ForeignGroup"]);
});

test("what is malformed, unknown or not ours is acknowledged and counted, without a call", async () => {
  for (const [event, outcome] of [
    [{}, "ignored: Malformed"],
    [{ eventType: 7 }, "ignored: Malformed"],
    [fixture("scale-set-written"), "ignored: Malformed"],
    [fixture("aks-maintenance"), "ignored: NotOurs"],
    [fixture("freeze-scheduled"), "ignored: PolicyIgnore"],
  ] as const) {
    const { error, calls, lines } = await invoke(asEvent(event));
    assert.equal(error, undefined);
    assert.deepEqual(calls, []);
    assert.deepEqual(outcomesOf(lines), [outcome]);
  }
});

test("a batch is taken event by event", async () => {
  const { error, lines } = await invoke(asEvent([fixture("aks-maintenance"), await announced(4)]));
  assert.equal(error, undefined);
  assert.deepEqual(outcomesOf(lines), ["ignored: NotOurs", "recorded: Cordoned"]);
});

test("when the API server does not answer the event comes again, and no secret is in the log", async () => {
  const kubeconfig = harness.management.api.kubeconfig("lifeguard").replace(/https:\/\/[^\s"]+/, "https://127.0.0.1:1");
  const cut = await harness.load("scheduled-event-emitted", { LIFEGUARD_KUBECONFIG: kubeconfig });
  const { error, lines, output } = await cut(asEvent(await announced(5)));
  assert.ok(error instanceof Error);
  assert.deepEqual(outcomesOf(lines), ["failed: unreachable"]);
  for (const secret of [/token: (\S+)/.exec(kubeconfig)?.[1] ?? "BEGIN", "PRIVATE KEY"])
    assert.ok(!output.includes(secret));
});

test("an environment that lacks something is refused by the variable's name", async () => {
  const wrong = await harness.load("scheduled-event-emitted", {
    LIFEGUARD_KUBECONFIG: "@Microsoft.KeyVault(VaultName=v;SecretName=s)",
  });
  const { error } = await wrong(asEvent({}));
  assert.match(String(error), /LIFEGUARD_KUBECONFIG: the platform could not read the secret/);
});
