/** Calls that fail before or after they took effect, in any order: the pool still comes to its wish, and only once. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { AwsMachinePoolSpec } from "../../../../lib/api/aws/aws-machine-pool.ts";
import { ProviderError } from "../../../../lib/providers/errors.ts";
import { joinData, type Overrides, POOL } from "./objects.ts";
import { converge, drainFor, type PoolRig, startPoolRig } from "./rig.ts";

const WRITES = [
  "CreateLaunchTemplate",
  "CreateLaunchTemplateVersion",
  "CreateAutoScalingGroup",
  "StartInstanceRefresh",
  "PutLifecycleHook",
  "UpdateAutoScalingGroup",
  "CreateOrUpdateTags",
  "CreateTags",
];
const READS = ["DescribeAutoScalingGroups", "DescribeLaunchTemplates", "DescribeLaunchTemplateVersions"];
const MOST_TRIES = 60;

const fault = fc.record({
  action: fc.constantFrom(...WRITES, ...READS),
  afterEffect: fc.boolean(),
  how: fc.constantFrom({ drop: true }, { code: "Throttling" }, { code: "InternalFailure", status: 500 }),
});

const spec: AwsMachinePoolSpec = { additionalTags: { team: "web" }, minSize: 0 };
const chapters: readonly Overrides[] = [
  {},
  { spec, bootstrap: joinData("zyxwvu.0123456789abcdef") },
  { spec, bootstrap: joinData(undefined, "gpu") },
];

/** As the queue does: a pass that failed comes again. */
async function persist(rig: PoolRig, wish: Overrides): Promise<readonly string[]> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      return (await converge(rig, wish)).did;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
    }
  }
  throw new Error("the pool does not come to its wish");
}

test("whatever call fails, the end is the same", async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 8 }), async (faults) => {
      const rig = await startPoolRig(context);
      for (const { action, afterEffect, how } of faults) rig.aws.inject({ action, afterEffect, ...how, times: 1 });
      for (const wish of chapters) {
        await persist(rig, wish);
        await drainFor(rig, 1500);
        await persist(rig, wish);
      }
      const [wish = {}] = chapters.slice(-1);
      const { did, sight } = await converge(rig, wish);
      assert.deepEqual(did, []);
      assert.equal(sight.group?.instances.length, 3);
      assert.ok(sight.group?.instances.every(({ upToDate }) => upToDate));
      const members = rig.cloud.instances().filter(({ member }) => member?.group === POOL);
      assert.ok(members.every(({ tags }) => tags.team === "web"));
    }),
    { numRuns: 12, seed: 20261120 },
  );
});
