/** A pass that hung in a call of the cloud decides by what it read before: it must not ask the cloud for a size that is past. */
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import { machinePools } from "../../../lib/api/core/machine-pool.ts";
import type { PoolProvider, PoolSight } from "../../../lib/providers/pool-provider.ts";
import { poolStep } from "../../../lib/reconcile/pool-step.ts";
import { POOL_KEY, type PoolRig, startPoolRig } from "./rig.ts";

/** While the pass looks at the cloud, this happens. */
const passDuring = ({ poolWorld }: PoolRig, happen: () => Promise<void>) =>
  poolStep(
    {
      ...poolWorld,
      poolProviders: poolWorld.poolProviders.map((provider) => ({
        ...provider,
        open: async (request) => {
          const opened = await provider.open(request);
          await happen();
          return opened;
        },
      })),
    },
    POOL_KEY,
  );

/** A pass whose cloud shows what it was before. */
const passSeeing = ({ poolWorld }: PoolRig, sight: PoolSight) => {
  const late = (provider: PoolProvider): PoolProvider => ({
    ...provider,
    open: async (request) => {
      const opened = await provider.open(request);
      return "observe" in opened ? { ...opened, observe: async () => sight } : opened;
    },
  });
  return poolStep({ ...poolWorld, poolProviders: poolWorld.poolProviders.map(late) }, POOL_KEY);
};

async function sightOf(rig: PoolRig): Promise<PoolSight> {
  const seen: PoolSight[] = [];
  const keeping = (provider: PoolProvider): PoolProvider => ({
    ...provider,
    open: async (request) => {
      const opened = await provider.open(request);
      if ("observe" in opened) seen.push(await opened.observe());
      return opened;
    },
  });
  await poolStep({ ...rig.poolWorld, poolProviders: rig.poolWorld.poolProviders.map(keeping) }, POOL_KEY);
  const [sight] = seen;
  if (!sight) throw new Error("the pass has not looked at the cloud");
  return sight;
}

const cases = [
  { name: "more were wanted, and meanwhile one fewer", before: 5, meanwhile: 2 },
  { name: "fewer were wanted, and meanwhile more", before: 2, meanwhile: 5 },
];
for (const { name, before, meanwhile } of cases) {
  test(`${name}: the pass comes again, and nothing was asked for`, async (t) => {
    const rig = await startPoolRig(t);
    await rig.untilQuiet();
    await rig.scaleTo(before);
    const instances = await rig.instances();
    const { did, againSeconds } = await passDuring(rig, () => rig.scaleTo(meanwhile));
    deepStrictEqual({ did, againSeconds }, { did: "conflicted", againSeconds: 1 });
    deepStrictEqual(await rig.instances(), instances);
    deepStrictEqual(await rig.terminations(), []);
  });
}

test("more were wanted, and meanwhile the pool is deleted: nothing is launched", async (t) => {
  const rig = await startPoolRig(t, { machinePoolMeta: { finalizers: ["example.com/kept"] } });
  await rig.untilQuiet();
  await rig.scaleTo(5);
  const instances = await rig.instances();
  const { namespace = "", name } = (await rig.machinePool()).metadata;
  const { did } = await passDuring(rig, () => rig.management.delete(machinePools, { namespace, name }));
  deepStrictEqual(did, "conflicted");
  deepStrictEqual(await rig.instances(), instances);
});

test("the pool is gone when its status is to be written: that is no failure", async (t) => {
  const rig = await startPoolRig(t);
  await rig.step();
  const { metadata } = await rig.pool();
  const outcome = await passDuring(rig, async () => {
    await rig.patchPool({ metadata: { finalizers: null } });
    await rig.management.delete(awsMachinePools, { namespace: metadata.namespace ?? "", name: metadata.name });
  });
  deepStrictEqual(outcome.did, "changed");
});

test("what was taken out is still shown in service, and the wish is taken back: nobody is launched beside it", async (t) => {
  const rig = await startPoolRig(t);
  await rig.untilQuiet();
  await rig.scaleTo(2);
  await rig.step();
  const shown = await sightOf(rig);
  while ((await rig.terminations()).every(({ status }) => status?.releaseTime === undefined)) {
    rig.clock.advance(5);
    await rig.drainOpen();
  }
  const instances = await rig.instances();
  await rig.scaleTo(3);
  const { did, because } = await passSeeing(rig, shown);
  deepStrictEqual({ did, because }, { did: "settled", because: "OnItsWay" });
  deepStrictEqual(await rig.instances(), instances);
  deepStrictEqual((await rig.step()).because, "ScaleOut");
});
