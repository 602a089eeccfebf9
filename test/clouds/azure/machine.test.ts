/** The AzureMachinePoolMachine of an instance: named as upstream names it, and as ready as its Node. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AzureInstanceStatus } from "../../../lib/api/azure/azure-machine-pool.ts";
import { azureMachineOf, outdatedMachines } from "../../../lib/providers/azure/machine.ts";
import { aPool } from "./pool/objects.ts";

const GROUP = "azure:///subscriptions/s/resourceGroups/edge-pools/providers/Microsoft.Compute";
const UNIFORM = `${GROUP}/virtualMachineScaleSets/workers-a/virtualMachines/4`;
const FLEXIBLE = `${GROUP}/virtualMachines/workers-a_4f2a9c1d`;
const NODE = { name: "workers-a000004", uid: "node-uid", ready: true, version: "v1.33.2" };

const poolWith = (...instances: readonly AzureInstanceStatus[]) => {
  const pool = aPool({ status: { instances } });
  return { ...pool, metadata: { ...pool.metadata, labels: { "cluster.x-k8s.io/cluster-name": "blue" } } };
};
const seen = (provisioningState: string, latestModelApplied = true) =>
  poolWith({ providerID: UNIFORM, provisioningState, latestModelApplied });

test("a Uniform instance has its number for an id, a Flexible one its name, and both upstream's names and labels", () => {
  const uniform = azureMachineOf(seen("Succeeded"), UNIFORM);
  assert.deepEqual([uniform?.name, uniform?.spec], ["workers-a-4", { providerID: UNIFORM, instanceID: "4" }]);
  const flexible = azureMachineOf(seen("Succeeded"), FLEXIBLE);
  assert.deepEqual(
    [flexible?.name, flexible?.spec],
    ["workers-a-workers-a-4f2a9c1d", { providerID: FLEXIBLE, instanceID: "workers-a_4f2a9c1d" }],
  );
  assert.deepEqual(uniform?.labels, {
    "azuremachinepool.infrastructure.cluster.x-k8s.io/machine-pool": "workers-a",
    blue: "owned",
  });
});

test("what is no virtual machine has none", () => {
  for (const id of ["aws:///eu-west-1a/i-1", "azure://", `${GROUP}/virtualMachineScaleSets/x`, UNIFORM.slice(8)])
    assert.equal(azureMachineOf(seen("Succeeded"), id), undefined, id);
});

test("Spot is interruptible", () => {
  assert.equal(azureMachineOf(aPool({ template: { spotVMOptions: {} } }), UNIFORM)?.interruptible, true);
  assert.equal(azureMachineOf(aPool(), UNIFORM)?.interruptible, false);
});

const rows: { name: string; state?: string; node?: typeof NODE; before?: object; want: readonly unknown[] }[] = [
  { name: "a Node that is Ready", state: "Succeeded", node: NODE, want: [true, "True", "True"] },
  {
    name: "a Node that is not",
    state: "Succeeded",
    node: { ...NODE, ready: false },
    want: [false, "True", "False Warning NodeConditionsFailed"],
  },
  { name: "no Node yet", state: "Succeeded", want: [false, "True", "False Info NodeProvisioning"] },
  {
    name: "a Node that was there",
    state: "Succeeded",
    before: { nodeRef: { name: "n" } },
    want: [false, "True", "False Error NodeNotFound"],
  },
  {
    name: "an instance that boots",
    state: "Creating",
    want: [false, "False Info Creating", "False Info NodeProvisioning"],
  },
  {
    name: "an instance of which nothing is known yet",
    want: [false, "False Info Creating", "False Info NodeProvisioning"],
  },
  { name: "an instance that failed", state: "Failed", node: NODE, want: [true, "False Error Failed", "True"] },
  { name: "an instance that is being updated", state: "Updating", node: NODE, want: [true, "True", "True"] },
];
for (const { name, state, node, before, want } of rows)
  test(`said of ${name}`, () => {
    const wish = azureMachineOf(state ? seen(state) : poolWith(), UNIFORM);
    const told = wish?.withNode?.(node, before as Readonly<Record<string, unknown>> | undefined);
    const words = (type: string) => {
      const found = told?.conditions.find((one) => one.type === type);
      return [found?.status, found?.severity, found?.reason].filter((one) => one !== undefined).join(" ");
    };
    assert.deepEqual([told?.fields.ready, words("VMRunning"), words("NodeHealthy")], want);
  });

test("its Node is referred to, with its kubelet's version", () => {
  const told = azureMachineOf(seen("Succeeded"), UNIFORM)?.withNode?.(NODE, undefined);
  assert.deepEqual(told?.fields, {
    ready: true,
    nodeRef: { apiVersion: "v1", kind: "Node", name: NODE.name, uid: NODE.uid },
    version: "v1.33.2",
  });
});

test("those of an older model are told apart", () => {
  assert.deepEqual([...outdatedMachines(seen("Succeeded", false))], [UNIFORM]);
  assert.deepEqual([...outdatedMachines(seen("Succeeded"))], []);
});
