/** Names of Azure: groups and their pools, states of machines, and what a pool says of its machines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { AzureMachinePool } from "../../../lib/api/azure/azure-machine-pool.ts";
import { groupNameOf, poolNameOf, splitGroupName } from "../../../lib/providers/azure/group-name.ts";
import { azureMachineOf, outdatedMachines } from "../../../lib/providers/azure/machine.ts";
import { machineState } from "../../../lib/providers/azure/machine-state.ts";
import { machineNameOf, parseMachineId, providerIdOf } from "../../../lib/providers/azure/provider-id.ts";
import { termsOf } from "../../../lib/providers/azure/scheduled-event-hold.ts";

const LABELS = { "cluster.x-k8s.io/cluster-name": "edge" };
const pool = (name: string, spec: object = {}, status: object = {}): AzureMachinePool =>
  ({
    metadata: { name, labels: LABELS },
    spec: { location: "w", template: {}, ...spec },
    status,
  }) as object as AzureMachinePool;
const windows = { template: { osDisk: { osType: "Windows" } } };
const SET =
  "azure:///subscriptions/S/resourceGroups/Edge-Pools/providers/Microsoft.Compute/virtualMachineScaleSets/mp-0";

const groups: { name: string; pool: AzureMachinePool; want: string }[] = [
  {
    name: "a scale set that is known names its group",
    pool: pool("mp-0", { providerID: SET }),
    want: "edge-pools/mp-0",
  },
  { name: "one that is not known yet has upstream's defaults", pool: pool("mp-0"), want: "edge/mp-0" },
  { name: "a Windows pool of a short name keeps it", pool: pool("mp-123456", windows), want: "edge/mp-123456" },
  { name: "a Windows pool of a long name is shortened", pool: pool("machines-1234", windows), want: "edge/win--1234" },
  { name: "a Linux pool of a long name is not", pool: pool("machines-1234"), want: "edge/machines-1234" },
];
for (const { name, pool: given, want } of groups) test(name, () => assert.equal(groupNameOf(given), want));

test("a group's name leads back to its pool, except for a shortened one", () => {
  assert.equal(poolNameOf("edge/mp-0"), "mp-0");
  assert.equal(poolNameOf("edge/win-12345"), undefined);
  assert.equal(splitGroupName("no-such-group"), undefined);
  assert.equal(splitGroupName("a/b/c"), undefined);
});

test("ids of machines survive a round, in any case of their fixed parts and group", () => {
  const segment = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  fc.assert(
    fc.property(segment, segment, fc.nat(), fc.boolean(), (group, set, number, isUniform) => {
      const path = isUniform ? `virtualMachineScaleSets/${set}/virtualMachines/${number}` : `virtualMachines/${set}`;
      const id = `/subscriptions/1111/resourceGroups/${group}/providers/Microsoft.Compute/${path}`;
      const read = parseMachineId(id.replace(`/resourceGroups/${group}/`, `/RESOURCEGROUPS/${group.toUpperCase()}/`));
      assert.ok(read);
      assert.equal(providerIdOf(read), `azure://${id}`);
      assert.equal(machineNameOf(read), isUniform ? `${set}_${number}` : set);
    }),
  );
});

const seen = (provisioningState: string, powerState: string) => ({
  id: { mode: "Flexible", subscriptionId: "s", resourceGroup: "g", name: "n" } as const,
  provisioningState,
  powerState,
});
const states: { name: string; machine: Parameters<typeof machineState>[0]; want: string }[] = [
  { name: "a machine that runs", machine: seen("Succeeded", "running"), want: "running" },
  { name: "a machine that boots", machine: seen("Creating", "starting"), want: "running" },
  { name: "a machine that is being deleted leaves", machine: seen("Deleting", "running"), want: "leaving" },
  { name: "a machine that is being deallocated leaves", machine: seen("Updating", "deallocating"), want: "leaving" },
  {
    name: "a Spot machine that was evicted and kept serves no more",
    machine: seen("Succeeded", "deallocated"),
    want: "gone",
  },
  { name: "a machine whose host failed may come back", machine: seen("Failed", "stopped"), want: "running" },
  { name: "a machine of which nothing is told", machine: seen("", ""), want: "running" },
  { name: "no machine", machine: undefined, want: "gone" },
];
for (const { name, machine, want } of states) test(name, () => assert.equal(machineState(machine).state, want));

test("a hold of several machines says whom it holds, and one of a machine that nobody shares it", () => {
  const event = {
    eventId: "e",
    resourceId: SET.slice("azure://".length),
    eventType: "Terminate",
    notBefore: "2026-11-20T10:00:00Z",
  };
  assert.deepEqual(termsOf({ azureScheduledEvent: { ...event, machines: ["a", "b"] } }), {
    names: ["scheduled event Terminate e of edge-pools/mp-0"],
    sharedBy: ["a", "b"],
  });
  assert.deepEqual(termsOf({ azureScheduledEvent: { ...event, machines: ["a"] } }).sharedBy, undefined);
  assert.deepEqual(termsOf({}), { names: [] });
});

const MACHINE = `${SET.toLowerCase().replace("microsoft.compute", "Microsoft.Compute")}/virtualMachines/4`;
test("a pool tells of each machine what its status knows, and which are of an older model", () => {
  const providerID = MACHINE;
  const given = pool(
    "mp-0",
    { template: { spotVMOptions: {} } },
    {
      instances: [
        { providerID, latestModelApplied: false, provisioningState: "Updating" },
        { providerID: "other", latestModelApplied: true },
      ],
    },
  );
  const wish = azureMachineOf(given, providerID);
  assert.deepEqual(wish?.spec, { providerID, instanceID: "4" });
  assert.equal(wish.status.latestModelApplied, false);
  assert.equal(wish.status.provisioningState, "Updating");
  assert.equal(wish.interruptible, true);
  assert.deepEqual([...outdatedMachines(given)], [providerID]);
  assert.equal(azureMachineOf(given, "aws:///a/i-0"), undefined);
});
