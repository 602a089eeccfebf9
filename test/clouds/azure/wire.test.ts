/** What the provider asks of Azure on the wire, and what it makes of the answers; the parts that the shared suite does not see. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Instance } from "../../../infra/local/azure/fleet.ts";
import { ProviderError } from "../../../lib/providers/errors.ts";
import { type AzureRig, GROUP, SET, startAzureRig } from "./rig.ts";

const FLEXIBLE = "workers-f";
/** Resource Graph shows what is older. */
const LAG_SECONDS = 31;
let rig: AzureRig;
before(async () => {
  rig = await startAzureRig({ timing: { graphLagSeconds: 30 } });
  await rig.addSet(SET, { cluster: "blue" });
  await rig.addSet(FLEXIBLE, { mode: "Flexible", cluster: "blue" });
  await rig.addSet(SET, { cluster: "red", resourceGroup: "red" });
  await rig.addSet("spot", { cluster: "blue", spot: "Deallocate" });
  await rig.addSet("silent", { cluster: "blue", noticeMinutes: 0 });
});
after(() => rig.close());

const idOf = (machine: Instance): string => rig.cloud.providerIdOf(machine);
const callsOf = async (run: () => Promise<unknown>): Promise<readonly string[]> => {
  const count = rig.azure.calls.length;
  await run();
  return rig.azure.calls.slice(count).map(({ what }) => what.replace("Microsoft.Compute/", ""));
};
const refusedWith = (kind: ProviderError["kind"], message: RegExp) => (error: unknown) =>
  error instanceof ProviderError && error.kind === kind && message.test(error.message);
const observe = (machine: Instance) => rig.provider.observeInstance(idOf(machine), undefined);

for (const name of [SET, FLEXIBLE]) {
  test(`${name}: a machine that is taken out for good lowers the capacity, and nobody waits for its end`, async () => {
    const machine = await rig.launch(name);
    const capacity = await rig.capacityOf(name);
    await rig.provider.terminate?.(idOf(machine), { decrement: true });
    assert.ok(
      rig.inSet(name).some(({ vmId }) => vmId === machine.vmId),
      "it still waits for its notice",
    );
    rig.clock.advance(LAG_SECONDS);
    assert.equal((await observe(machine)).state, "held");
    const again = await callsOf(async () => rig.provider.terminate?.(idOf(machine), { decrement: true }));
    assert.ok(!again.some((what) => /delete/.test(what)), again.join(", "));
    rig.clock.advance(400);
    assert.equal((await observe(machine)).state, "gone");
    assert.equal(await rig.capacityOf(name), capacity - 1);
  });

  test(`${name}: a machine that shall be replaced leaves the capacity as it was`, async () => {
    const machine = await rig.launch(name);
    const capacity = await rig.capacityOf(name);
    await rig.provider.terminate?.(idOf(machine), { decrement: false });
    rig.clock.advance(400);
    assert.equal(await rig.capacityOf(name), capacity);
    assert.equal((await observe(machine)).state, "gone");
  });

  test(`${name}: a machine is found in its group with one call, and its Node has the name of the computer`, async () => {
    const machine = await rig.launch(name);
    const calls = await callsOf(async () => {
      const found = await rig.provider.locate(machine.name.toUpperCase(), `blue/${name}`);
      assert.deepEqual(found, { providerID: idOf(machine), groupName: `blue/${name}` });
    });
    assert.ok(calls.length <= 2, calls.join(", "));
    assert.equal(await rig.provider.nodeNameOf?.(idOf(machine)), machine.computerName);
  });
}

test("the shell of an evicted machine is deleted once, however often it is asked for", async () => {
  const machine = await rig.launch("spot");
  rig.cloud.evictSpot(machine);
  rig.clock.advance(60);
  const takeOut = () => callsOf(async () => rig.provider.terminate?.(idOf(machine), { decrement: true }));
  const isDeletion = (what: string) => /delete/.test(what);
  assert.ok((await takeOut()).some(isDeletion));
  assert.ok(!(await takeOut()).some(isDeletion));
});

test("a machine of another group of the same name is not taken for ours", async () => {
  const machine = await rig.launch();
  await assert.rejects(rig.provider.locate(machine.name, "red/workers-a"), refusedWith("not-found", /no machine/));
  assert.deepEqual((await rig.provider.groupOwner("red/workers-a")).clusterNames, ["red"]);
  assert.deepEqual((await rig.provider.groupOwner(GROUP)).clusterNames, ["blue"]);
});

test("a machine that goes without a notice is on its way at once, and nothing holds it", async () => {
  const machine = await rig.launch("silent");
  await rig.deleteByHand(machine);
  assert.equal((await observe(machine)).state, "leaving");
  assert.deepEqual(await rig.provider.findHeld?.(["blue/silent"], rig.clock.now()), []);
  rig.clock.advance(60);
  assert.equal((await observe(machine)).state, "gone");
});

test("our own delete waits for its notice no longer than until the event is seen and acknowledged", async () => {
  const machine = await rig.launch();
  await rig.provider.terminate?.(idOf(machine), { decrement: true });
  rig.clock.advance(LAG_SECONDS);
  const found = await rig.provider.findHeld?.([GROUP], rig.clock.now());
  const held = found?.find(({ instanceId }) => instanceId === machine.name);
  assert.ok(held?.hold);
  assert.equal(await rig.provider.release?.(idOf(machine), held.hold), "accepted");
  rig.clock.advance(30);
  assert.equal((await observe(machine)).state, "gone");
});

