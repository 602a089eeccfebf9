/** What Azure accepted and then failed at is asked for again: not at once, and not another wish later than that. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AzureChange } from "../../../../lib/providers/azure/pool/changes.ts";
import { nextChange } from "../../../../lib/providers/azure/pool/next-change.ts";
import { modelAsked, sizeAsked } from "../../../../lib/providers/azure/pool/retries.ts";
import { rolloutStep } from "../../../../lib/providers/azure/pool/rollout.ts";
import type { Creation } from "../../../../lib/providers/azure/pool/sight.ts";
import { aPool, type Overrides } from "./objects.ts";
import { aSight, aWish, NOW } from "./sights.ts";

const creation: Creation = { networkProfile: { networkInterfaceConfigurations: [] } };
const { spec } = aPool();
const otherImage: Overrides = { template: { image: { id: "/subscriptions/s/images/other" } } };
const did = (change: AzureChange | undefined) => change && `${change.do} ${change.because}`;

test("what Azure accepted and failed is tried again after a while, another wish at once", async () => {
  const sight = { ...(await aSight()), wish: await aWish(otherImage), creation };
  assert.ok(sight.wish);
  const failed = (asked: string, seconds: number, code = "SkuNotAvailable") =>
    ({
      type: "PUT",
      token: "t",
      asked,
      status: "failed",
      code,
      message: "m",
      endTime: new Date(NOW.getTime() - seconds * 1000),
    }) as const;
  const asked = modelAsked(sight.wish);
  assert.equal(nextChange({ ...sight, operation: failed(asked, 300) }, spec), undefined);
  assert.equal(did(nextChange({ ...sight, operation: failed(asked, 601) }, spec)), "UpdateScaleSet ModelChanged");
  assert.equal(did(nextChange({ ...sight, operation: failed("other", 1) }, spec)), "UpdateScaleSet ModelChanged");
  assert.equal(
    did(nextChange({ ...sight, operation: failed(asked, 16, "OperationPreempted") }, spec)),
    "UpdateScaleSet ModelChanged",
  );
});

test("instances that Azure did not make are asked for again, not sooner than it makes sense", async () => {
  const quiet = await aSight();
  const { scaleSet } = quiet;
  assert.ok(scaleSet);
  const short = { ...quiet, scaleSet: { ...scaleSet, capacity: 5, provisioningState: "Failed" } };
  const operation = (seconds: number) =>
    ({
      type: "PATCH",
      token: "t",
      asked: sizeAsked(short, 5),
      status: "failed",
      code: "OverconstrainedZonalAllocationRequest",
      message: "m",
      endTime: new Date(NOW.getTime() - seconds * 1000),
    }) as const;
  assert.equal(nextChange({ ...short, operation: operation(299) }, spec), undefined);
  assert.equal(
    did(nextChange({ ...short, operation: operation(301) }, spec)),
    "AskAgain OverconstrainedZonalAllocationRequest",
  );
  const wish = { replicas: 7, externallyManaged: false, leaving: new Map() };
  const tried = { ...operation(10), asked: sizeAsked(short, 7) };
  assert.equal(rolloutStep({ ...short, operation: tried }, undefined, wish).step.desired, 5);
  assert.equal(rolloutStep({ ...short, operation: operation(10) }, undefined, wish).step.desired, 7);
});
