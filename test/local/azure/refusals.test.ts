/** What the local Azure refuses, by the code and status that reach the SDK; and failures on request. */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import test from "node:test";
import { ComputeManagementClient, type VirtualMachineScaleSet } from "@azure/arm-compute";
import {
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

interface Refusal {
  readonly name: string;
  readonly call: (rig: Rig) => Promise<unknown>;
  readonly wants: { readonly code: string; readonly statusCode: number };
}

const put = (rig: Rig, set: VirtualMachineScaleSet, how: { group?: string; name?: string } = {}) =>
  rig.compute.virtualMachineScaleSets.createOrUpdate(how.group ?? GROUP, how.name ?? "other", set).submitted();
const invalid = { code: "InvalidParameter", statusCode: 400 };
const unchangeable = { code: "PropertyChangeNotAllowed", statusCode: 409 };
const gone = { code: "ResourceNotFound", statusCode: 404 };
const mismatch = { code: "PreconditionFailed", statusCode: 412 };

const refusals: readonly Refusal[] = [
  {
    name: "a set that is not there",
    call: (rig) => rig.compute.virtualMachineScaleSets.get(GROUP, "nope"),
    wants: gone,
  },
  {
    name: "a group that is not there",
    call: (rig) => rig.compute.virtualMachineScaleSets.get("nope", SET),
    wants: { code: "ResourceGroupNotFound", statusCode: 404 },
  },
  {
    name: "an instance that is not there",
    call: (rig) => rig.compute.virtualMachineScaleSetVMs.get(GROUP, SET, "9"),
    wants: gone,
  },
  { name: "a machine that is not there", call: (rig) => rig.compute.virtualMachines.get(GROUP, "nope"), wants: gone },
  {
    name: "the deletion of an unknown instance among known ones",
    call: (rig) =>
      rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds: ["0", "9"] }).submitted(),
    wants: invalid,
  },
  {
    name: "another location",
    call: (rig) => put(rig, { ...uniformSet(1), location: "marsnorth" }),
    wants: { code: "LocationNotAvailableForResourceType", statusCode: 400 },
  },
  {
    name: "an unknown size",
    call: (rig) => put(rig, { ...uniformSet(1), sku: { name: "Standard_Z9", capacity: 1 } }),
    wants: { code: "SkuNotAvailable", statusCode: 409 },
  },
  {
    name: "a zone that there is not",
    call: (rig) => put(rig, { ...uniformSet(1), zones: ["7"] }),
    wants: { code: "InvalidAvailabilityZone", statusCode: 400 },
  },
  {
    name: "a notification of twenty minutes",
    call: (rig) =>
      put(rig, {
        ...uniformSet(1),
        virtualMachineProfile: {
          ...profile("1.33.2"),
          scheduledEventsProfile: { terminateNotificationProfile: { enable: true, notBeforeTimeout: "PT20M" } },
        },
      }),
    wants: invalid,
  },
  {
    name: "an eviction policy without Spot",
    call: (rig) =>
      put(rig, { ...uniformSet(1), virtualMachineProfile: { ...profile("1.33.2"), evictionPolicy: "Delete" } }),
    wants: invalid,
  },
  {
    name: "a Flexible set that would overprovision",
    call: (rig) => put(rig, { ...flexibleSet(1), overprovision: false }),
    wants: invalid,
  },
  {
    name: "another orchestration mode of the same set",
    call: (rig) => put(rig, { ...uniformSet(2), orchestrationMode: "Flexible" }, { name: SET }),
    wants: unchangeable,
  },
  {
    name: "another priority of the same set",
    call: (rig) =>
      put(rig, { ...uniformSet(2), virtualMachineProfile: { ...profile("1.33.2"), priority: "Spot" } }, { name: SET }),
    wants: unchangeable,
  },
  {
    name: "a zone less",
    call: (rig) => put(rig, { ...uniformSet(2), zones: ["1"] }, { name: SET }),
    wants: unchangeable,
  },
  {
    name: "an etag of yesterday",
    call: (rig) =>
      rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, uniformSet(3), { ifMatch: '"1"' }).submitted(),
    wants: mismatch,
  },
  {
    name: "creation of what is there",
    call: (rig) =>
      rig.compute.virtualMachineScaleSets.createOrUpdate(GROUP, SET, uniformSet(3), { ifNoneMatch: "*" }).submitted(),
    wants: mismatch,
  },
  {
    name: "a second write while one is under way",
    call: async (rig) => {
      await put(rig, uniformSet(3), { name: SET });
      await put(rig, uniformSet(4), { name: SET });
    },
    wants: { code: "OperationNotAllowed", statusCode: 409 },
  },
  {
    name: "a deletion of instances while a write is under way",
    call: async (rig) => {
      await put(rig, uniformSet(3), { name: SET });
      await rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds: ["0"] }).submitted();
    },
    wants: { code: "OperationNotAllowed", statusCode: 409 },
  },
  {
    name: "more cores than the quota has",
    call: (rig) => {
      rig.cloud.limitCores(11);
      return put(rig, uniformSet(3), { name: SET });
    },
    wants: { code: "OperationNotAllowed", statusCode: 409 },
  },
  {
    name: "the eviction of a regular instance",
    call: (rig) => rig.compute.virtualMachineScaleSetVMs.simulateEviction(GROUP, SET, "0"),
    wants: { code: "OperationNotAllowed", statusCode: 409 },
  },
  {
    name: "another subscription",
    call: ({ azure }) => {
      const other = "00000000-0000-0000-0000-000000000001";
      const { endpoint } = azure;
      return new ComputeManagementClient(azure.credential(CLIENT), other, { endpoint }).virtualMachineScaleSets.get(
        GROUP,
        SET,
      );
    },
    wants: { code: "SubscriptionNotFound", statusCode: 404 },
  },
];