test("an event that Resource Graph does not show yet is believed, and one that it shows no more is over", async () => {
  const machine = await rig.launch();
  const id = rig.cloud.scheduleMaintenance(machine, "Redeploy", 900);
  const { notBefore } = rig.cloud.scheduledEvents.get(id);
  const resourceId = idOf(machine)
    .replace("azure://", "")
    .replace(/\/virtualMachines\/\d+$/, "");
  const azureScheduledEvent = {
    eventId: id,
    resourceId,
    eventType: "Redeploy",
    notBefore: notBefore.toISOString(),
    machines: [machine.name],
  };
  const noticeTime = rig.clock.now().toISOString();
  const state = async () =>
    (await rig.provider.observeInstance(idOf(machine), { azureScheduledEvent }, { noticeTime })).state;
  assert.equal(await state(), "held");
  rig.clock.advance(40);
  assert.equal(await state(), "held");
  rig.cloud.scheduledEvents.cancel(id);
  rig.clock.advance(100);
  assert.equal(await state(), "running");
});

test("an event that waits costs no call within a minute of its notice, and one afterwards", async () => {
  const machine = await rig.launch();
  await rig.deleteByHand(machine);
  const noticeTime = rig.clock.now().toISOString();
  rig.clock.advance(LAG_SECONDS);
  const found = await rig.provider.findHeld?.([GROUP], rig.clock.now());
  const hold = found?.find(({ instanceId }) => instanceId === machine.name)?.hold;
  assert.ok(hold);
  const look = async (asked: object) => {
    let state = "";
    const calls = await callsOf(async () => {
      ({ state } = await rig.provider.observeInstance(idOf(machine), hold, asked));
    });
    return [state, calls.length];
  };
  assert.deepEqual(await look({ noticeTime }), ["held", 0]);
  assert.deepEqual(await look({ noticeTime, released: true }), ["held", 2]);
  rig.clock.advance(30);
  assert.deepEqual(await look({ noticeTime }), ["held", 1]);
  rig.clock.advance(400);
  assert.deepEqual(await look({ noticeTime, released: true }), ["gone", 1]);
});

test("past its time an event is not acknowledged, and no call is made", async () => {
  const machine = await rig.launch();
  const azureScheduledEvent = {
    eventId: "E",
    resourceId: "/subscriptions/s/resourceGroups/blue/providers/Microsoft.Compute/virtualMachineScaleSets/workers-a",
    eventType: "Terminate",
    notBefore: rig.clock.now().toISOString(),
    machines: [machine.name],
  };
  const calls = await callsOf(async () => {
    assert.equal(await rig.provider.release?.(idOf(machine), { azureScheduledEvent }), "not-held");
  });
  assert.deepEqual(calls, []);
});

test("a resource group in capitals is the same machine", async () => {
  const machine = await rig.launch();
  const shouted = idOf(machine).replace("/resourceGroups/blue/", "/resourceGroups/BLUE/");
  assert.equal((await rig.provider.observeInstance(shouted, undefined)).state, "running");
  assert.equal(rig.provider.pools.instanceIdOf(shouted), rig.provider.pools.instanceIdOf(idOf(machine)));
});

test("throttling says when to come again", async () => {
  const machine = await rig.launch();
  rig.azure.inject({ code: "TooManyRequests", status: 429, retryAfterSeconds: 40, times: 1 });
  await assert.rejects(
    observe(machine),
    (error: unknown) => error instanceof ProviderError && error.retryAfterSeconds === 40,
  );
});

test("what is forbidden names the action that is missing, and no token", async () => {
  const machine = await rig.launch();
  rig.azure.inject({ code: "AuthorizationFailed", status: 403, times: 2 });
  await assert.rejects(observe(machine), refusedWith("denied", /virtualMachineScaleSets\/virtualMachines\/read/));
  await assert.rejects(
    rig.provider.findHeld?.([GROUP], rig.clock.now()) ?? Promise.resolve(),
    (error: unknown) =>
      error instanceof ProviderError &&
      error.kind === "denied" &&
      !/Bearer|eyJ/.test(JSON.stringify([error.message, String(error.cause)])),
  );
});

test("trouble in the middle of a removal is told, and the next try finishes it", async () => {
  const machine = await rig.launch();
  rig.azure.inject({
    action: "Microsoft.Compute/virtualMachineScaleSets/delete/action",
    code: "OperationNotAllowed",
    status: 409,
    times: 1,
  });
  await assert.rejects(
    rig.provider.terminate?.(idOf(machine), { decrement: true }) ?? Promise.resolve(),
    refusedWith("conflict", /./),
  );
  await rig.provider.terminate?.(idOf(machine), { decrement: true });
  rig.clock.advance(LAG_SECONDS);
  assert.equal((await observe(machine)).state, "held");
});

test("a providerID of another form is refused with what to do", async () => {
  await assert.rejects(
    rig.provider.observeInstance("aws:///a/i-0", undefined),
    refusedWith("invalid", /delete the InstanceTermination/),
  );
});

test("a large answer of Resource Graph is read page by page", async () => {
  rig.cloud.limitPages(1);
  const machines = [await rig.launch(FLEXIBLE), await rig.launch(FLEXIBLE)];
  for (const machine of machines) await rig.deleteByHand(machine);
  rig.clock.advance(LAG_SECONDS);
  const found = await rig.provider.findHeld?.([`blue/${FLEXIBLE}`], rig.clock.now());
  rig.cloud.limitPages(1000);
  for (const { name } of machines)
    assert.ok(
      found?.some(({ instanceId }) => instanceId === name),
      name,
    );
});
