/** A pass over a pool may die before or after any of its calls: the end is that of an undisturbed run. */
import { deepStrictEqual, ok } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { awsMachinePools } from "../../../lib/api/aws/aws-machine-pool.ts";
import type { PoolProvider } from "../../../lib/providers/pool-provider.ts";
import { poolStep } from "../../../lib/reconcile/pool-step.ts";
import type { PoolWorld } from "../../../lib/reconcile/step.ts";
import { NAMESPACE } from "../../support/builders.ts";
import { Died, dyingWorld } from "../support/dying.ts";
import { NAME, POOL_KEY, type PoolRig, startPoolRig } from "./rig.ts";

const PASSES = 4;

/** Dies at the n-th write to the cloud. */
function dyingProvider(provider: PoolProvider, atCall: number, after: boolean): PoolProvider {
  let calls = 0;
  const around = async (call: () => Promise<void>): Promise<void> => {
    calls++;
    if (calls !== atCall) return call();
    if (after) await call();
    throw new Died(`at cloud call ${calls}`);
  };
  return {
    ...provider,
    open: async (request) => {
      const opened = await provider.open(request);
      if ("waiting" in opened) return opened;
      return {
        ...opened,
        apply: (change) => around(() => opened.apply(change)),
        scale: (sight, replicas) => around(() => opened.scale(sight, replicas)),
      };
    },
  };
}

async function passesIn(rig: PoolRig, world: PoolWorld): Promise<void> {
  for (let pass = 0; pass < PASSES; pass++) {
    await poolStep(world, POOL_KEY).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
    await rig.pass(2);
  }
  await rig.untilQuiet();
}

async function endOf(rig: PoolRig) {
  const asked = rig.cloud.calls.filter(({ operation }) => operation === "terminate").length;
  const instances = (await rig.instances()).map((one) => one.replace(/^\S+ /, ""));
  const pool = await rig.pool().catch(() => undefined);
  const ready = pool?.status?.conditions?.find(({ type }) => type === "Ready")?.status;
  return { asked, instances, ready, records: (await rig.terminations()).length };
}

const running = (count: number) => Array.from({ length: count }, () => "running");
const stories: { name: string; prepare: (rig: PoolRig) => Promise<void>; want: Awaited<ReturnType<typeof endOf>> }[] = [
  {
    name: "a pool is made",
    prepare: async () => {},
    want: { asked: 0, instances: running(2), ready: "True", records: 0 },
  },
  {
    name: "a pool gets smaller",
    prepare: async (rig) => {
      await rig.untilQuiet();
      await rig.scaleTo(1);
    },
    want: { asked: 1, instances: running(1), ready: "True", records: 1 },
  },
  {
    name: "a pool goes",
    prepare: async (rig) => {
      await rig.untilQuiet();
      await rig.management.delete(awsMachinePools, { namespace: NAMESPACE, name: NAME });
    },
    want: { asked: 2, instances: [], ready: undefined, records: 2 },
  },
];

type Dying = (world: PoolWorld, atCall: number, after: boolean) => PoolWorld;
const deaths: { where: string; most: number; dying: Dying }[] = [
  {
    where: "Kubernetes call",
    most: 12,
    dying: (world, atCall, after) => ({
      ...world,
      ...dyingWorld(world, atCall, after),
      poolProviders: world.poolProviders,
    }),
  },
  {
    where: "cloud call",
    most: 3,
    dying: (world, atCall, after) => ({
      ...world,
      poolProviders: world.poolProviders.map((provider) => dyingProvider(provider, atCall, after)),
    }),
  },
];

for (const { name, prepare, want } of stories)
  for (const { where, most, dying } of deaths)
    test(`${name}, whichever ${where} a pass dies at`, async (t: TestContext) => {
      for (let atCall = 1; atCall <= most; atCall++)
        for (const after of [false, true]) {
          const rig = await startPoolRig(t, { replicas: 2 });
          await prepare(rig);
          await passesIn(rig, dying(rig.poolWorld, atCall, after));
          deepStrictEqual(await endOf(rig), want, `${after ? "after" : "before"} call ${atCall}`);
          ok(rig.writes().length > 0);
        }
    });
