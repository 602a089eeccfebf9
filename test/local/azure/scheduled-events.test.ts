/** Terminate notifications and other scheduled events: who waits for what, who is told, and what ends a wait. */
import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import test from "node:test";
import type { VirtualMachineScaleSet } from "@azure/arm-compute";
import { z } from "zod";
import {
  ask,
  capacity,
  flexibleSet,
  GROUP,
  members,
  NOTIFIED,
  PUBLISHING,
  profile,
  type Rig,
  SET,
  startRig,
  startSet,
  uniformSet,
} from "./rig.ts";

const emitted = z.object({
  resourceInfo: z.object({
    id: z.string(),
    properties: z.object({
      EventId: z.string(),
      EventType: z.string(),
      EventStatus: z.string(),
      NotBefore: z.string(),
      Resources: z.array(z.string()),
    }),
  }),
});

/** What Event Grid told of scheduled events, oldest first. */
const told = (rig: Rig) =>
  rig.events
    .filter(({ eventType }) => eventType.endsWith("ScheduledEventEmitted"))
    .map(({ data }) => emitted.parse(data).resourceInfo);
const statuses = (rig: Rig) =>
  told(rig).map(
    ({ properties }) => `${properties.EventType} ${properties.EventStatus} ${properties.Resources.join("+")}`,
  );

const notified = (set: VirtualMachineScaleSet): VirtualMachineScaleSet => ({
  ...set,
  ...PUBLISHING,
  virtualMachineProfile: { ...set.virtualMachineProfile, ...NOTIFIED },
});
const spot = (evictionPolicy: "Delete" | "Deallocate"): VirtualMachineScaleSet => ({
  ...uniformSet(2),
  ...PUBLISHING,
  virtualMachineProfile: { ...profile("1.33.2"), priority: "Spot", evictionPolicy },
});
const removeInstances = (rig: Rig, ...instanceIds: string[]) =>
  rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds }).submitted();
const acknowledge = (rig: Rig, id: string) => ask(rig, "POST", `${id}/acknowledge`);

test("a deleted instance waits for its notification's time, and Event Grid tells each step", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(2)));
  await removeInstances(rig, "0");
  await rig.pass(299);
  deepStrictEqual([await members(rig), await capacity(rig)], [{ 0: "Deleting", 1: "Succeeded" }, 1]);
  await rig.pass(5);
  deepStrictEqual(await members(rig), { 1: "Succeeded" });
  deepStrictEqual(
    statuses(rig),
    ["Scheduled", "Started", "Completed"].map((status) => `Terminate ${status} ${SET}_0`),
  );
  strictEqual(told(rig)[0]?.properties.NotBefore, "2026-11-20T08:05:06Z");
});

test("an acknowledgement lets it go at once", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(2)));
  await removeInstances(rig, "0");
  await rig.pass(1);
  const [event] = told(rig);
  strictEqual((await acknowledge(rig, event?.id ?? "")).status, 200);
  await rig.pass(4);
  deepStrictEqual(await members(rig), { 1: "Succeeded" });
  strictEqual((await acknowledge(rig, event?.id ?? "")).status, 409);
});

test("instances of one operation wait for each other's acknowledgement", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(3)));
  await removeInstances(rig, "0", "2");
  await rig.pass(1);
  const [first, second] = told(rig);
  await acknowledge(rig, first?.id ?? "");
  await rig.pass(10);
  deepStrictEqual(Object.keys(await members(rig)), ["0", "1", "2"]);
  await acknowledge(rig, second?.id ?? "");
  await rig.pass(4);
  deepStrictEqual(Object.keys(await members(rig)), ["1"]);
});

test("one event may name all instances of an operation", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(3)));
  rig.cloud.oneEventPerOperation(true);
  await removeInstances(rig, "0", "2");
  deepStrictEqual(statuses(rig), [`Terminate Scheduled ${SET}_0+${SET}_2`]);
  await acknowledge(rig, told(rig)[0]?.id ?? "");
  await rig.pass(4);
  deepStrictEqual(statuses(rig).length, 3);
});

test("a forced deletion is not announced", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(1)));
  await rig.compute.virtualMachineScaleSets
    .deleteInstances(GROUP, SET, { instanceIds: ["0"] }, { forceDeletion: true })
    .submitted();
  await rig.pass(4);
  deepStrictEqual([await members(rig), statuses(rig)], [{}, []]);
});

test("a notification that is switched on later binds only instances that are upgraded", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, uniformSet(2));
  await rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, notified(uniformSet(2))).submitted();
  await rig.pass(2);
  await rig.compute.virtualMachineScaleSets.updateInstances(GROUP, SET, { instanceIds: ["1"] }).submitted();
  await rig.pass(2);
  await removeInstances(rig, "0", "1");
  await rig.pass(4);
  deepStrictEqual(await members(rig), { 1: "Deleting" });
});