for (const { name, call, wants } of refusals) {
  test(`refused: ${name}`, async (context) => {
    const rig = await startRig(context);
    await startSet(rig);
    await rejects(call(rig), wants);
  });
}

test("a write is throttled when the bucket is empty, and says when to come again", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const read = () => rig.compute.virtualMachineScaleSets.get(GROUP, SET);
  let left: string | undefined;
  const onResponse = (response: { headers: { get(name: string): string | undefined } }) => {
    left = response.headers.get("x-ms-ratelimit-remaining-subscription-reads");
  };
  await rig.compute.virtualMachineScaleSets.get(GROUP, SET, { onResponse });
  strictEqual(left, "249");
  for (let taken = 1; taken < 250; taken++) await read();
  await rejects(read(), { statusCode: 429, code: "TooManyRequests" });
  await rig.pass(1);
  await read();
});

test("an injected fault refuses one call, with the time that it names", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const action = "Microsoft.Compute/virtualMachineScaleSets/read";
  rig.azure.inject({ action, times: 1, code: "TooManyRequests", status: 429, retryAfterSeconds: 40 });
  const read = () => rig.compute.virtualMachineScaleSets.get(GROUP, SET);
  await rejects(read(), (error: { statusCode: number; response: { headers: { get(name: string): string } } }) => {
    deepStrictEqual([error.statusCode, error.response.headers.get("retry-after")], [429, "40"]);
    return true;
  });
  await read();
});

test("a call whose answer was lost has happened", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const action = "Microsoft.Compute/virtualMachineScaleSets/delete/action";
  rig.azure.inject({ action, times: 1, drop: true, afterEffect: true });
  const remove = rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds: ["0"] });
  await rejects(remove.submitted());
  await rig.pass(5);
  deepStrictEqual([await members(rig), await capacity(rig)], [{ 1: "Succeeded" }, 1]);
});

test("an accepted operation fails later, with its error in the status document", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  rig.cloud.runOut({ code: "OverconstrainedZonalAllocationRequest" });
  const grow = rig.compute.virtualMachineScaleSets.update(GROUP, SET, { sku: { capacity: 3 } });
  await rejects(finish(rig, grow), /OverconstrainedZonalAllocationRequest/);
  const set = await rig.compute.virtualMachineScaleSets.get(GROUP, SET);
  deepStrictEqual([set.provisioningState, set.sku?.capacity, Object.keys(await members(rig)).length], ["Failed", 3, 2]);
});

test("a deletion can be accepted and fail, and the instance is still there", async (context) => {
  const rig = await startRig(context);
  await startSet(rig);
  const action = "Microsoft.Compute/virtualMachineScaleSets/delete/action";
  rig.cloud.failLater({ action, times: 1, code: "InternalExecutionError", message: "try again" });
  const remove = rig.compute.virtualMachineScaleSets.deleteInstances(GROUP, SET, { instanceIds: ["0"] });
  await rejects(finish(rig, remove), /InternalExecutionError/);
  deepStrictEqual([await members(rig), await capacity(rig)], [{ 0: "Succeeded", 1: "Succeeded" }, 2]);
});

test("an identity with a role is held to it, links included", async (context) => {
  const rig = await startRig(context);
  const type = "Microsoft.Compute/virtualMachineScaleSets";
  rig.cloud.roles.grant(CLIENT, [`${type}/read`, `${type}/write`, "Microsoft.Compute/locations/operations/read"]);
  await startSet(rig);
  await rejects(rig.compute.virtualMachineScaleSets.delete(GROUP, SET), {
    code: "AuthorizationFailed",
    statusCode: 403,
  });
  const subnet = { id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n" };
  const networkProfile = {
    networkInterfaceConfigurations: [{ name: "nic", ipConfigurations: [{ name: "ip", subnet }] }],
  };
  const linked = { ...uniformSet(1), virtualMachineProfile: { ...profile("1.33.2"), networkProfile } };
  await rejects(put(rig, linked), { code: "LinkedAuthorizationFailed", statusCode: 403 });
  const needed = rig.cloud.roles.needed.map(({ action }) => action);
  deepStrictEqual(needed.includes("Microsoft.Network/virtualNetworks/subnets/join/action"), true);
});
