/** Scale sets as the SDK sees them: created, resized, changed and deleted by long-running operations. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { ComputeManagementClient, restorePoller } from "@azure/arm-compute";
import {
  all,
  CLIENT,
  capacity,
  finish,
  flexibleSet,
  GROUP,
  members,
  profile,
  type Rig,
  SET,
  startRig,
  startSet,
  uniformSet,
} from "./rig.ts";

const state = async (rig: Rig) => (await rig.compute.virtualMachineScaleSets.get(GROUP, SET)).provisioningState;

test("a new set is Creating until its instances run", async (context) => {
  const rig = await startRig(context);
  const poller = rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, uniformSet(2));
  await poller.submitted();
  deepStrictEqual([await state(rig), await members(rig)], ["Creating", { 0: "Creating", 1: "Creating" }]);
  const made = await finish(rig, poller);
  deepStrictEqual([made.provisioningState, made.sku?.capacity], ["Succeeded", 2]);
  deepStrictEqual(await members(rig), { 0: "Succeeded", 1: "Succeeded" });
});

test("an operation is followed one GET at a time from what was kept of it", async (context) => {
  const rig = await startRig(context);
  const { virtualMachineScaleSets } = rig.compute;
  const begun = virtualMachineScaleSets.createOrUpdate(GROUP, SET, uniformSet(1));
  await begun.submitted();
  const kept = await begun.serialize();
  const before = rig.azure.calls.length;
  const running = restorePoller(rig.compute, kept, virtualMachineScaleSets.createOrUpdate);
  await running.poll();
  deepStrictEqual([running.operationState?.status, rig.azure.calls.length - before], ["running", 1]);
  await rig.pass(6);
  const done = restorePoller(rig.compute, kept, virtualMachineScaleSets.createOrUpdate);
  await done.poll();
  strictEqual(done.operationState?.status, "succeeded");
});

test("an operation is followed where it was begun, by whatever name the server was asked", async (context) => {
  const rig = await startRig(context);
  const endpoint = rig.azure.endpoint.replace("127.0.0.1", "localhost");
  const compute = new ComputeManagementClient(rig.azure.credential(CLIENT), rig.cloud.subscriptionId, { endpoint });
  const begun = compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, uniformSet(1));
  await begun.submitted();
  const kept = await begun.serialize();
  match(kept, new RegExp(`"operationLocation":"${endpoint}/`));
});

test("custom data and what it was made of never come back", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const shown = await rig.compute.virtualMachineScaleSets.get(GROUP, SET);
  deepStrictEqual(
    [shown.virtualMachineProfile?.osProfile?.customData, shown.virtualMachineProfile?.osProfile?.computerNamePrefix],
    [undefined, SET],
  );
});

test("another image takes the old one's place whole; what the change does not name stays", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const { virtualMachineScaleSets: sets } = rig.compute;
  const id = `/subscriptions/${rig.cloud.subscriptionId}/resourceGroups/g/providers/Microsoft.Compute/images/own`;
  const virtualMachineProfile = { storageProfile: { imageReference: { id } } };
  await finish(rig, sets.update(GROUP, SET, { virtualMachineProfile }));
  const { virtualMachineProfile: shown } = await sets.get(GROUP, SET);
  const { imageReference } = shown?.storageProfile ?? {};
  deepStrictEqual(
    [imageReference?.id, imageReference?.communityGalleryImageId, shown?.osProfile?.computerNamePrefix],
    [id, undefined, SET],
  );
});

test("a larger capacity makes instances of the next numbers, spread over the zones", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  await finish(
    rig,
    rig.compute.virtualMachineScaleSets.update(GROUP, SET, { sku: { name: "Standard_D4s_v5", capacity: 4 } }),
  );
  deepStrictEqual(Object.keys(await members(rig)), ["0", "1", "2", "3"]);
  deepStrictEqual(
    rig.cloud.instances().map(({ zone }) => zone),
    ["1", "2", "1", "2"],
  );
});

test("a smaller capacity takes the highest numbers, and the protected ones stay", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, uniformSet(3));
  const protectionPolicy = { protectFromScaleIn: true };
  await finish(
    rig,
    rig.compute.virtualMachineScaleSetVMs.update(GROUP, SET, "2", { location: "westeurope", protectionPolicy }),
  );
  await finish(rig, rig.compute.virtualMachineScaleSets.update(GROUP, SET, { sku: { capacity: 1 } }));
  deepStrictEqual(await members(rig), { 2: "Succeeded" });
});

test("a capacity below the number of protected instances fails, and the capacity is what it was", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  for (const id of ["0", "1"]) {
    const protectionPolicy = { protectFromScaleIn: true };
    const update = rig.compute.virtualMachineScaleSetVMs.update(GROUP, SET, id, {
      location: "westeurope",
      protectionPolicy,
    });
    await finish(rig, update);
  }
  const shrink = rig.compute.virtualMachineScaleSets.update(GROUP, SET, { sku: { capacity: 0 } });
  await rejects(finish(rig, shrink), /protected from scale-in/);
  deepStrictEqual([await capacity(rig), await state(rig)], [2, "Failed"]);
});

test("chosen instances are deleted, and the capacity follows", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, uniformSet(3));
  const removal = rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds: ["0", "2"] });
  await removal.submitted();
  deepStrictEqual(
    [await capacity(rig), await members(rig), await state(rig)],
    [1, { 0: "Deleting", 1: "Succeeded", 2: "Deleting" }, "Updating"],
  );
  await finish(rig, removal);
  deepStrictEqual([await members(rig), await state(rig)], [{ 1: "Succeeded" }, "Succeeded"]);
});

test("one instance is deleted as a resource of its own; a second time there is nothing to do", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  await finish(rig, rig.compute.virtualMachineScaleSetVMs.delete(GROUP, SET, "0"));
  deepStrictEqual([await members(rig), await capacity(rig)], [{ 1: "Succeeded" }, 1]);
  await rig.compute.virtualMachineScaleSetVMs.delete(GROUP, SET, "0");
  strictEqual(rig.azure.calls.at(-1)?.code, 204);
});

test("a changed image leaves instances on their old model until they are upgraded", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const latest = async () => {
    const found: (boolean | undefined)[] = [];
    for await (const one of rig.compute.virtualMachineScaleSetVMs.list(GROUP, SET)) found.push(one.latestModelApplied);
    return found;
  };
  const changed = { ...uniformSet(2), virtualMachineProfile: profile("1.34.0") };
  await finish(rig, rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, changed));
  deepStrictEqual(await latest(), [false, false]);
  await finish(rig, rig.compute.virtualMachineScaleSets.updateInstances(GROUP, SET, { instanceIds: ["1"] }));
  deepStrictEqual(await latest(), [false, true]);
});

test("a PUT without a profile changes the capacity and keeps the model", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, { ...uniformSet(1), tags: { role: "node" } });
  const { virtualMachineProfile: _, ...rest } = uniformSet(2);
  await finish(rig, rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, rest));
  const shown = await rig.compute.virtualMachineScaleSets.get(GROUP, SET);
  deepStrictEqual([shown.sku?.capacity, shown.tags], [2, { role: "node" }]);
  match(shown.virtualMachineProfile?.storageProfile?.imageReference?.communityGalleryImageId ?? "", /1\.33\.2$/);
});

test("a deleted set takes its instances along", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  await finish(rig, rig.compute.virtualMachineScaleSets.delete(GROUP, SET));
  await rejects(rig.compute.virtualMachineScaleSets.get(GROUP, SET), { code: "ResourceNotFound", statusCode: 404 });
  deepStrictEqual(rig.cloud.instances(), []);
});

test("instances of a Flexible set are virtual machines; its own list tells little of them", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, flexibleSet(1));
  const [listed] = await all(rig.compute.virtualMachineScaleSetVMs.list(GROUP, SET));
  const name = listed?.name ?? "";
  match(
    listed?.id ?? "",
    new RegExp(`/resourceGroups/${GROUP}/providers/Microsoft.Compute/virtualMachines/${SET}_[0-9a-f]{8}$`),
  );
  deepStrictEqual([listed?.provisioningState, listed?.latestModelApplied], [undefined, undefined]);
  const machine = await rig.compute.virtualMachines.get(GROUP, name, { expand: "instanceView" });
  const power = machine.instanceView?.statuses?.map(({ code }) => code);
  deepStrictEqual(
    [machine.provisioningState, power],
    ["Succeeded", ["ProvisioningState/succeeded", "PowerState/running"]],
  );
  await finish(rig, rig.compute.virtualMachines.delete(GROUP, name));
  deepStrictEqual([await members(rig), await capacity(rig)], [{}, 0]);
});

test("ids of Uniform instances spell their group in capitals, provider ids in small letters", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, uniformSet(1));
  const [listed] = await all(rig.compute.virtualMachineScaleSetVMs.list(GROUP, SET));
  match(listed?.id ?? "", /\/resourceGroups\/EDGE-POOLS\/.*\/virtualMachineScaleSets\/edge-mp-0\/virtualMachines\/0$/);
  deepStrictEqual([listed?.name, listed?.osProfile?.computerName], [`${SET}_0`, `${SET}000000`]);
  match(
    rig.cloud.instances().map(rig.cloud.providerIdOf)[0] ?? "",
    /^azure:\/\/\/subscriptions\/.*\/resourceGroups\/edge-pools\//,
  );
});

test("lists come in pages", async (context) => {
  const rig = await startRig(context);
  await startSet(rig, uniformSet(5));
  rig.cloud.limitPages(2);
  strictEqual(Object.keys(await members(rig)).length, 5);
});
