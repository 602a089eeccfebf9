/** What differs first and what is asked of Azure for it: one row for each rule, each changing one thing in a quiet sight. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AzureMachinePoolSpec } from "../../../../lib/api/azure/azure-machine-pool.ts";
import type { AzureChange } from "../../../../lib/providers/azure/pool/changes.ts";
import { nextChange, nextRemoval } from "../../../../lib/providers/azure/pool/next-change.ts";
import { rolloutStep } from "../../../../lib/providers/azure/pool/rollout.ts";
import type { AzureSight, Creation, ScaleSetFacts } from "../../../../lib/providers/azure/pool/sight.ts";
import { MODEL_TAG, MODEL_TIME_TAG } from "../../../../lib/providers/azure/pool/tags.ts";
import { aPool, type Overrides } from "./objects.ts";
import { aMachine, aSight, aWish, NOW, setOf, withoutSet } from "./sights.ts";

const creation: Creation = { networkProfile: { networkInterfaceConfigurations: [] } };
const spec = (overrides: Overrides = {}): AzureMachinePoolSpec => aPool(overrides).spec;
const otherImage: Overrides = { template: { image: { id: "/subscriptions/s/images/other" } } };
/** The set is as it was made; the wish has changed since. */
const changed = async (overrides: Overrides, more: Partial<AzureSight> = {}) =>
  aSight(overrides, { scaleSet: setOf(await aWish({ replicas: 2 })), creation, ...more });
const did = (change: AzureChange | undefined) => change && `${change.do} ${change.because}`;
const without = (sight: AzureSight, key: string): AzureSight => {
  if (!sight.scaleSet) return sight;
  const { [key]: _gone, ...tags } = sight.scaleSet.tags;
  return { ...sight, scaleSet: { ...sight.scaleSet, tags } };
};

const withSet = (sight: AzureSight, more: Partial<ScaleSetFacts>): AzureSight =>
  sight.scaleSet ? { ...sight, scaleSet: { ...sight.scaleSet, ...more } } : sight;
const POLICY = "/subscriptions/s/resourcegroups/g/providers/microsoft.managedidentity/userassignedidentities/policy";

