/** What a person reads while a scale set is on its way: which model, how many instances, what happens next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { conditionsOf } from "../../../../lib/providers/azure/pool/conditions.ts";
import type { AzureSight } from "../../../../lib/providers/azure/pool/sight.ts";
import { MODEL_TAG } from "../../../../lib/providers/azure/pool/tags.ts";
import { aSight, withoutSet } from "./sights.ts";

const IMAGE = "capi-ubun2-2404 1.34.0";
const MODEL = `Standard_D4s_v5 with image ${IMAGE}`;
const inState = (sight: AzureSight, provisioningState: string, tags: object = {}): AzureSight => ({
  ...sight,
  ...(sight.scaleSet && {
    scaleSet: { ...sight.scaleSet, provisioningState, tags: { ...sight.scaleSet.tags, ...tags } },
  }),
});
/** One machine of two was made of another image. */
const withOld = (sight: AzureSight): AzureSight => ({
  ...sight,
  machines: sight.machines.map((one, index) => (index === 0 ? { ...one, image: { id: "/older" } } : one)),
});

interface Row {
  readonly name: string;
  readonly sight: () => Promise<AzureSight>;
  readonly type: string;
  readonly want: string;
}

const rows: readonly Row[] = [
  {
    name: "no set yet",
    sight: () => withoutSet(),
    type: "BootstrapSucceeded",
    want: `there is no scale set workers-a in resource group edge-pools yet: it is made with 2 instances of ${MODEL}`,
  },
  {
    name: "no set, and a person must mend the wish",
    sight: async () => {
      const { wish: _, ...rest } = await withoutSet({}, { problem: { reason: "X", message: "x" } });
      return rest;
    },
    type: "BootstrapSucceeded",
    want: "there is no scale set workers-a in resource group edge-pools, and none is made until what ScaleSetRunning says is mended",
  },
  {
    name: "a set that is made",
    sight: async () => inState(await aSight(), "Creating"),
    type: "ScaleSetRunning",
    want: `Azure is making scale set workers-a in resource group edge-pools with 2 instances of ${MODEL}: they join when they have booted`,
  },
  {
    name: "machines of an older model, and a set of the new one",
    sight: async () => withOld(await aSight()),
    type: "ScaleSetModelUpdated",
    want: `1 of 2 instances are of an older model than ${MODEL}: each of them is drained, deleted and replaced by a new one`,
  },
  {
    name: "a set of the old model",
    sight: async () => inState(await aSight(), "Succeeded", { [MODEL_TAG]: "another" }),
    type: "ScaleSetModelUpdated",
    want: `2 of 2 instances are of an older model than ${MODEL}: the scale set is given the new one first, then each of them is drained and replaced`,
  },
  {
    name: "a set that is given its model",
    sight: async () => inState(await aSight(), "Updating"),
    type: "ScaleSetModelUpdated",
    want: "Azure is updating the scale set; none of its 2 instances is of an older model",
  },
  {
    name: "machines of an older model in a pool that goes",
    sight: async () => ({ ...withOld(await aSight()), deleting: true }),
    type: "ScaleSetModelUpdated",
    want: `1 of 2 instances are of an older model than ${MODEL}: they go with the pool`,
  },
  {
    name: "a pool that goes, with machines left",
    sight: async () => ({ ...(await aSight()), deleting: true }),
    type: "BootstrapSucceeded",
    want: "2 instances of scale set workers-a in resource group edge-pools left: each is drained and deleted, then the set goes",
  },
];
for (const { name, sight, type, want } of rows)
  test(name, async () => {
    const said = conditionsOf({ sight: await sight(), ready: 2, failed: undefined });
    assert.equal(said.find((one) => one.type === type)?.message, want);
  });

test("nothing is said beside what is well", async () => {
  const said = conditionsOf({ sight: await aSight(), ready: 2, failed: undefined });
  assert.deepEqual([...new Set(said.map(({ status, message }) => `${status} ${message}`))], ["True undefined"]);
});
