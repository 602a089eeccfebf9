/** Several messages lead to one pool at the same time: their passes promise one look, not one each. */
import { deepStrictEqual } from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Key } from "../../../lib/api/key.ts";
import { poolLook } from "../../../lib/reconcile/pool-look.ts";
import { POOL_KEY, type PoolRig, startPoolRig } from "./rig.ts";

/** A pool that runs, its queue, and passes that lose a race: each wants to come again after a second. */
async function startLooks(t: TestContext) {
  const rig = await startPoolRig(t);
  await rig.untilQuiet();
  await rig.scaleTo(5);
  const asked: number[] = [];
  const queue = {
    again: async (_: Key, afterSeconds: number) => void asked.push(afterSeconds),
    sendAll: async () => {},
  };
  const promised = new Map<string, number>();
  let size = 6;
  const lose = () => rig.scaleTo(size++);
  const look = async (meanwhile: () => Promise<unknown>) => {
    const world = { ...rig.poolWorld, poolProviders: rig.poolWorld.poolProviders.map((one) => during(one, meanwhile)) };
    const { did } = await poolLook({ world, queue, promised, labelled: [] }, POOL_KEY);
    deepStrictEqual(did, "conflicted");
  };
  return { rig, asked, look, lose };
}

type Provider = PoolRig["poolWorld"]["poolProviders"][number];

const during = (provider: Provider, happen: () => Promise<unknown>): Provider => ({
  ...provider,
  open: async (request) => {
    const opened = await provider.open(request);
    await happen();
    return opened;
  },
});

test("two passes beside each other that both want to come again promise one look", async (t) => {
  const { asked, look, lose } = await startLooks(t);
  await look(() => look(lose));
  deepStrictEqual(asked, [1]);
});

test("the pass that the promised look brings may promise the next", async (t) => {
  const { rig, asked, look, lose } = await startLooks(t);
  await look(lose);
  rig.clock.advance(1);
  await look(lose);
  deepStrictEqual(asked, [1, 1]);
});