test("a set that publishes nothing announces to its own machines only", async (context) => {
  const rig = await startRig(context);
  const { scheduledEventsPolicy: _, ...silent } = notified(uniformSet(1));
  await startSet(rig, silent);
  await removeInstances(rig, "0");
  deepStrictEqual([statuses(rig), rig.cloud.scheduledEvents.all().length], [[], 1]);
});

test("Flexible machines are announced by their names", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(flexibleSet(1)));
  const [name = ""] = Object.keys(await members(rig));
  await rig.compute.virtualMachines.delete(GROUP, name).submitted();
  deepStrictEqual(statuses(rig), [`Terminate Scheduled ${name}`]);
});

test("a Spot instance with policy Delete is gone half a minute after the word, and the capacity with it", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, spot("Delete"));
  await rig.compute.virtualMachineScaleSetVMs.simulateEviction(GROUP, SET, "0");
  await rig.pass(29);
  deepStrictEqual(await members(rig), { 0: "Succeeded", 1: "Succeeded" });
  await rig.pass(5);
  deepStrictEqual([await members(rig), await capacity(rig)], [{ 1: "Succeeded" }, 1]);
  deepStrictEqual(
    statuses(rig).map((one) => one.split(" ", 2).join(" ")),
    ["Preempt Scheduled", "Preempt Started", "Preempt Completed"],
  );
  const health = rig.events.map(({ eventType }) => eventType.split(".").at(-1));
  deepStrictEqual([health.includes("AvailabilityStatusChanged"), health.includes("ResourceAnnotated")], [true, true]);
});

test("with policy Deallocate it stays, stopped", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, spot("Deallocate"));
  await rig.compute.virtualMachineScaleSetVMs.simulateEviction(GROUP, SET, "0");
  await rig.pass(31);
  const one = await rig.compute.virtualMachineScaleSetVMs.get(GROUP, SET, "0", { expand: "instanceView" });
  deepStrictEqual(
    [one.provisioningState, one.instanceView?.statuses?.map(({ code }) => code)],
    ["Succeeded", ["ProvisioningState/succeeded", "PowerState/deallocated"]],
  );
});

test("a redeployed instance comes back as the same", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(1)));
  const [one] = rig.cloud.instances();
  if (!one) throw new Error("the set has no instance");
  rig.cloud.scheduleMaintenance(one, "Redeploy", 600);
  await acknowledge(rig, told(rig)[0]?.id ?? "");
  deepStrictEqual(await members(rig), { 0: "Updating" });
  await rig.pass(31);
  deepStrictEqual([await members(rig), rig.cloud.instances()[0]?.vmId], [{ 0: "Succeeded" }, one.vmId]);
  deepStrictEqual(statuses(rig).at(-1), `Redeploy Completed ${SET}_0`);
});

test("maintenance of a machine that Spot has deallocated meanwhile starts nothing", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, spot("Deallocate"));
  const [one] = rig.cloud.instances();
  if (!one) throw new Error("the set has no instance");
  rig.cloud.scheduleMaintenance(one, "Reboot", 300);
  rig.cloud.evictSpot(one);
  await rig.pass(400);
  strictEqual(rig.cloud.instances()[0]?.power, "deallocated");
  deepStrictEqual(statuses(rig).at(-1), `Reboot Completed ${SET}_0`);
});

test("a canceled event lets the instance be, and cannot be acknowledged", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(1)));
  const [one] = rig.cloud.instances();
  if (!one) throw new Error("the set has no instance");
  const id = rig.cloud.scheduleMaintenance(one, "Reboot", 60);
  rig.cloud.scheduledEvents.cancel(id);
  await rig.pass(90);
  deepStrictEqual([await members(rig), statuses(rig).length], [{ 0: "Succeeded" }, 2]);
  strictEqual((await acknowledge(rig, told(rig)[0]?.id ?? "")).status, 409);
});

test("every end of an operation is told, with what was done and whether it went well", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, uniformSet(2));
  await removeInstances(rig, "0");
  await rig.pass(5);
  rig.cloud.runOut({ code: "AllocationFailed" });
  await rig.compute.virtualMachineScaleSets.update(GROUP, SET, { sku: { capacity: 5 } }).submitted();
  await rig.pass(5);
  deepStrictEqual(
    rig.events.map(({ eventType, data, subject }) => {
      match(subject, new RegExp(`/virtualMachineScaleSets/${SET}$`));
      return [eventType.split(".").at(-1), data.operationName];
    }),
    [
      ["ResourceWriteSuccess", "Microsoft.Compute/virtualMachineScaleSets/write"],
      ["ResourceActionSuccess", "Microsoft.Compute/virtualMachineScaleSets/delete/action"],
      ["ResourceWriteFailure", "Microsoft.Compute/virtualMachineScaleSets/write"],
    ],
  );
});

test("an acknowledgement of nothing, and of somebody else's event", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, notified(uniformSet(1)));
  await removeInstances(rig, "0");
  const id = told(rig)[0]?.id ?? "";
  strictEqual((await acknowledge(rig, id.replace(SET, "other"))).status, 404);
  strictEqual((await acknowledge(rig, id.replace(/[^/]+$/, "0000"))).status, 404);
});