const rows: { name: string; sight: () => Promise<AzureSight>; overrides?: Overrides; want: string | undefined }[] = [
  { name: "a set that is as wished needs nothing", sight: () => aSight(), want: undefined },
  { name: "no set is made", sight: () => withoutSet({}, { creation }), want: "CreateScaleSet NoScaleSet" },
  { name: "nothing is made before its size is known to exist", sight: () => withoutSet(), want: undefined },
  {
    name: "what a person must mend first stops everything",
    sight: () => withoutSet({}, { creation, problem: { reason: "X", message: "x" } }),
    want: undefined,
  },
  {
    name: "a foreign set is not touched",
    sight: () => withoutSet({}, { creation, foreign: { reason: "X", message: "x" } }),
    want: undefined,
  },
  { name: "another image is a model change", sight: () => changed(otherImage), want: "UpdateScaleSet ModelChanged" },
  {
    name: "another size is a model change",
    sight: () => changed({ template: { vmSize: "Standard_D8s_v5" } }),
    want: "UpdateScaleSet ModelChanged",
  },
  {
    name: "another disk is one, which upstream does not see",
    sight: () => changed({ template: { osDisk: { osType: "Linux", diskSizeGB: 128 } } }),
    want: "UpdateScaleSet ModelChanged",
  },
  {
    name: "another notification time is one",
    sight: () => changed({ template: { terminateNotificationTimeout: 10 } }),
    want: "UpdateScaleSet ModelChanged",
  },
  {
    name: "other zones are sent and roll nothing",
    sight: () => changed({ failureDomains: ["1", "2"] }),
    want: "UpdateScaleSet ZonesChanged",
  },
  {
    name: "another identity is sent and rolls nothing",
    sight: () => changed({ spec: { identity: "SystemAssigned" } }),
    want: "UpdateScaleSet IdentityChanged",
  },
  {
    name: "another token alone sends nothing",
    sight: () => changed({ bootstrap: { secretName: "s", format: "cloud-config", value: Buffer.from("x") } }),
    want: undefined,
  },
  {
    name: "another token is sent where somebody else adds machines",
    sight: () =>
      changed({ managedBy: "x", bootstrap: { secretName: "s", format: "cloud-config", value: Buffer.from("x") } }),
    want: "UpdateScaleSet CustomDataChanged",
  },
  {
    name: "an identity that somebody else gave the set is no difference",
    sight: async () => withSet(await aSight(), { identity: { system: true, userAssigned: [POLICY] } }),
    want: undefined,
  },
  {
    name: "zones that are wished for no longer are none: Azure cannot take them away",
    sight: async () => withSet(await aSight(), { zones: ["1", "2"] }),
    want: undefined,
  },
  {
    name: "another image by somebody else's hand is put right",
    sight: async () => withSet(await aSight(), { image: { id: "/subscriptions/s/images/by-hand" } }),
    want: "UpdateScaleSet ImageChangedByOthers",
  },
  {
    name: "another size by somebody else's hand is put right",
    sight: async () => withSet(await aSight(), { size: "Standard_D2s_v5" }),
    want: "UpdateScaleSet SizeChangedByOthers",
  },
  {
    name: "a set that failed is asked for the same again, stored operation or not",
    sight: async () => withSet(await aSight(), { provisioningState: "Failed" }),
    want: "AskAgain Failed",
  },
  {
    name: "a set of upstream's gets our tags",
    sight: async () => without(await aSight(), MODEL_TAG),
    want: "UpdateScaleSet ModelTakenOver",
  },
  {
    name: "while an operation runs nothing is sent",
    sight: () => changed(otherImage, { operation: { type: "PUT", token: "t", asked: "a", status: "running" } }),
    want: undefined,
  },
  {
    name: "while the set says that it is being updated nothing is sent, stored operation or not",
    sight: async () => {
      const sight = await changed(otherImage);
      return { ...sight, ...(sight.scaleSet && { scaleSet: { ...sight.scaleSet, provisioningState: "Updating" } }) };
    },
    want: undefined,
  },
  {
    name: "an additional tag is merged",
    sight: () => changed({ spec: { additionalTags: { team: "a" } } }),
    want: "TagScaleSet Tags",
  },
  {
    name: "a tag that is wished no longer goes, those of others stay",
    sight: async () => {
      const sight = await aSight({}, { appliedTags: { team: "a" } });
      const tags = { ...sight.scaleSet?.tags, team: "a", cost: "b" };
      return { ...sight, ...(sight.scaleSet && { scaleSet: { ...sight.scaleSet, tags } }) };
    },
    want: "UntagScaleSet Tags",
  },
  {
    name: "a machine that Azure might choose is protected",
    sight: async () => {
      const sight = await aSight();
      return { ...sight, machines: sight.machines.map((one) => ({ ...one, protectedFromScaleIn: false })) };
    },
    want: "ProtectInstances Unprotected",
  },
  {
    name: "a role that is missing is given",
    sight: async () => {
      const overrides: Overrides = { spec: { identity: "SystemAssigned" } };
      const wish = await aWish({ replicas: 2, ...overrides });
      return aSight(overrides, { scaleSet: setOf(wish, { principalId: "p" }), roleAssigned: "missing" });
    },
    want: "AssignRole RoleMissing",
  },
  {
    name: "a role of another principal is taken away first",
    sight: async () => {
      const overrides: Overrides = { spec: { identity: "SystemAssigned" } };
      const wish = await aWish({ replicas: 2, ...overrides });
      return aSight(overrides, { scaleSet: setOf(wish, { principalId: "p" }), roleAssigned: "other" });
    },
    want: "UnassignRole OtherPrincipal",
  },
];
for (const { name, sight, want } of rows)
  test(name, async () => assert.equal(did(nextChange(await sight(), spec())), want));

