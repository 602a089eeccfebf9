/** providerIDs: one spelling for each machine and each scale set, whatever Azure answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type AzureMachineId,
  instanceIdOf,
  machineNameOf,
  parseMachineId,
  parseProviderId,
  parseScaleSetId,
  providerIdOf,
  scaleSetId,
  scaleSetProviderId,
} from "../../../../lib/providers/azure/provider-id.ts";

const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const machines: fc.Arbitrary<AzureMachineId> = fc.oneof(
  fc.record({
    mode: fc.constant("Uniform" as const),
    subscriptionId: word,
    resourceGroup: word,
    scaleSet: word,
    number: fc.nat(9999).map(String),
  }),
  fc.record({ mode: fc.constant("Flexible" as const), subscriptionId: word, resourceGroup: word, name: word }),
);
const shouted = (id: string) =>
  id
    .replace("resourceGroups", "RESOURCEGROUPS")
    .replace("Microsoft.Compute", "MICROSOFT.COMPUTE")
    .replace("virtualMachineScaleSets", "virtualmachinescalesets");

test("every machine's providerID is read back, whatever the case that Azure answers in", () => {
  fc.assert(
    fc.property(machines, (id) => {
      const providerID = providerIdOf(id);
      const lower = { ...id, resourceGroup: id.resourceGroup.toLowerCase() };
      assert.deepEqual(parseProviderId(providerID), lower);
      assert.deepEqual(parseProviderId(shouted(providerID)), lower);
      assert.equal(instanceIdOf(providerID), machineNameOf(id).toLowerCase());
      assert.equal(providerIdOf(lower), providerID);
    }),
  );
});

test("any other text is none, and none is thrown at", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const read = parseProviderId(text);
      assert.ok(read === undefined || providerIdOf(read).toLowerCase() === text.toLowerCase());
      assert.equal(parseScaleSetId(`${text}/x`) === undefined || text.includes("/subscriptions/"), true);
    }),
  );
});

const set = { subscriptionId: "s", resourceGroup: "g", name: "mp-0" };
const rows: { name: string; text: string }[] = [
  { name: "without its scheme", text: scaleSetId(set) },
  { name: "a scale set", text: scaleSetProviderId(set) },
  { name: "cut off", text: `${scaleSetProviderId(set)}/virtualMachines/` },
  { name: "with something behind it", text: `${scaleSetProviderId(set)}/virtualMachines/4/extensions/x` },
  { name: "of another cloud", text: "aws:///eu-west-1a/i-0abc" },
];
for (const { name, text } of rows) test(`no machine: ${name}`, () => assert.equal(parseProviderId(text), undefined));

test("a scale set and its machines are told apart", () => {
  assert.deepEqual(parseScaleSetId(scaleSetId(set)), set);
  assert.equal(parseMachineId(scaleSetId(set)), undefined);
  assert.equal(parseScaleSetId(`${scaleSetId(set)}/virtualMachines/4`), undefined);
});