test("a model change keeps others' tags, tells when it was, carries a first replacement and leaves the networks", async () => {
  const sight = await changed(otherImage);
  const set = sight.scaleSet;
  assert.ok(set);
  const change = nextChange({ ...sight, scaleSet: { ...set, tags: { ...set.tags, cost: "b" } } }, spec());
  assert.ok(change?.do === "UpdateScaleSet");
  const { body } = change.input.parameters;
  assert.equal(body.tags?.cost, "b");
  assert.equal(body.tags?.[MODEL_TIME_TAG], NOW.toISOString());
  assert.equal(body.sku?.capacity, 3);
  assert.equal(body.virtualMachineProfile?.networkProfile, undefined);
  assert.equal(change.input.etag, '"7"');
});

test("what others did is put right without rolling those that were right", async () => {
  const sight = withSet(await aSight(), { image: { id: "/subscriptions/s/images/by-hand" } });
  const change = nextChange(sight, spec());
  assert.ok(change?.do === "UpdateScaleSet");
  assert.equal(change.input.parameters.body.tags?.[MODEL_TIME_TAG], undefined);
  assert.equal(change.input.parameters.body.sku?.capacity, 2);
  const { step } = rolloutStep(sight, undefined, { replicas: 2, externallyManaged: false, leaving: new Map() });
  assert.deepEqual([step.desired, step.victims], [2, []]);
});

test("while the model waits for a person nothing is replaced: an old one would come for an old one", async () => {
  const sight = await changed(
    { template: { vmSize: "Standard_None" } },
    { problem: { reason: "X", message: "no such size" } },
  );
  assert.equal(nextChange(sight, spec()), undefined);
  const { step } = rolloutStep(sight, undefined, { replicas: 2, externallyManaged: false, leaving: new Map() });
  assert.deepEqual([step.desired, step.victims], [2, []]);
});

test("a set that is taken over keeps its number and tells no time", async () => {
  const change = nextChange(without(await aSight(), MODEL_TAG), spec());
  assert.ok(change?.do === "UpdateScaleSet");
  assert.equal(change.input.parameters.body.sku?.capacity, 2);
  assert.equal(change.input.parameters.body.tags?.[MODEL_TIME_TAG], undefined);
});

test("the last things go in their order: the set, then the role, then nothing", async () => {
  const { wish, ...sight } = await aSight({ spec: { identity: "SystemAssigned" } });
  const role = wish?.roleAssignment;
  assert.ok(role && sight.scaleSet);
  const going = { ...sight, deleting: true, role };
  assert.equal(did(nextRemoval(going)), "DeleteScaleSet PoolDeleted");
  const deleting = { ...going, scaleSet: { ...sight.scaleSet, provisioningState: "Deleting" } };
  assert.equal(nextRemoval(deleting), undefined);
  const { scaleSet: _set, ...gone } = going;
  assert.equal(did(nextRemoval({ ...gone, roleAssigned: "other" })), "UnassignRole PoolDeleted");
  assert.equal(nextRemoval({ ...gone, roleAssigned: "missing" }), undefined);
});

test("an evicted Spot machine that Azure keeps is replaced like a failed one", async () => {
  const sight = await aSight();
  const [first, second] = sight.machines;
  assert.ok(first && second);
  const evicted = { ...sight, machines: [first, { ...second, deallocated: true }] };
  const { step } = rolloutStep(evicted, undefined, { replicas: 2, externallyManaged: false, leaving: new Map() });
  assert.deepEqual(
    step.victims.map((one) => one.split("/").at(-1)),
    ["2"],
  );
});

test("a drain that a person took back is begun again last", async () => {
  const wish = await aWish({ replicas: 1 });
  const machines = [1, 2, 3].map((number) => aMachine(number, { image: wish.imageReference }));
  const sight = await aSight({ replicas: 1 }, { machines, scaleSet: setOf(wish, { capacity: 3 }) });
  const id = `azure:///subscriptions/${wish.id.subscriptionId}/resourceGroups/edge-pools/providers/Microsoft.Compute/virtualMachineScaleSets/workers-a/virtualMachines/1`;
  const leaving = new Map([[id, { record: "cancelled" as const }]]);
  const { step } = rolloutStep(sight, undefined, { replicas: 1, externallyManaged: false, leaving });
  assert.deepEqual(
    step.victims.map((one) => one.split("/").at(-1)),
    ["3", "2"],
  );
});
